#include "harness/program.h"

#include "base/clock.h"
#include "base/mem.h"
#include "harness/children.h"
#include "harness/compare.h"
#include "harness/describe.h"
#include "harness/failure.h"
#include "harness/links.h"
#include "harness/report.h"
#include "harness/signals.h"
#include "harness/supervise.h"
#include "harness/terminal.h"
#include "harness/tundevice.h"
#include "sandbox/sandbox.h"
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Pipes --------------------------------------------------------------------------------------------- */

static void end_close(struct pipe_end *e)
{
    if (e->fd < 0)
        return;
    uv_poll_stop(&e->poll);
    close(e->fd);
    e->fd = -1;
}

static void update_typing(Program *p);

static void on_stdin(uv_poll_t *poll, int status, int events)
{
    Program *p = ((struct pipe_end *)poll->data)->owner;

    (void)status, (void)events; /* an error shows in the write */
    outbox_write(&p->typed, p->in.fd);
    if (p->typed.error) {
        step("%s reads no more from its stdin: %s", p->name, strerror(p->typed.error));
        end_close(&p->in);
        return;
    }
    update_typing(p);
}

/* Watches stdin as long as there is something to write, and closes it after that if it is to be closed. */
static void update_typing(Program *p)
{
    if (p->in.fd < 0)
        return;
    if (outbox_pending(&p->typed) > 0)
        uv_poll_start(&p->in.poll, UV_WRITABLE, on_stdin);
    else if (p->in_ends)
        end_close(&p->in);
    else
        uv_poll_stop(&p->in.poll);
}

/* The last n bytes that came, as far as they were kept. */
static void show_output(const struct pipe_end *e, const struct inbox *box, const char *name, uint64_t n)
{
    Bytes kept = inbox_kept(box);
    size_t size = n < kept.size ? (size_t)n : kept.size;

    if (size > 0 && world.run->show_output)
        report_output(e->owner->name, name, (const char *)kept.data + kept.size - size, size);
}

static void read_end(struct pipe_end *e, struct inbox *box, const char *name)
{
    if (e->fd < 0)
        return;
    uint64_t before = box->total;
    inbox_read(box, e->fd);
    show_output(e, box, name, box->total - before);
    if (box->ended)
        end_close(e);
    if (box->dropped && !world.flood)
        world.flood = format("%s has printed %s on %s that nothing had asked for", e->owner->name,
                             count_bytes(box->total - box->taken), name);
}

static void on_stdout(uv_poll_t *poll, int status, int events)
{
    Program *p = ((struct pipe_end *)poll->data)->owner;

    (void)status, (void)events;
    read_end(&p->out, &p->printed, "stdout");
}

static void on_stderr(uv_poll_t *poll, int status, int events)
{
    Program *p = ((struct pipe_end *)poll->data)->owner;

    (void)status, (void)events;
    read_end(&p->err, &p->complained, "stderr");
}

void program_drain(Program *p)
{
    if (!p->out_unread)
        read_end(&p->out, &p->printed, "stdout");
    read_end(&p->err, &p->complained, "stderr");
}

/* Makes a pipe; ours is non-blocking, the program's is not, and both close on exec. */
static void make_pipe(Program *p, struct pipe_end *ours, int *theirs, bool we_write)
{
    int fds[2];
    struct stat st;

    if (pipe2(fds, O_CLOEXEC) < 0)
        world_broken(errno, "A pipe to %s could not be made", p->name);
    ours->owner = p;
    ours->fd = fds[we_write ? 1 : 0];
    *theirs = fds[we_write ? 0 : 1];
    fcntl(ours->fd, F_SETFL, O_NONBLOCK);
    if (fstat(ours->fd, &st) == 0)
        ours->inode = st.st_ino;
    uv_poll_init(&world.loop, &ours->poll, ours->fd);
    ours->poll.data = ours;
}

/* ---- Starting ------------------------------------------------------------------------------------------ */

struct launch { /* everything the child needs, made before the fork */
    const char *path;
    char **argv, **envp;
    int fds[3];    /* its stdin, stdout and stderr; -1: closed */
    int report_fd; /* errno goes here if it cannot be started; closed by a successful exec */
    struct sandbox_spec spec;
    const struct start_options *options;
    struct terminal *terminal;
    const struct supervisor *supervisor; /* NULL: none */
    int inherited_fd;                    /* becomes options->inherited; -1: none */
};

enum launch_stage { LAUNCH_ENTER, LAUNCH_SUPERVISE, LAUNCH_EXEC };

struct launch_failure {
    enum launch_stage stage;
    int error;
};

/* In the child: the signals that the program does not get, from its first instruction on. */
static void inherit_signals(uint64_t blocked, uint64_t ignored)
{
    sigset_t set;

    sigemptyset(&set);
    for (int s = 1; s < 64; s++) {
        if (blocked & 1ull << s)
            sigaddset(&set, s);
        if (ignored & 1ull << s)
            signal(s, SIG_IGN);
    }
    sigprocmask(SIG_SETMASK, &set, NULL);
}

/* In the child, between fork and exec: only async-signal-safe calls. */
static _Noreturn void launch(const struct launch *l)
{
    struct launch_failure failure = {LAUNCH_ENTER, 0};
    const struct start_options *o = l->options;

    children_reset_signals();
    for (int i = 0; i < 3; i++) {
        if (l->fds[i] < 0)
            close(i);
        else
            dup2(l->fds[i], i); /* our descriptors are all above 2 */
    }
    bool there = !o->node || node_enter(o->node) == 0; /* while it still may */
    bool entered =
        there && (l->terminal || sandbox_enter_program(&l->spec) == 0); /* terminal_fork() has done it */
    if (entered && (!o->directory || chdir(o->directory) == 0)) {
        if (o->umask)
            umask((mode_t)o->umask);
        if (l->inherited_fd >= 0)
            dup2(l->inherited_fd, o->inherited); /* unlike the others it stays open across the exec */
        if (o->data_mb)
            setrlimit(RLIMIT_DATA, &(struct rlimit){(rlim_t)o->data_mb << 20, (rlim_t)o->data_mb << 20});
        inherit_signals(o->blocked_signals, o->ignored_signals);
        if (world.run->trace_fd)
            trace_join(world.run->trace_fd, world.began_ns);
        failure.stage = LAUNCH_SUPERVISE;
        if (!l->supervisor || supervisor_enter(l->supervisor) == 0) {
            failure.stage = LAUNCH_EXEC;
            execve(l->path, l->argv, l->envp);
        }
    }
    failure.error = errno;
    ssize_t ignored = write(l->report_fd, &failure, sizeof failure);
    (void)ignored;
    _exit(127);
}

static char **environment_of(const struct start_options *o)
{
    enum { PLAIN = 4 };
    size_t more = 0, n = 0;

    while (o->env && o->env[more])
        more++;
    char **env = xcalloc(PLAIN + more + 1, sizeof *env);
    env[n++] = xstrdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    env[n++] = xasprintf("HOME=%s", world.directory);
    env[n++] = xstrdup("LANG=C.UTF-8");
    env[n++] = xstrdup("TZ=UTC");
    for (size_t i = 0; i < more; i++)
        env[n++] = xstrdup(o->env[i]);
    return env;
}

static char **arguments_of(const char *path, const char *const *arguments)
{
    size_t n = 0;

    while (arguments[n])
        n++;
    char **argv = xcalloc(n + 2, sizeof *argv);
    argv[0] = xstrdup(path);
    for (size_t i = 0; i < n; i++)
        argv[i + 1] = xstrdup(arguments[i]);
    return argv;
}

static const char *why_not_started(int error)
{
    switch (error) {
    case ENOENT:
        return "there is no such file, or the interpreter that its first line names is not installed";
    case EACCES:
        return "it is not executable: chmod +x sets the permission";
    case ENOEXEC:
        return "it is neither a program nor a script with a first line such as #!/bin/sh";
    default:
        return strerror(error);
    }
}

/* Waits until the child has become the program; ends the check if it could not. */
static void await_exec(Program *p, int fd)
{
    struct launch_failure failure;
    ssize_t n;

    while ((n = read(fd, &failure, sizeof failure)) < 0 && errno == EINTR)
        ;
    close(fd);
    if (n != (ssize_t)sizeof failure)
        return;
    if (failure.stage == LAUNCH_ENTER)
        world_broken(failure.error, "The limits of the sandbox could not be set for %s", p->name);
    if (failure.stage == LAUNCH_SUPERVISE)
        skip("This check watches the system calls of %s, which cannot be done here: %s.", p->name,
             strerror(failure.error));
    p->ended = true; /* there never was a program: nothing to show of it */
    waitpid(p->pid, &p->status, 0);
    fail(&(struct failing){.cause = CAUSE_WRONG,
                           .expectation = format("%s can be started", p->name),
                           .observation = format("it cannot: %s", why_not_started(failure.error))});
}

static const char *name_for(const char *path)
{
    size_t same = 1;

    for (Program *p = world.programs; p; p = p->next) {
        size_t len = strlen(path);
        same += strncmp(p->name, path, len) == 0 && (p->name[len] == '\0' || p->name[len] == '#');
    }
    return same == 1 ? path : format("%s#%zu", path, same);
}

static void link_last(Program *p)
{
    Program **at = &world.programs;

    while (*at)
        at = &(*at)->next;
    *at = p;
}

static const char *command_words(char **argv)
{
    struct buf words = {0};

    for (size_t i = 0; argv[i]; i++) {
        const char *plain = argv[i];
        bool quoted = i > 0 && (!*plain || strpbrk(plain, " \t\n\"'\\$&|;<>()*?") != NULL);
        buf_printf(&words, "%s%s", i ? " " : "", quoted ? quote(text(plain)) : plain);
    }
    return buf_take(&words);
}

/* NULL: none of its system calls is of interest. */
static struct supervisor *supervisor_for(const struct start_options *o)
{
    bool emulates = o->tun != TUN_NONE && tundevice_is_emulated(o->tun, o->node);
    struct supervisor *s = o->counted_calls || emulates ? supervisor_new() : NULL;

    if (emulates)
        tundevice_supervise(s);
    for (const long *c = o->counted_calls; c && *c >= 0; c++)
        supervisor_add(s, (struct supervised_call){.number = *c});
    return s;
}

Program *start_program(const struct start_options *options, const char *const *arguments)
{
    Program *p = xcalloc(1, sizeof *p);
    const char *path = options->path ? options->path : world.program_name;
    struct launch l = {.path = path, .spec = *world.run->spec, .options = options, .inherited_fd = -1};
    int report[2];

    p->name = name_for(path);
    p->in.fd = p->out.fd = p->err.fd = p->inherited.fd = -1;
    p->complained.rolling = true;
    p->out_unread = options->out != STDOUT_PIPE;
    p->started_ns = clock_now_ns();
    l.argv = arguments_of(path, arguments);
    if (options->directory && *path != '/')
        l.path = format("%s/%s", world.directory, path);
    l.envp = environment_of(options);
    if (options->file_mb)
        l.spec.limits.file_mb = options->file_mb;
    if (options->open_files || world.run->check->open_files)
        l.spec.limits.open_files = options->open_files ? options->open_files : world.run->check->open_files;

    l.fds[0] = -1;
    if (options->terminal) {
        p->terminal = l.terminal = program_terminal_new();
        l.fds[0] = terminal_slave(l.terminal);
    } else if (options->in == STDIN_PIPE)
        make_pipe(p, &p->in, &l.fds[0], true);
    else if (options->in == STDIN_NULL)
        l.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    p->in_ends = options->in != STDIN_PIPE || options->terminal;
    if (options->out == STDOUT_FULL)
        l.fds[1] = open("/dev/full", O_WRONLY | O_CLOEXEC);
    else
        make_pipe(p, &p->out, &l.fds[1], false);
    make_pipe(p, &p->err, &l.fds[2], false);
    if (options->out == STDOUT_CLOSED_READER)
        end_close(&p->out);
    if (options->inherited)
        make_pipe(p, &p->inherited, &l.inherited_fd, false);
    if (pipe2(report, O_CLOEXEC) < 0)
        world_broken(errno, "A pipe to %s could not be made", p->name);
    l.report_fd = report[1];

    l.supervisor = p->supervisor = supervisor_for(options);
    link_last(p);
    /* Not fork(): libuv's handler for it closes descriptors that it had in lux, and here the numbers are
     * ours. */
    p->pid = l.terminal ? terminal_fork(l.terminal, &l.spec) : _Fork();
    if (p->pid < 0)
        world_broken(errno, "No process could be made for %s", p->name);
    if (p->pid == 0)
        launch(&l);
    if (p->supervisor)
        supervisor_begin(p->supervisor);
    if (l.inherited_fd >= 0)
        close(l.inherited_fd);
    for (int i = 0; i < 3; i++)
        if (l.fds[i] >= 0)
            close(l.fds[i]);
    close(report[1]);
    await_exec(p, report[0]);
    p->command = command_words(l.argv);
    if (strcmp(p->name, l.path) == 0)
        step("starts %s (pid %d)", p->command, p->pid);
    else
        step("starts %s as %s (pid %d)", p->command, p->name, p->pid);
    if (!p->out_unread)
        uv_poll_start(&p->out.poll, UV_READABLE, on_stdout);
    uv_poll_start(&p->err.poll, UV_READABLE, on_stderr);
    return p;
}

/* ---- Ending -------------------------------------------------------------------------------------------- */

bool program_ended(int pid, int status)
{
    for (Program *p = world.programs; p; p = p->next) {
        if (p->pid != pid || p->ended)
            continue;
        p->ended = true;
        p->status = status;
        p->ended_ns = clock_now_ns();
        program_drain(p);
        step("%s %s", p->name, status_words(status));
        return true;
    }
    return false;
}

bool program_crashed(const Program *p)
{
    return p->ended && WIFSIGNALED(p->status) && !(p->signals_sent & 1ull << WTERMSIG(p->status));
}

Program *program_last(void)
{
    Program *last = world.programs;

    while (last && last->next)
        last = last->next;
    return last;
}

bool programs_all_gone(void)
{
    autofree struct process_stat *left = NULL;

    for (Program *p = world.programs; p; p = p->next)
        if (!p->ended)
            return false;
    size_t n = process_descendants(getpid(), &left);
    for (size_t i = 0; i < n; i++)
        if (!left[i].exiting)
            return false;
    return true;
}

const char *program_endings(void)
{
    const char *words = NULL;

    for (Program *p = world.programs; p; p = p->next)
        if (p->ended && (!words || program_crashed(p) || p->status != 0))
            words = format("%s %s", p->name, status_words(p->status));
    return words;
}

bool program_is_alone(const Program *p)
{
    return world.programs == p && !p->next;
}

Program *program_of_pid(int pid)
{
    for (int depth = 0; pid > 1 && depth < 64; depth++) {
        struct process_stat stat;
        for (Program *p = world.programs; p; p = p->next)
            if (p->pid == pid && !p->ended)
                return p;
        if (!process_stat_of(pid, &stat))
            return NULL;
        pid = stat.ppid;
    }
    return NULL;
}

/* ---- Verbs: stdin -------------------------------------------------------------------------------------- */

void type(Program *p, const char *s)
{
    type_bytes(p, text(s));
}

void type_bytes(Program *p, Bytes b)
{
    step("types %s into %s", quote_sized(b), p->name);
    if (p->in.fd < 0)
        return;
    outbox_add(&p->typed, b);
    outbox_write(&p->typed, p->in.fd);
    if (p->typed.error) {
        step("%s reads no more from its stdin: %s", p->name, strerror(p->typed.error));
        end_close(&p->in);
    }
    update_typing(p);
}

void close_stdin(Program *p)
{
    step("ends the stdin of %s", p->name);
    p->in_ends = true;
    update_typing(p);
}

void expect_typed_(Program *p, const struct wait_options *o)
{
    struct wait w = wait_start(o, format("%s to read what was typed", p->name), NULL);
    const char *expectation =
        format("%s reads all %s that were typed", p->name, count_bytes(p->typed.queued));

    while (outbox_pending(&p->typed) > 0) {
        if (!wait_more(&w))
            fail(&(struct failing){
                .cause = CAUSE_TIMEOUT,
                .program = p,
                .expectation = expectation,
                .observation = format("it has read %s at most, then no more", count_bytes(p->typed.total)),
                .wait = &w});
    }
    if (p->typed.error)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .program = p,
                               .expectation = expectation,
                               .observation = "it has closed its stdin before"});
}

/* ---- Verbs: signals and state -------------------------------------------------------------------------- */

void send_signal(Program *p, int signal)
{
    step("sends %s to %s", signal_name(signal), p->name);
    p->signals_sent |= 1ull << signal;
    if (!p->ended) /* its pid may belong to somebody else by now */
        kill(p->pid, signal);
}

int pid_of(Program *p)
{
    return p->pid;
}

void read_stdout(Program *p)
{
    if (p->out.fd < 0 || !p->out_unread)
        return;
    step("begins to read the stdout of %s", p->name);
    p->out_unread = false;
    uv_poll_start(&p->out.poll, UV_READABLE, on_stdout);
}

size_t untyped_bytes(Program *p)
{
    return outbox_pending(&p->typed);
}

size_t unread_stdout(Program *p)
{
    return inbox_unread(&p->printed).size;
}

void abandon_stdout(Program *p)
{
    step("nobody reads the stdout of %s any more", p->name);
    end_close(&p->out);
}

/* ---- Verbs: what it was given -------------------------------------------------------------------------- */

void hang_up_terminal(Program *p)
{
    step("hangs up the terminal in which %s was started", p->name);
    terminal_hang_up(p->terminal);
}

static bool inherited_ended(Program *p)
{
    char any[256];
    ssize_t n;

    while ((n = read(p->inherited.fd, any, sizeof any)) > 0)
        ;
    return n == 0;
}

void expect_inherited_closed_(Program *p, const struct wait_options *o)
{
    const char *name = "the descriptor that was passed on to it";
    struct wait w = wait_start_polling(o, format("nobody to have %s open", name), NULL);
    int n;

    while (!inherited_ended(p)) {
        if (wait_more(&w))
            continue;
        const char *holders = describe_holders(format("pipe:[%lu]", p->inherited.inode), &n);
        fail(&(struct failing){.cause = CAUSE_LEAK,
                               .program = p,
                               .expectation = format("nobody has %s open any more", name),
                               .observation = format("still open in %s", holders ? holders : "a process"),
                               .wait = &w});
    }
    step("the descriptor that %s was given is closed", p->name);
}
