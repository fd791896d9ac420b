#include "puppet/puppet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WRONG_USAGE = 99, LINE_MAX_BYTES = 8192 };

static int argument_count;
static char **arguments;
static volatile sig_atomic_t caught; /* signals that no `await` has waited for yet */

/* ---- Lines --------------------------------------------------------------------------------------------- */

static void write_line(int fd, const char *text)
{
    char line[4 * LINE_MAX_BYTES + 2];
    size_t n = 0;

    for (const char *at = text; *at && n + 5 < sizeof line; at++) {
        unsigned char c = (unsigned char)*at;
        if (c >= ' ' && c < 127 && c != '\\')
            line[n++] = (char)c;
        else
            n += (size_t)snprintf(line + n, 5, "\\x%02x", c);
    }
    line[n++] = '\n';
    for (size_t done = 0; done < n;) {
        ssize_t wrote = write(fd, line + done, n - done);
        if (wrote < 0 && errno != EINTR)
            return; /* nobody listens any more; whoever asks for it gets SIGPIPE */
        done += wrote > 0 ? (size_t)wrote : 0;
    }
}

void puppet_line(const char *fmt, ...)
{
    char text[LINE_MAX_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    write_line(STDOUT_FILENO, text);
}

static _Noreturn void misused(const char *what)
{
    dprintf(STDERR_FILENO, "puppet: wrong usage at '%s'\n", what);
    _exit(WRONG_USAGE);
}

static void failed(const char *verb)
{
    const char *name = strerrorname_np(errno);
    puppet_line("failed %s %s", verb, name ? name : "?");
}

static void tried(const char *verb, int result)
{
    if (result < 0)
        failed(verb);
}

static long number(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (!*text || *end || n < 0)
        misused(text);
    return n;
}

static int signal_named(const char *name)
{
    for (int s = 1; s < NSIG; s++) {
        const char *known = sigabbrev_np(s);
        if (known && strcmp(known, name) == 0)
            return s;
    }
    misused(name);
}

/* Calls the function for each signal of a list: TERM,HUP. */
static void each_signal(char *list, void (*f)(int signal))
{
    for (char *name = strtok(list, ","); name; name = strtok(NULL, ","))
        f(signal_named(name));
}

/* ---- Output -------------------------------------------------------------------------------------------- */

static void say(char **a)
{
    puppet_line("%s", a[0]);
}

static void complain(char **a)
{
    write_line(STDERR_FILENO, a[0]);
}

static void report(char **a)
{
    if (!puppet_report(a[0], argument_count, arguments))
        misused(a[0]);
}

/* What comes after goes to the end of this file, as what a service prints goes to its log. */
static void into(char **a)
{
    int fd = open(a[0], O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd < 0) {
        failed("into");
        return;
    }
    dup2(fd, STDOUT_FILENO);
    close(fd);
}

static void cat(char **a)
{
    char bytes[65536];
    ssize_t n;

    (void)a;
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
        for (ssize_t done = 0, wrote; done < n; done += wrote)
            if ((wrote = write(STDOUT_FILENO, bytes + done, (size_t)(n - done))) < 0)
                return;
}

/* ---- Time and ends ------------------------------------------------------------------------------------- */

static void sleep_ms(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

static void sleep_for(char **a)
{
    sleep_ms(number(a[0]));
}

static _Noreturn void pause_for_ever(void)
{
    for (;;)
        pause();
}

static void wait_for_ever(char **a)
{
    (void)a;
    pause_for_ever();
}

/* Until it has used so much processor time; 0: for ever. */
static void spin(char **a)
{
    double end = (double)number(a[0]) / 1e3;
    struct timespec used;

    do {
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (end == 0 || (double)used.tv_sec + (double)used.tv_nsec / 1e9 < end);
}

static void exit_with(char **a)
{
    _exit((int)number(a[0]));
}

static void die(char **a)
{
    int s = signal_named(a[0]);
    sigset_t none;

    signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    raise(s);
    puppet_line("survived %s", a[0]); /* as PID 1 of its namespace */
}

/* Of a signal that the kernel sends, for a mistake: not even process 1 of a namespace survives it. */
static void crash(char **a)
{
    (void)a;
    volatile char *nowhere = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *nowhere = 1;
}

/* ---- Signals ------------------------------------------------------------------------------------------- */

static void ignore_one(int s)
{
    if (signal(s, SIG_IGN) == SIG_ERR)
        failed("ignore");
}

static void ignore(char **a)
{
    each_signal(a[0], ignore_one);
}

static void on_signal(int s)
{
    char line[32] = "caught ";
    size_t n = strlen(line);

    for (const char *name = sigabbrev_np(s); name && *name && n < sizeof line - 1; name++)
        line[n++] = *name;
    line[n++] = '\n';
    ssize_t ignored = write(STDOUT_FILENO, line, n);
    (void)ignored;
    caught++;
}

static void catch_one(int s)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigfillset(&action.sa_mask); /* one handler at a time counts */
    if (sigaction(s, &action, NULL) < 0)
        failed("catch");
}

static void catch (char **a)
{
    each_signal(a[0], catch_one);
}

/* Until one of the caught signals has come, one more than at the last time. */
static void await(char **a)
{
    sigset_t all, before;

    (void)a;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before); /* so that none comes between the look and the sleep */
    while (!caught)
        sigsuspend(&before);
    caught--;
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void kill_process(char **a)
{
    tried("kill", kill((pid_t)strtol(a[0], NULL, 10), signal_named(a[1])));
}

/* ---- Memory and processes ------------------------------------------------------------------------------ */

static void allocate(char **a)
{
    size_t size = (size_t)number(a[0]) << 20;
    volatile char *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED) {
        failed("allocate");
        return;
    }
    for (size_t at = 0; at < size; at += 4096)
        memory[at] = 1;
    puppet_line("allocated %s", a[0]);
}

/* Children that do nothing for ever. */
static void fork_children(char **a)
{
    long wanted = number(a[0]), n = 0;

    for (; n < wanted; n++) {
        pid_t pid = fork();
        if (pid == 0)
            pause_for_ever();
        if (pid < 0)
            break;
    }
    int error = errno;
    puppet_line("forked %ld", n);
    errno = error;
    if (n < wanted)
        failed("fork");
}

/* Children that end at once and are not waited for. */
static void zombies(char **a)
{
    for (long left = number(a[0]); left > 0; left--) {
        pid_t pid = fork();
        siginfo_t info;
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            failed("zombies");
        else
            waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    }
}

static void reap(char **a)
{
    int n = 0;

    (void)a;
    while (wait(NULL) > 0)
        n++;
    puppet_line("reaped %d", n);
}

/* A grandchild whose parent ends, that says who takes care of it then, and does nothing for ever. */
static void orphan(char **a)
{
    (void)a;
    pid_t child = fork();
    if (child < 0) {
        failed("orphan");
        return;
    }
    if (child > 0) {
        waitpid(child, NULL, 0);
        return;
    }
    pid_t parent = getpid();
    if (fork() != 0)
        _exit(0);
    while (getppid() == parent)
        sleep_ms(1);
    puppet_line("orphan %d", getppid());
    pause_for_ever();
}

/* ---- Files and mounts ---------------------------------------------------------------------------------- */

/* Adds a line to the file, which is made if there is none. */
static void write_file(char **a)
{
    int fd = open(a[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) {
        failed("write");
        return;
    }
    if (dprintf(fd, "%s\n", a[1]) < 0)
        failed("write");
    close(fd);
}

/* Each line as "read LINE". */
static void read_file(char **a)
{
    FILE *f = fopen(a[0], "re");
    char line[4096];

    if (!f) {
        failed("read");
        return;
    }
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        puppet_line("read %s", line);
    }
    if (ferror(f))
        failed("read");
    fclose(f);
}

static void make_directory(char **a)
{
    tried("mkdir", mkdir(a[0], 0755));
}

static void remove_file(char **a)
{
    tried("remove", remove(a[0]));
}

static void mount_tmpfs(char **a)
{
    tried("mount", mount("puppet", a[0], "tmpfs", 0, NULL));
}

/* The way out of a directory that is a root by chroot(2) alone: a second chroot, and then up from a directory that is
 * above the new root. Afterwards this is where the puppet is, out or not. */
static void escape(char **a)
{
    (void)a;
    if (mkdir("/tmp/escape", 0755) < 0 && errno != EEXIST) {
        failed("escape");
        return;
    }
    if (chroot("/tmp/escape") < 0) {
        failed("escape");
        return;
    }
    for (int i = 0; i < 64; i++)
        if (chdir("..") < 0)
            break;
    tried("escape", chroot("."));
}

/* ---- Sockets ------------------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(const char *port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)number(port)),
                                .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
}

static void listen_on(char **a)
{
    struct sockaddr_in to = loopback(a[0]);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) < 0 || listen(fd, 8) < 0)
        failed("listen");
}

static void dial(char **a)
{
    struct sockaddr_in to = loopback(a[0]);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        failed("dial");
    else
        puppet_line("connected %s", a[0]);
}

/* ---- The table ----------------------------------------------------------------------------------------- */

static const struct verb {
    const char *name;
    int arguments;
    void (*act)(char **arguments);
} verbs[] = {
    {"say", 1, say},              /* TEXT: a line on stdout */
    {"complain", 1, complain},    /* TEXT: a line on stderr */
    {"report", 1, report},        /* WHAT,WHAT...: see puppet.h */
    {"into", 1, into},            /* PATH: stdout is this file from now on */
    {"cat", 0, cat},              /* stdin to stdout, until its end */
    {"sleep", 1, sleep_for},      /* MS */
    {"pause", 0, wait_for_ever},  /* until a signal ends it */
    {"spin", 1, spin},            /* MS of processor time; 0: for ever */
    {"exit", 1, exit_with},       /* STATUS */
    {"die", 1, die},              /* SIGNAL: of its own hand; "survived SIGNAL" if it does not */
    {"crash", 0, crash},          /* by SIGSEGV */
    {"ignore", 1, ignore},        /* SIGNAL,SIGNAL... */
    {"catch", 1, catch},          /* SIGNAL,SIGNAL...: "caught SIGNAL" when it comes */
    {"await", 0, await},          /* until a caught signal has come */
    {"kill", 2, kill_process},    /* PID SIGNAL */
    {"allocate", 1, allocate},    /* MIB, and touches them: "allocated MIB" */
    {"fork", 1, fork_children},   /* N children that pause: "forked N" */
    {"zombies", 1, zombies},      /* N children that have ended and are not waited for */
    {"reap", 0, reap},            /* waits for all children: "reaped N" */
    {"orphan", 0, orphan},        /* "orphan PPID", once its parent has ended */
    {"write", 2, write_file},     /* PATH LINE: adds the line */
    {"read", 1, read_file},       /* PATH: "read LINE" for each */
    {"mkdir", 1, make_directory}, /* PATH */
    {"remove", 1, remove_file},   /* PATH */
    {"mount", 1, mount_tmpfs},    /* PATH: a tmpfs there */
    {"escape", 0, escape},        /* out of a chroot(2), if it is one */
    {"listen", 1, listen_on},     /* PORT of 127.0.0.1 */
    {"dial", 1, dial},            /* PORT of 127.0.0.1: "connected PORT" */
};

static const struct verb *verb_named(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    misused(name);
}

int main(int argc, char **argv)
{
    argument_count = argc;
    arguments = argv;
    for (int at = 1; at < argc;) {
        const struct verb *v = verb_named(argv[at++]);
        if (at + v->arguments > argc)
            misused(v->name);
        char *copies[2] = {NULL, NULL}; /* lists are cut up, and argv is to be reported as it came */
        for (int i = 0; i < v->arguments; i++)
            copies[i] = strdup(argv[at + i]);
        v->act(copies);
        free(copies[0]);
        free(copies[1]);
        at += v->arguments;
    }
    return 0;
}
