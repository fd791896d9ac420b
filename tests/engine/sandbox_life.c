/* How a sandbox ends: by lux, by itself, with lux; and that nothing of it stays. A pipe that every process
 * inside holds tells when the last of them is gone. */
#include "contain.h"
#include "sandbox_help.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* If a sandbox fails to end them, the hostile programs end by themselves after a while. */
enum { LIFE_MS = 20000 };

/* A child of a child in its own session that ignores what can be ignored. */
static int daemonize(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            for (int signal_number = 1; signal_number < NSIG; signal_number++)
                signal(signal_number, SIG_IGN);
            poll(NULL, 0, LIFE_MS);
        }
        _exit(0);
    }
    wait(NULL);
    return 0;
}

static int fork_bomb(void)
{
    uint64_t start = clock_now_ns();
    while (clock_ms_since(start) < LIFE_MS)
        fork();
    return 1;
}

/* PID 1 of the worst kind of check: a daemon, a fork bomb, and then nothing until it is killed. */
static int be_hostile(void *context)
{
    const struct sandbox_spec *spec = context;
    int status;
    waitpid(help_fork_program(spec, daemonize, NULL), &status, 0);
    help_fork_program(spec, fork_bomb, NULL);
    dprintf(spec->keep_fd, "up");
    poll(NULL, 0, LIFE_MS);
    return 1;
}

static int leave_daemon_behind(void *context)
{
    const struct sandbox_spec *spec = context;
    int status;
    waitpid(help_fork_program(spec, daemonize, NULL), &status, 0);
    return 3;
}

static void expect_up(int fd)
{
    char word[2];
    assert_int_equal(read(fd, word, 2), 2);
    assert_memory_equal(word, "up", 2);
}

static void a_kill_ends_daemons_and_fork_bombs(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct sandbox_spec spec = help_spec();
        int fd, status = 0;
        spec.limits.processes = 64;
        spec.main = be_hostile;
        spec.context = &spec;
        struct sandbox s = help_start(&spec, &fd);
        expect_up(fd);
        assert_false(sandbox_reap(&s, false, &status));
        sandbox_kill(&s);
        struct pollfd p = {.fd = s.pidfd, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 10000), 1);
        assert_true(sandbox_reap(&s, false, &status));
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_int_equal(s.pidfd, -1);
        sandbox_kill(&s);
        assert_true(sandbox_reap(&s, true, NULL));
        /* Reaped means that everything is gone already: the pipe is at its end now, not soon. */
        struct pollfd end = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&end, 1, 0), 1);
        assert_string_equal(help_read_all(fd), "");
    }
}

static void when_the_checker_returns_everything_ends(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    int fd, status = 0;
    spec.main = leave_daemon_behind;
    spec.context = &spec;
    struct sandbox s = help_start(&spec, &fd);
    assert_true(sandbox_reap(&s, true, &status));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    assert_string_equal(help_read_all(fd), "");
}

static void when_lux_is_killed_everything_ends(void **state)
{
    (void)state;
    static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t lux = fork();
        if (lux == 0) {
            struct sandbox_spec spec = help_spec();
            struct sandbox s;
            signal(SIGSEGV, SIG_DFL); /* a sanitizer has its own */
            spec.limits.processes = 64;
            spec.keep_fd = ends[1];
            spec.main = be_hostile;
            spec.context = &spec;
            if (sandbox_start(&spec, &s, NULL) < 0)
                _exit(1);
            for (;;)
                pause();
        }
        close(ends[1]);
        expect_up(ends[0]);
        kill(lux, signals[i]);
        assert_int_equal(waitpid(lux, NULL, 0), lux);
        assert_string_equal(help_read_all(ends[0]), "");
    }
}

static int leave_daemon_and_wait(void *context)
{
    leave_daemon_behind(context);
    poll(NULL, 0, LIFE_MS);
    return 1;
}

/* Kills lux at every moment of the set-up, in steps of 50 microseconds. */
static void when_lux_is_killed_during_a_set_up_nothing_stays(void **state)
{
    (void)state;
    for (int i = 0; i < 150; i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t lux = fork();
        if (lux == 0) {
            struct sandbox_spec spec = help_spec();
            struct sandbox s;
            spec.keep_fd = ends[1];
            spec.main = leave_daemon_and_wait;
            spec.context = &spec;
            if (write(ends[1], "up", 2) != 2 || sandbox_start(&spec, &s, NULL) < 0)
                _exit(1);
            for (;;)
                pause();
        }
        close(ends[1]);
        expect_up(ends[0]);
        uint64_t start = clock_now_ns();
        while (clock_now_ns() - start < (uint64_t)i * 50000)
            sched_yield();
        kill(lux, SIGKILL);
        assert_int_equal(waitpid(lux, NULL, 0), lux);
        help_read_all(ends[0]);
    }
}

static int count_lines(const char *path)
{
    int c, n = 0;
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while ((c = getc(f)) != EOF)
        n += c == '\n';
    fclose(f);
    return n;
}

static int count_entries(const char *path, const char *prefix)
{
    int n = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return n;
}

struct traces {
    int descriptors, mounts, shared, workspace;
};

static struct traces traces(void)
{
    return (struct traces){.descriptors = count_entries("/proc/self/fd", ""),
                           .mounts = count_lines("/proc/self/mountinfo"),
                           .shared = count_entries("/dev/shm", "lux-trace"),
                           .workspace = count_entries(help_workspace, "")};
}

static int leave_traces(void *context)
{
    (void)context;
    /* On shared it would be everybody's. */
    int fd = help_level == SANDBOX_SHARED ? 0 : open("/dev/shm/lux-trace", O_CREAT | O_EXCL | O_WRONLY, 0600);
    int file = open("new", O_CREAT | O_EXCL | O_WRONLY, 0600);
    daemonize();
    return fd >= 0 && file >= 0 ? 7 : 1;
}

static void limit_namespaces(const char *kind, int most)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/sys/user/max_%s_namespaces", kind);
    FILE *f = fopen(path, "we");
    if (!f || fprintf(f, "%d", most) < 0 || fclose(f) != 0)
        _exit(2);
}

static void map_self(const char *path, unsigned id)
{
    FILE *f = fopen(path, "we");
    if (!f || fprintf(f, "0 %u 1", id) < 0 || fclose(f) != 0)
        _exit(3);
}

/* In a user namespace that allows 40 of each kind at a time: namespaces that stayed would soon exhaust them.
 * Those of the network are freed in the background, so a refusal counts only when it lasts. */
static int run_many(void)
{
    enum { RUNS = 500, MOST = 40, PATIENCE_MS = 10000 };
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWUSER) < 0)
        return 4;
    FILE *f = fopen("/proc/self/setgroups", "we");
    if (!f || fputs("deny", f) < 0 || fclose(f) != 0)
        return 5;
    map_self("/proc/self/uid_map", uid);
    map_self("/proc/self/gid_map", gid);
    static const char *const kinds[] = {"user", "net", "pid", "mnt", "ipc", "uts", "cgroup"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        limit_namespaces(kinds[i], MOST);

    uint64_t last_success = clock_now_ns();
    for (int i = 0; i < RUNS;) {
        struct sandbox_spec spec = help_spec();
        struct sandbox s;
        struct error err;
        int status;
        spec.main = leave_traces;
        if (sandbox_start(&spec, &s, &err) < 0) {
            if (!strstr(err.text, strerror(ENOSPC)) || clock_ms_since(last_success) > PATIENCE_MS) {
                fprintf(stderr, "run %d: %s\n", i, err.text);
                return 6;
            }
            sched_yield();
            continue;
        }
        if (!sandbox_reap(&s, true, &status) || !WIFEXITED(status) || WEXITSTATUS(status) != 7)
            return 7;
        last_success = clock_now_ns();
        i++;
    }
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
        return 8;
    return 0;
}

static void five_hundred_runs_leave_nothing_behind(void **state)
{
    (void)state;
    struct traces before = traces();
    for (int i = 0; i < 10; i++) {
        struct sandbox_spec spec = help_spec();
        int fd, status = 0;
        spec.main = leave_traces;
        struct sandbox s = help_start(&spec, &fd);
        assert_true(sandbox_reap(&s, true, &status));
        assert_int_equal(WEXITSTATUS(status), 7);
        assert_string_equal(help_read_all(fd), "");
    }
    assert_int_equal(help_in_child(run_many), 0);
    struct traces after = traces();
    assert_memory_equal(&after, &before, sizeof before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_set_up_that_fails_leaves_nothing_behind(void **state)
{
    (void)state;
    struct traces before = traces();
    for (int i = 0; i < 20; i++) {
        struct sandbox_spec spec = help_spec();
        struct sandbox s;
        struct error err = {""};
        spec.workspace = i % 2 ? "/nowhere" : help_host_file;
        assert_int_equal(sandbox_start(&spec, &s, &err), -1);
        assert_int_equal(s.pidfd, -1);
        assert_string_not_equal(err.text, "");
        sandbox_kill(&s);
    }
    struct traces after = traces();
    assert_memory_equal(&after, &before, sizeof before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(int argc, char **argv)
{
    if (getenv("LUX_SANDBOX"))
        contain_processes();
    help_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_ends_daemons_and_fork_bombs),
        cmocka_unit_test(when_the_checker_returns_everything_ends),
        cmocka_unit_test(when_lux_is_killed_everything_ends),
        cmocka_unit_test(when_lux_is_killed_during_a_set_up_nothing_stays),
        cmocka_unit_test(five_hundred_runs_leave_nothing_behind),
        cmocka_unit_test(a_set_up_that_fails_leaves_nothing_behind),
    };
    return help_end(cmocka_run_group_tests_name("sandbox_life", tests, NULL, NULL));
}
