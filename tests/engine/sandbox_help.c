#include "sandbox_help.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOBODY = 65534, WAIT_MS = 10000 };

bool help_is_root;
enum sandbox_level help_level = SANDBOX_FULL;
char help_workspace[] = "/tmp/lux-sandbox-XXXXXX";
char help_elsewhere[] = LUX_BINARY_DIR "/lux-sandbox-XXXXXX";
char help_host_file[] = "/tmp/lux-sandbox-file-XXXXXX";
static struct buf output;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void put_file(const char *dir, const char *name, const char *text, mode_t mode)
{
    autofree char *path = xasprintf("%s/%s", dir, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, mode);
    if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) < 0)
        die(path);
    close(fd);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path) < 0 && errno != ENOENT;
}

int help_end(int status)
{
    nftw(help_workspace, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    nftw(help_elsewhere, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    unlink(help_host_file);
    buf_free(&output);
    return status;
}

/* Goes on as nobody in a child; the parent removes afterwards what nobody may not. */
static void become_nobody(void)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0) {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        _exit(help_end(WIFEXITED(status) ? WEXITSTATUS(status) : 1));
    }
    if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) < 0)
        die("become nobody");
    prctl(PR_SET_DUMPABLE, 1); /* as after an exec */
}

void help_begin(int argc, char **argv)
{
    if (!mkdtemp(help_elsewhere) || chmod(help_elsewhere, 0777) < 0)
        die(help_elsewhere);
    if (argc > 1 && !strcmp(argv[1], "--as-nobody") && geteuid() == 0)
        become_nobody();
    help_is_root = geteuid() == 0;
    struct error why;
    if (getenv("LUX_SANDBOX"))
        help_level = sandbox_probe(&why);
    int fd = mkstemp(help_host_file);
    if (fd < 0 || write(fd, "host\n", 5) != 5 || !mkdtemp(help_workspace))
        die(help_workspace);
    close(fd);
    put_file(help_workspace, "program", "#!/bin/sh\necho hello\n", 0755);
    put_file(help_elsewhere, "program", "#!/bin/sh\necho hello\n", 0755);
}

bool help_is_hidden(const char *path)
{
    static const char *const hidden[] = {"/tmp/", "/var/tmp/", "/run/", "/dev/"};
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        if (!strncmp(path, hidden[i], strlen(hidden[i])))
            return true;
    return false;
}

struct sandbox_spec help_spec(void)
{
    return (struct sandbox_spec){
        .workspace = help_workspace, .binary = "program", .keep_fd = -1, .level = help_level};
}

struct sandbox help_start(struct sandbox_spec *spec, int *out_fd)
{
    int ends[2];
    struct sandbox s;
    struct error err = {""};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    spec->keep_fd = ends[1];
    if (sandbox_start(spec, &s, &err) < 0)
        fail_msg("%s", err.text);
    close(ends[1]);
    *out_fd = ends[0];
    return s;
}

const char *help_read_all(int fd)
{
    uint64_t start = clock_now_ns();
    buf_clear(&output);
    for (;;) {
        int left = WAIT_MS - (int)clock_ms_since(start);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, left) == 0)
            fail_msg("a process still holds the pipe; so far: %s", buf_str(&output));
        char bytes[4096];
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n <= 0)
            break;
        buf_add(&output, bytes, (size_t)n);
    }
    close(fd);
    return buf_str(&output);
}

pid_t help_fork_program(const struct sandbox_spec *spec, int (*program)(void), const char *script)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    dup2(spec->keep_fd, STDOUT_FILENO);
    dup2(spec->keep_fd, STDERR_FILENO);
    if (sandbox_enter_program(spec) < 0) {
        dprintf(STDERR_FILENO, "sandbox_enter_program: %s\n", strerror(errno));
        _exit(126);
    }
    if (program)
        _exit(program());
    execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    _exit(127);
}

struct program {
    const struct sandbox_spec *spec;
    int (*run)(void);
    const char *script;
};

static int run_program(void *context)
{
    const struct program *p = context;
    int status;
    pid_t pid = help_fork_program(p->spec, p->run, p->script);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *run_inside(struct sandbox_spec *spec, struct program *p)
{
    int fd;
    p->spec = spec;
    spec->main = run_program;
    spec->context = p;
    struct sandbox s = help_start(spec, &fd);
    const char *printed = help_read_all(fd);
    assert_true(sandbox_reap(&s, true, NULL));
    return printed;
}

const char *help_shell(struct sandbox_spec *spec, const char *script)
{
    return run_inside(spec, &(struct program){.script = script});
}

const char *help_program(struct sandbox_spec *spec, int (*program)(void))
{
    return run_inside(spec, &(struct program){.run = program});
}

int help_in_child(int (*run)(void))
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(run());
    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
