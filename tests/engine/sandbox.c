/* What a learner's program finds in its world, and what it cannot reach from there. */
#include "sandbox_help.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

static void a_program_starts_in_a_directory_that_holds_nothing_but_the_link_to_it(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(help_shell(&spec, "pwd; ls -A; ./program; touch new && ls"),
                        "/run/lux\nprogram\nhello\nnew\nprogram\n");
}

static void the_workspace_is_at_its_own_path_and_writes_to_it_go_to_memory(void **state)
{
    (void)state;
    const char *places[] = {help_workspace, help_elsewhere};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct sandbox_spec spec = help_spec();
        spec.workspace = places[i];
        autofree char *script =
            xasprintf("cd %s && ls -A && echo more >>program && mkdir d && echo x >d/f && rm program &&"
                      " cat d/f && rm -r d && ls -A && echo new >program && cat program",
                      places[i]);
        assert_string_equal(help_shell(&spec, script), "program\nx\nnew\n");
        assert_string_equal(help_shell(&spec, "./program"), "hello\n");
        autofree char *unchanged =
            xasprintf("cd %s && test \"$(ls -A)\" = program && test $(wc -c <program) = 21", places[i]);
        assert_int_equal(system(unchanged), 0);
    }
}

static int replace_by_directory(void)
{
    int fd = open("/tmp/attributes", O_CREAT | O_RDWR, 0600);
    bool supported = fsetxattr(fd, "user.lux", "x", 1, 0) == 0; /* a tmpfs since Linux 6.6 */
    bool done = chdir(help_workspace) == 0 && unlink("program") == 0 && mkdir("program", 0755) == 0;
    dprintf(STDOUT_FILENO, done ? "done" : supported ? "%m" : "unsupported");
    return 0;
}

static void a_file_of_the_workspace_can_be_replaced_by_a_directory(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    const char *printed = help_program(&spec, replace_by_directory);
    if (!strcmp(printed, "unsupported"))
        skip();
    assert_string_equal(printed, "done");
}

static void a_workspace_behind_a_symbolic_link_is_found(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    autofree char *link = xasprintf("%s/link", help_elsewhere);
    assert_int_equal(symlink(help_workspace, link), 0);
    spec.workspace = link;
    assert_string_equal(help_shell(&spec, "./program"), "hello\n");
    unlink(link);
}

static void a_workspace_that_only_its_owner_may_enter_is_readable(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_int_equal(chmod(help_workspace, 0700), 0);
    assert_string_equal(help_shell(&spec, "./program"), "hello\n");
    assert_int_equal(chmod(help_workspace, 0755), 0);
}

static void the_host_cannot_be_written(void **state)
{
    (void)state;
    if (help_is_hidden(help_elsewhere))
        skip();
    struct sandbox_spec spec = help_spec();
    spec.workspace = NULL;
    autofree char *script =
        xasprintf("for f in /new /etc/new /usr/new %s/new %s/program; do"
                  " (echo x >$f) 2>/dev/null && echo wrote $f; rm -f $f 2>/dev/null; chmod 777 $f 2>/dev/null"
                  " && echo changed $f; done; test -e %s/program && echo still there; "
                  "(echo x >%s/new) 2>&1 | grep -o Read-only",
                  help_elsewhere, help_elsewhere, help_elsewhere, help_elsewhere);
    for (int as_root = 0; as_root < 2; as_root++) {
        spec.as_root = as_root;
        const char *printed = help_shell(&spec, script);
        assert_null(strstr(printed, "wrote"));
        assert_null(strstr(printed, "changed"));
        assert_string_equal(printed, "still there\nRead-only\n");
    }
}

static void the_temporary_directories_of_the_host_are_hidden(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    autofree char *script =
        xasprintf("ls -A /var/tmp /run; test -e %s && echo visible; echo x >/tmp/lux-new && "
                  "echo x >/var/tmp/lux-new && echo x >%s && echo written",
                  help_host_file, help_host_file);
    assert_string_equal(help_shell(&spec, script), "/run:\nlock\nlux\n\n/var/tmp:\nwritten\n");
    assert_int_equal(access("/tmp/lux-new", F_OK), -1);
    assert_int_equal(access("/var/tmp/lux-new", F_OK), -1);
    autofree char *unchanged = xasprintf("test $(cat %s) = host", help_host_file);
    assert_int_equal(system(unchanged), 0);
}

static void a_program_that_is_root_inside_cannot_undo_it(void **state)
{
    (void)state;
    if (help_is_hidden(help_elsewhere))
        skip();
    struct sandbox_spec spec = help_spec();
    spec.as_root = true;
    autofree char *script = xasprintf(
        "for m in / /usr /home %s; do mount -o remount,bind,rw $m 2>/dev/null && touch %s/new 2>/dev/null &&"
        " echo wrote; done;"
        "for m in /tmp /run /dev /dev/null %s; do umount -l $m 2>/dev/null && echo unmounted $m; done;"
        "unshare --mount --user --map-root-user"
        " sh -c 'mount -o remount,bind,rw /; umount -l /tmp; touch %s/new' 2>/dev/null"
        " && echo wrote; test -e %s && echo visible; mount -t tmpfs none /mnt && touch /mnt/mine && id -u",
        help_elsewhere, help_elsewhere, help_workspace, help_elsewhere, help_host_file);
    assert_string_equal(help_shell(&spec, script), "0\n");
}

static const char *const status_of_a_program =
    "grep -E '^(Cap|NoNew|SigBlk|SigIgn)' /proc/self/status | tr -d '\\t'; id -u";

static void a_program_has_the_learners_uid_no_capabilities_and_plain_signals(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &before);
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    autofree char *expected =
        xasprintf("SigBlk:0000000000000000\nSigIgn:0000000000000000\nCapInh:0000000000000000\n"
                  "CapPrm:0000000000000000\nCapEff:0000000000000000\nCapBnd:0000000000000000\n"
                  "CapAmb:0000000000000000\nNoNewPrivs:1\n%u\n",
                  getuid());
    assert_string_equal(help_shell(&spec, status_of_a_program), expected);
    signal(SIGPIPE, old);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static int use_capabilities(void)
{
    bool ok = socket(AF_PACKET, SOCK_RAW, 0) >= 0 && sethostname("other", 5) == 0 && chroot("/tmp") == 0;
    dprintf(STDOUT_FILENO, ok ? "fine" : "%m");
    return 0;
}

static void a_program_that_is_root_inside_has_every_capability_there(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    spec.as_root = true;
    const char *printed = help_shell(&spec, status_of_a_program);
    assert_null(strstr(printed, "CapEff:0000000000000000"));
    assert_non_null(strstr(printed, "NoNewPrivs:1\n0\n"));
    assert_string_equal(help_program(&spec, use_capabilities), "fine");
}

static void a_file_without_permissions_cannot_be_opened_even_by_root(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(help_shell(&spec, "echo x >f; chmod 0 f; cat f 2>&1"), "cat: f: Permission denied\n");
}

static void kernel_settings_of_the_host_cannot_be_changed(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(
        help_shell(&spec, "f=/proc/sys/kernel/printk; v=$(cat $f); (echo $v >$f) 2>/dev/null && echo wrote;"
                          "(echo h >/proc/sysrq-trigger) 2>/dev/null && echo wrote"),
        "");
}

static void only_the_processes_of_the_sandbox_are_seen(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(help_shell(&spec, "echo $$ $PPID; cd /proc; echo [0-9]*; hostname"),
                        "2 1\n1 2\nlux\n");
}

static int use_devices(void)
{
    char byte = 1;
    int zero = open("/dev/zero", O_RDONLY), full = open("/dev/full", O_WRONLY),
        random = open("/dev/urandom", O_RDONLY);
    bool ok = read(zero, &byte, 1) == 1 && byte == 0 && write(full, "x", 1) < 0 && errno == ENOSPC &&
              read(random, &byte, 1) == 1 && open("/dev/null", O_RDWR) >= 0;
    int pty = posix_openpt(O_RDWR | O_NOCTTY);
    ok = ok && pty >= 0 && grantpt(pty) == 0 && unlockpt(pty) == 0 &&
         open(ptsname(pty), O_RDWR | O_NOCTTY) >= 0;
    ok = ok && open("/dev/tty", O_RDWR) < 0 && errno == ENXIO; /* not the terminal of lux */
    ok = ok && read(STDIN_FILENO, &byte, 1) == 0;
    dprintf(STDOUT_FILENO, ok ? "fine" : "%m");
    return 0;
}

static void the_usual_devices_work(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(help_program(&spec, use_devices), "fine");
}

static int use_ipc(void)
{
    int shm = shm_open("/lux-test", O_CREAT | O_EXCL | O_RDWR, 0600);
    mqd_t queue = mq_open("/lux-test", O_CREAT | O_EXCL | O_RDWR, 0600, NULL);
    dprintf(STDOUT_FILENO,
            shm >= 0 && queue >= 0 && access("/dev/mqueue/lux-test", F_OK) == 0 ? "fine" : "%m");
    return 0;
}

static void shared_memory_and_message_queues_are_private(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(help_program(&spec, use_ipc), "fine");
    assert_string_equal(help_program(&spec, use_ipc), "fine"); /* O_EXCL: nothing was left by the first */
    assert_int_equal(shm_open("/lux-test", O_RDWR, 0), -1);
}

static int listen_on(const char *host, uint16_t port)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &a.sin_addr);
    return bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 8) < 0 ? -1 : s;
}

static int use_low_ports(void)
{
    int six = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 a = {
        .sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool ok =
        listen_on("127.0.0.1", 53) >= 0 && listen_on("127.0.0.1", 80) >= 0 && listen_on("0.0.0.0", 25) >= 0;
    /* A kernel without IPv6 has no such sockets. */
    ok = ok && (six < 0 || bind(six, (struct sockaddr *)&a, sizeof a) == 0);
    struct sockaddr_in peer = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ok = ok && connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&peer, sizeof peer) == 0;
    ok = ok && socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) >= 0;
    dprintf(STDOUT_FILENO, ok ? "fine" : "%m");
    return 0;
}

static void every_port_can_be_bound(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(help_program(&spec, use_low_ports), "fine");
}

static void the_network_is_lo_alone(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    /* The names that are left out are those of tunnels, which a kernel may make in every namespace; they are
     * down. */
    assert_string_equal(
        help_shell(&spec,
                   "ls /sys/class/net | grep -vE '^(sit|tunl|gre|erspan|ip)'; tail -n +2 /proc/net/route;"
                   "cat /sys/class/net/lo/flags"),
        "lo\n0x9\n");
}

/* Holds a port, an abstract socket and names in shared memory and /tmp until it is killed. */
static int hold_names(void *context)
{
    const struct sandbox_spec *spec = context;
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0lux-test"};
    bool ok = listen_on("127.0.0.1", 7) >= 0 && bind(s, (struct sockaddr *)&a, sizeof a) == 0 &&
              shm_open("/lux-two", O_CREAT | O_EXCL | O_RDWR, 0600) >= 0 &&
              open("/tmp/lux-two", O_CREAT | O_EXCL | O_RDWR, 0600) >= 0 && kill(2, 0) < 0;
    dprintf(spec->keep_fd, ok ? "ready\n" : "%m\n");
    pause();
    return 0;
}

static void two_sandboxes_do_not_see_each_other(void **state)
{
    (void)state;
    struct sandbox s[2];
    int fd[2];
    for (int i = 0; i < 2; i++) {
        struct sandbox_spec spec = help_spec();
        spec.main = hold_names;
        spec.context = &spec;
        s[i] = help_start(&spec, &fd[i]);
        char line[64] = "";
        assert_true(read(fd[i], line, sizeof line - 1) > 0);
        assert_string_equal(line, "ready\n");
    }
    for (int i = 0; i < 2; i++) {
        sandbox_kill(&s[i]);
        assert_true(sandbox_reap(&s[i], true, NULL));
        close(fd[i]);
    }
}

static int show_limits(void)
{
    static const __rlimit_resource_t shown[] = {RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_FSIZE, RLIMIT_CPU,
                                                RLIMIT_CORE};
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        struct rlimit l;
        getrlimit(shown[i], &l);
        dprintf(STDOUT_FILENO, "%lu/%lu ", (unsigned long)l.rlim_cur, (unsigned long)l.rlim_max);
    }
    return 0;
}

static void a_program_has_the_limits_of_the_spec(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    assert_string_equal(help_program(&spec, show_limits), "1024/1024 256/256 268435456/268435456 60/61 0/0 ");
    spec.limits = (struct sandbox_limits){
        .open_files = 64, .processes = 32, .file_mb = 1, .cpu_seconds = 2, .tmp_mb = 2};
    assert_string_equal(help_program(&spec, show_limits), "64/64 32/32 1048576/1048576 2/3 0/0 ");
    assert_string_equal(
        help_shell(&spec, "for d in /tmp /var/tmp /run /dev/shm; do df -m --output=size $d | tail -1; done"
                          " | tr -d ' ' | sort -u"),
        "2\n");
}

static int fork_until_refused(void)
{
    for (int n = 0; n < 5000; n++) {
        pid_t pid = fork();
        if (pid == 0)
            pause();
        if (pid < 0) {
            dprintf(STDOUT_FILENO, "%s after %d", errno == EAGAIN ? "refused" : "failed", n);
            break;
        }
    }
    return 0; /* the children end with PID 1 */
}

static void the_number_of_processes_is_bounded(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    spec.limits.processes = 32;
    const char *printed = help_program(&spec, fork_until_refused);
    if (!help_is_root)
        assert_string_equal(printed, "refused after 30"); /* PID 1 and the program count too */
    else if (strncmp(printed, "refused after ", 14) != 0)
        skip(); /* a kernel before 6.14 has no limit for the real root */
}

static void a_burst_of_cpu_time_ends_by_sigxcpu(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    spec.limits.cpu_seconds = 1;
    assert_string_equal(help_shell(&spec, "(while :; do :; done) 2>/dev/null; kill -l $?"),
                        "CPU time limit exceeded\nXCPU\n");
}

static void a_program_inherits_no_descriptors(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    int leak = open("/", O_RDONLY); /* without O_CLOEXEC */
    int high = fcntl(leak, F_DUPFD, 900);
    assert_string_equal(help_shell(&spec, "echo $(ls /proc/self/fd)"), "0 1 2 3\n"); /* 3 is that of ls */
    close(leak);
    close(high);
}

static int list_descriptors(void *context)
{
    const struct sandbox_spec *spec = context;
    char name[64];
    for (int fd = 0; fd < 1000; fd++)
        if (fcntl(fd, F_GETFD) >= 0 && fd != spec->keep_fd) {
            ssize_t n =
                readlink((snprintf(name, sizeof name, "/proc/self/fd/%d", fd), name), name, sizeof name - 1);
            dprintf(spec->keep_fd, "%d%s%.*s ", fd, fd == 2 ? "" : "=", fd == 2 ? 0 : (int)n, name);
        }
    dprintf(spec->keep_fd, "%d %d", getpid(), getsid(0));
    return 0;
}

static void the_checker_is_pid_1_and_keeps_stderr_and_one_descriptor(void **state)
{
    (void)state;
    struct sandbox_spec spec = help_spec();
    int fd, leak = open("/", O_RDONLY);
    spec.main = list_descriptors;
    spec.context = &spec;
    struct sandbox s = help_start(&spec, &fd);
    assert_string_equal(help_read_all(fd), "0=/dev/null 1=/dev/null 2 1 1");
    assert_true(sandbox_reap(&s, true, NULL));
    close(leak);
}

static int survive_kill(void *context)
{
    const struct sandbox_spec *spec = context;
    int status;
    pid_t pid =
        help_fork_program(spec, NULL, "kill -STOP 1; kill -9 1; kill -9 $PPID; kill -9 -1; echo not reached");
    waitpid(pid, &status, 0);
    dprintf(spec->keep_fd, "alive, it died of %d", WTERMSIG(status));
    return 42;
}

static void the_checker_survives_a_program_that_kills_everything(void **state)
{
    (void)state;
    for (int as_root = 0; as_root < 2; as_root++) {
        struct sandbox_spec spec = help_spec();
        int fd, status = 0;
        spec.as_root = as_root;
        spec.main = survive_kill;
        spec.context = &spec;
        struct sandbox s = help_start(&spec, &fd);
        const char *printed = help_read_all(fd);
        /* A shell is not killed by its own kill -9 -1. */
        assert_non_null(strstr(printed, "alive"));
        assert_true(sandbox_reap(&s, true, &status));
        assert_int_equal(WEXITSTATUS(status), 42);
    }
}

static void the_probe_says_full(void **state)
{
    (void)state;
    struct error why = {""};
    assert_int_equal(sandbox_probe(&why), SANDBOX_FULL);
    assert_string_equal(why.text, "");
    assert_string_equal(sandbox_level_name(SANDBOX_FULL), "full");
}

int main(int argc, char **argv)
{
    help_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_starts_in_a_directory_that_holds_nothing_but_the_link_to_it),
        cmocka_unit_test(the_workspace_is_at_its_own_path_and_writes_to_it_go_to_memory),
        cmocka_unit_test(a_file_of_the_workspace_can_be_replaced_by_a_directory),
        cmocka_unit_test(a_workspace_behind_a_symbolic_link_is_found),
        cmocka_unit_test(a_workspace_that_only_its_owner_may_enter_is_readable),
        cmocka_unit_test(the_host_cannot_be_written),
        cmocka_unit_test(the_temporary_directories_of_the_host_are_hidden),
        cmocka_unit_test(a_program_that_is_root_inside_cannot_undo_it),
        cmocka_unit_test(a_program_has_the_learners_uid_no_capabilities_and_plain_signals),
        cmocka_unit_test(a_program_that_is_root_inside_has_every_capability_there),
        cmocka_unit_test(a_file_without_permissions_cannot_be_opened_even_by_root),
        cmocka_unit_test(kernel_settings_of_the_host_cannot_be_changed),
        cmocka_unit_test(only_the_processes_of_the_sandbox_are_seen),
        cmocka_unit_test(the_usual_devices_work),
        cmocka_unit_test(shared_memory_and_message_queues_are_private),
        cmocka_unit_test(every_port_can_be_bound),
        cmocka_unit_test(the_network_is_lo_alone),
        cmocka_unit_test(two_sandboxes_do_not_see_each_other),
        cmocka_unit_test(a_program_has_the_limits_of_the_spec),
        cmocka_unit_test(the_number_of_processes_is_bounded),
        cmocka_unit_test(a_burst_of_cpu_time_ends_by_sigxcpu),
        cmocka_unit_test(a_program_inherits_no_descriptors),
        cmocka_unit_test(the_checker_is_pid_1_and_keeps_stderr_and_one_descriptor),
        cmocka_unit_test(the_checker_survives_a_program_that_kills_everything),
        cmocka_unit_test(the_probe_says_full),
    };
    return help_end(cmocka_run_group_tests_name("sandbox", tests, NULL, NULL));
}
