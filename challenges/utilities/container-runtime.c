/* container-runtime: ./container run <image> <command> runs the command with the image as its root, in namespaces of
 * its own. What it sees in there the puppet tells, which is the only file of the images. */
#include "harness/check.h"
#include "harness/files.h"
#include "harness/image.h"
#include "harness/puppet.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CHALLENGE("container-runtime");

#define PATH_INSIDE "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum {
    CONTAINERS = 4, /* at the same time */
    ROUNDS = 20,    /* containers one after the other */
    IDLE_MS = 300,
    IDLE_CPU_MS = 30,
    IMAGE_MB = 512, /* of an image that nobody can want to copy */
    READ_MAX = 4 << 20
};

/* An image with a name that nobody could know. */
static const char *new_image(void)
{
    return make_image(format("box%d", random_between(100, 999)));
}

static const char *name_of(const char *image)
{
    return strrchr(image, '/') + 1;
}

/* ./container run IMAGE /bin/puppet VERB... */
#define contain(image, ...)                start("run", image, "/bin/puppet", __VA_ARGS__)
#define contain_with(options_, image, ...) start_with(options_, "run", image, "/bin/puppet", __VA_ARGS__)

static void by_hand_in_image(const char *command)
{
    by_hand(
        "mkdir -p box/bin box/dev box/proc box/tmp; cp /bin/busybox box/bin/sh; ./container run box /bin/sh -c '%s'",
        command);
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(runs_the_command, CORE, "command", "Runs a command of the image, with its arguments", .as_root = true)
{
    by_hand("mkdir -p box/bin box/dev box/proc box/tmp; cp /bin/busybox box/bin/echo; "
            "./container run box /bin/echo 'two  words' -n");

    const char *image = new_image();
    Program *p =
        contain(image, "say", "two  words", "say", "", "say", "--help", "report", "argv", "exit", "0");
    expect_stdout(p, "two  words\n\n--help\n");
    expect_facts(expect_report(p), "argv", "/bin/puppet", "say", "two  words", "say", "", "say", "--help",
                 "report", "argv", "exit", "0");
    expect_stdout_end(p);
    expect_exit(p, 0);
    expect_stderr_empty(p);

    step("a command without a slash is looked for in PATH");
    p = start("run", image, "puppet", "report", "argv");
    expect_facts(expect_report(p), "argv", "puppet", "report", "argv");
    expect_exit(p, 0);
}

CHECK(connects_the_streams, CORE, "streams", "stdin, stdout and stderr of the command are the caller's",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand_in_image("cat; echo oh >&2");

    Bytes data = join(all_byte_values(), numbered_lines(1 << 20));
    Program *p = contain(new_image(), "complain", "oh", "cat", "exit", "4");
    type_bytes(p, data);
    close_stdin(p);
    expect_stdout_bytes(p, data);
    expect_stdout_end(p);
    expect_exit(p, 4);
    expect_stderr_has(p, "oh\n");
}

CHECK(passes_the_status_on, CORE, "status", "Ends with the exit status of the command, or 128 and its signal",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand_in_image("exit 42");

    const char *image = new_image();
    int statuses[] = {0, 1, random_between(2, 120), 128, 255};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        Program *p = contain(image, "say", "here", "exit", format("%d", statuses[i]));
        expect_stdout(p, "here\n");
        expect_exit(p, statuses[i]);
    }
    expect_exit(contain(image, "crash"), 128 + SIGSEGV);
    Program *p = contain(image, "say", "here", "pause");
    expect_stdout(p, "here\n");
    signal_process(expect_first_process(p), SIGKILL);
    expect_exit(p, 128 + SIGKILL);
}

CHECK(has_the_image_as_root, CORE, "root", "Sees the files of the image at /", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand_in_image("ls /");

    const char *image = new_image(), *line = format("%d", random_between(1000, 9999));
    write_file(format("%s/file", image), text(format("%s\n", line)));
    make_directory(format("%s/inner", image));
    write_file(format("%s/inner/file", image), text("deep\n"));
    Program *p = contain(image, "report", "root", "read", "/file", "read", "/inner/file", "read", "/../file");
    expect_facts(expect_report(p), "entry", "bin", "dev", "file", "inner", "proc", "tmp");
    expect_stdout(p, format("read %s\nread deep\nread %s\n", line, line));
    expect_exit(p, 0);
}

CHECK(is_process_1, CORE, "process-1",
      "The command is process 1, and whoever loses its parent is given to it", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand_in_image("echo $$ $PPID");

    Program *p = contain(new_image(), "report", "pid,ppid", "catch", "USR1", "orphan", "await");
    Facts *f = expect_report(p);
    expect_fact(f, "pid", "1");
    expect_fact(f, "ppid", "0");
    expect_stdout(p, "orphan 1\n", .what = "the orphan to say that its parent is process 1");
    send_signal(p, SIGKILL);
    accept_leftovers();
}

CHECK(sees_its_own_processes, CORE, "proc", "/proc shows the processes of the container, and no others",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand_in_image("ls /proc");

    Program *p = contain(new_image(), "report", "processes", "fork", "2", "report", "processes");
    expect_facts(expect_report(p), "process", "1");
    expect_stdout(p, "forked 2\n");
    Facts *f = expect_report(p);
    claim(has_fact(f, "process", "1") && count_facts(f, "process") == 3,
          "/proc shows process 1 and its two children; it shows %s", facts_named(f, "process"));
    expect_exit(p, 0);
}

CHECK(has_its_own_name, CORE, "hostname",
      "The host name is the name of the image, and the host keeps its own", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand_in_image("hostname");

    char before[256] = "", after[256] = "";
    const char *image = new_image(), *ways[] = {image, format("%s/", image), format("%s//", image)};
    gethostname(before, sizeof before - 1);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        Program *p = contain(ways[i], "report", "hostname");
        expect_fact(expect_report(p), "hostname", name_of(image));
        expect_exit(p, 0);
    }
    gethostname(after, sizeof after - 1);
    claim(strcmp(before, after) == 0, "the name of the host stays %s; it is %s", before, after);
}

CHECK(has_its_own_network, CORE, "network", "Has a network with lo alone, which is up", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand_in_image("ip addr");

    Listener *outside = tcp_listen();
    const char *port = port_of(outside);
    Program *p = contain(new_image(), "report", "interfaces", "dial", port, "listen", port, "dial", port);
    expect_facts(expect_report(p), "interface", "lo up");
    expect_stdout(p, format("failed dial ECONNREFUSED\nconnected %s\n", port));
    expect_exit(p, 0);
}

CHECK(has_its_own_namespaces, CORE, "namespaces", "Is in six namespaces that are not the caller's",
      .as_root = true, .needs = "sees_its_own_processes")
{
    static const char *const names[] = {"ipc", "mnt", "net", "pid", "user", "uts"};
    by_hand_in_image("ls -l /proc/1/ns");

    Program *p = contain(new_image(), "report", "namespaces");
    Facts *f = expect_report(p);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char ours[64];
        ssize_t n = readlink(format("/proc/self/ns/%s", names[i]), ours, sizeof ours);
        const char *same = format("%s %.*s", names[i], n > 0 ? (int)n : 0, ours);
        claim(!has_fact(f, "namespace", same),
              "the command has a namespace of its own of the kind %s; it has %s, as we do", names[i],
              same + strlen(names[i]) + 1);
        claim(!has_fact(f, "namespace", format("%s ?", names[i])),
              "the command sees its namespaces in /proc/self/ns; it does not see %s", names[i]);
    }
    expect_exit(p, 0);
}

CHECK(is_root_inside, CORE, "user", "Is user 0 and group 0 in there", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand_in_image("id");

    Program *p = contain(new_image(), "report", "uid,gid");
    Facts *f = expect_report(p);
    expect_fact(f, "uid", "0");
    expect_fact(f, "gid", "0");
    expect_exit(p, 0);
}

CHECK(passes_signals_on, CORE, "signals", "Passes signals on to the command, and waits until it has ended",
      .as_root = true, .needs = "runs_the_command")
{
    static const struct {
        int number;
        const char *name;
    } signals[] = {{SIGTERM, "TERM"}, {SIGINT, "INT"},   {SIGHUP, "HUP"},
                   {SIGQUIT, "QUIT"}, {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"}};
    by_hand("./container run box /bin/sh -c 'trap \"echo caught\" TERM; while :; do sleep 1; done' & "
            "sleep 1; kill $!");

    Program *p = contain(new_image(), "catch", "TERM,INT,HUP,QUIT,USR1,USR2", "say", "ready", "await",
                         "await", "await", "await", "await", "await", "exit", "9");
    expect_stdout(p, "ready\n");
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        send_signal(p, signals[i].number);
        expect_stdout(p, format("caught %s\n", signals[i].name));
    }
    expect_exit(p, 9);
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .as_root = true, .needs = "runs_the_command")
{
    const char *image = new_image();
    Program *right = contain(image, "say", "here");
    expect_stdout(right, "here\n");
    expect_exit(right, 0);

    Program *wrong[] = {
        start(),
        start("run"),
        start("run", image),
        start("start", image, "/bin/puppet"),
        start(image, "/bin/puppet", "say", "x"),
        start("", image, "/bin/puppet"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

/* A mount that a container has before its command makes any: "/dev/null devtmpfs rw". */
static bool is_expected(const char *mount)
{
    size_t n = strcspn(mount, " ");
    const char *path = format("%.*s/", (int)n, mount);

    return strcmp(path, "//") == 0 || strcmp(path, "/tmp/") == 0 || strncmp(path, "/proc/", 6) == 0 ||
           strncmp(path, "/dev/", 5) == 0;
}

CHECK(hides_the_host, ROBUST, "host", "No way leads to the files of the host", .as_root = true,
      .needs = "has_the_image_as_root")
{
    by_hand_in_image("cat /proc/self/mountinfo");

    const char *image = new_image(), *mount;
    write_file("secret", text("nobody may see this\n"));
    Program *p = contain(image, "report", "mounts", "read", "/run/lux/secret", "read",
                         "/proc/1/root/../run/lux/secret", "read", "/proc/1/cwd/secret", "escape", "read",
                         "run/lux/secret", "read", "/run/lux/secret", "report", "root");
    Facts *f = expect_report(p);
    for (size_t i = 0; (mount = nth_fact(f, "mount", i)) != NULL; i++)
        claim(is_expected(mount),
              "all mounts inside are at / and /tmp, or at or below /proc and /dev; one is %s", mount);
    for (int i = 0; i < 3; i++)
        expect_stdout(p, "failed read ENOENT\n", .what = "that a path to a file of the host leads nowhere");
    step("the command tries to leave its root as one leaves a chroot(2)");
    for (int i = 0; i < 2; i++)
        expect_stdout(p, "failed read ENOENT\n", .what = "that the way out of a chroot(2) leads nowhere");
    expect_facts(expect_report(p), "entry", "bin", "dev", "proc", "tmp");
    expect_exit(p, 0);
}

CHECK(leaves_the_image_alone, ROBUST, "unchanged", "Whatever the command does, the image is as it was",
      .as_root = true, .needs = "has_the_image_as_root")
{
    by_hand_in_image("touch /new; rm /bin/sh");

    const char *image = new_image();
    write_file(format("%s/data", image), text("old\n"));
    make_directory(format("%s/empty", image));
    const char *before = listing_of(image);
    Program *p = contain(image, "write", "/data", "new", "write", "/new", "x", "write", "/proc/new", "x",
                         "write", "/dev/new", "x", "write", "/tmp/new", "x", "mkdir", "/made", "remove",
                         "/empty", "remove", "/bin/puppet", "exit", "42");
    expect_exit(p, 42);
    expect_unchanged(image, before);

    p = contain(image, "read", "/data", "say", "end");
    expect_stdout(p, "read old\nend\n");
    expect_exit(p, 0);
    expect_unchanged(image, before);
}

CHECK(has_few_devices, ROBUST, "dev", "/dev has five devices, and they work", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand_in_image("ls -l /dev; echo x > /dev/null");

    Program *p = contain(new_image(), "report", "devices", "write", "/dev/null", "x", "read", "/dev/null",
                         "write", "/dev/full", "x", "say", "end");
    expect_facts(expect_report(p), "device", "null 1:3", "zero 1:5", "full 1:7", "random 1:8", "urandom 1:9");
    expect_stdout(p, "failed write ENOSPC\nend\n");
    expect_exit(p, 0);
}

CHECK(has_its_own_tmp, ROBUST, "tmp", "/tmp can be written to, and begins empty each time", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand_in_image("echo x > /tmp/x; cat /tmp/x");

    const char *image = new_image();
    write_file("/tmp/x", text("of the host\n"));
    write_file(format("%s/tmp/x", image), text("of the image\n"));
    for (int i = 0; i < 2; i++) {
        Program *p = contain(image, "read", "/tmp/x", "write", "/tmp/x", "mine", "read", "/tmp/x");
        expect_stdout(p, "failed read ENOENT\nread mine\n");
        expect_stdout_end(p);
        expect_exit(p, 0);
    }
    expect_file_now("/tmp/x", "of the host\n");
}

CHECK(mounts_nothing_outside, ROBUST, "mounts", "No mount of the container is seen outside", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand("cat /proc/self/mountinfo > before; ./container run box /bin/sh -c 'sleep 9' & sleep 1; "
            "diff before /proc/self/mountinfo");

    const char *image = new_image(), *before = mounts_now();
    Program *p =
        contain(image, "catch", "USR1", "mkdir", "/tmp/m", "mount", "/tmp/m", "report", "mounts", "await");
    Facts *f = expect_report(p);
    claim(strstr(facts_named(f, "mount"), "/tmp/m tmpfs"),
          "the command can mount a file system at /tmp/m; its mounts are %s", facts_named(f, "mount"));
    expect_same_mounts(before);
    send_signal(p, SIGUSR1);
    expect_exit(p, 0);
    expect_same_mounts(before);
}

CHECK(leaves_signals_to_the_command, ROBUST, "signals",
      "A signal that the command does not catch ends nothing", .as_root = true, .needs = "runs_the_command")
{
    by_hand("./container run box /bin/sh -c 'while :; do sleep 1; done' & sleep 1; kill $!; sleep 1; jobs");

    Program *p =
        contain(new_image(), "catch", "USR1", "say", "ready", "await", "say", "still here", "exit", "6");
    expect_stdout(p, "ready\n");
    send_signal(p, SIGTERM);
    wait_until_idle(p);
    send_signal(p, SIGINT);
    wait_until_idle(p);
    expect_running(p);
    send_signal(p, SIGUSR1);
    expect_stdout(p, "caught USR1\nstill here\n");
    expect_exit(p, 6);
}

CHECK(ends_all_with_process_1, ROBUST, "end", "When process 1 ends, everything in the container ends",
      .as_root = true, .needs = "is_process_1")
{
    by_hand_in_image("sleep 100 & exit 3");

    Program *p = contain(new_image(), "ignore", "TERM,HUP", "fork", "5", "orphan", "exit", "3");
    expect_stdout(p, "forked 5\n");
    expect_exit(p, 3);
    claim_no_leak(orphans_alive() == 0, "no process of the container is left when ./container ends: %d are",
                  orphans_alive());
}

CHECK(dies_with_the_runtime, ROBUST, "killed", "When ./container is killed, the container ends",
      .as_root = true, .needs = "is_process_1")
{
    by_hand("./container run box /bin/sh -c 'sleep 100' & sleep 1; kill -9 $!; sleep 1; pgrep -a sleep");

    const char *image = new_image(), *before = mounts_now();
    Program *p = contain(image, "ignore", "TERM,HUP,INT", "fork", "3", "pause");
    expect_stdout(p, "forked 3\n");
    Process *first = expect_first_process(p);
    send_signal(p, SIGKILL);
    wait_exit(p);
    expect_gone(first);
    eventually(orphans_alive() == 0, "all processes of the container to be gone");
    expect_same_mounts(before);
}

CHECK(clears_the_environment, ROBUST, "environment", "The environment has two variables, PATH and HOME",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand_in_image("env");

    const char *const secret[] = {"TOKEN=secret", "HOME=/elsewhere", "LD_PRELOAD=/x", NULL};
    Program *p = contain_with((.env = secret), new_image(), "report", "env");
    expect_facts(expect_report(p), "env", PATH_INSIDE, "HOME=/");
    expect_exit(p, 0);
}

CHECK(works_in_the_root, ROBUST, "directory", "The command begins in /, wherever ./container was called",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand_in_image("pwd");

    const char *image = format("../%s", new_image());
    make_directory("elsewhere");
    Program *p = contain_with((.directory = "elsewhere"), image, "report", "cwd");
    expect_fact(expect_report(p), "cwd", "/");
    expect_exit(p, 0);
}

CHECK(passes_no_descriptor_on, ROBUST, "descriptors",
      "The command has the descriptors 0, 1 and 2, and no others", .as_root = true,
      .needs = "runs_the_command")
{
    int fd = random_between(3, 40);
    by_hand("./container run box /bin/sh -c 'ls -l /proc/self/fd' %d< /etc/hosts", fd < 10 ? fd : 9);

    Program *p = contain_with((.inherited = fd), new_image(), "report", "descriptors");
    Facts *f = expect_report(p);
    for (size_t i = 0; i < count_facts(f, "descriptor"); i++) {
        const char *open = nth_fact(f, "descriptor", i);
        claim(atoi(open) <= 2, "no descriptor above 2 is open in the command; one is %s", open);
    }
    claim(count_facts(f, "descriptor") == 3, "the descriptors 0, 1 and 2 are open; open are %s",
          facts_named(f, "descriptor"));
    expect_exit(p, 0);
}

CHECK(begins_with_default_signals, ROBUST, "signal-state",
      "No signal is blocked or ignored when the command begins, whatever the caller did", .as_root = true,
      .needs = "runs_the_command")
{
    by_hand("(trap '' TERM HUP; exec ./container run box /bin/sh -c 'grep Sig /proc/self/status')");

    const char *image = new_image();
    uint64_t some = 1ull << SIGTERM | 1ull << SIGHUP | 1ull << SIGUSR1 | 1ull << SIGPIPE;
    for (int i = 0; i < 3; i++) {
        Program *p = i == 0   ? contain(image, "report", "signals")
                     : i == 1 ? contain_with((.ignored_signals = some), image, "report", "signals")
                              : contain_with((.blocked_signals = some), image, "report", "signals");
        expect_facts(expect_report(p), "signal");
        expect_exit(p, 0);
    }
}

CHECK(says_what_failed, ROBUST, "not-started", "Ends with 127, 126 or 125 when the command cannot be started",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand("./container run box /bin/none; echo $?; ./container run box /bin; echo $?; "
            "./container run none /bin/sh; echo $?");

    const char *image = new_image();
    write_file(format("%s/bin/text", image), text("no program\n"));
    struct {
        const char *image, *command;
        int status;
    } cases[] = {
        {image, "/bin/none", 127},
        {image, "none", 127},
        {image, "/none/puppet", 127},
        {image, "/bin/text", 126},
        {image, "/bin", 126},
        {format("%s.none", image), "/bin/puppet", 125},
        {format("%s/bin/text", image), "/bin/puppet", 125},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Program *p = start("run", cases[i].image, cases[i].command, "say", "here");
        expect_exit(p, cases[i].status);
        expect_stderr_message(p);
        expect_stdout_end(p);
    }
    Program *p = contain(image, "say", "here");
    expect_stdout(p, "here\n");
    expect_exit(p, 0);
}

CHECK(runs_many_at_once, ROBUST, "many",
      "Containers at the same time, of one image too, know nothing of each other", .as_root = true,
      .needs = "has_its_own_network")
{
    const char *image = new_image(), *other = make_image("other");
    Program *p[CONTAINERS];

    for (int i = 0; i < CONTAINERS; i++)
        p[i] = contain(i % 2 ? image : other, "listen", "8080", "write", "/tmp/x", format("mine %d", i),
                       "catch", "USR1", "say", "ready", "await", "dial", "8080", "read", "/tmp/x", "report",
                       "hostname,processes");
    for (int i = CONTAINERS - 1; i >= 0; i--)
        expect_stdout(p[i], "ready\n");
    for (int i = 0; i < CONTAINERS; i++) {
        send_signal(p[i], SIGUSR1);
        expect_stdout(p[i], format("caught USR1\nconnected 8080\nread mine %d\n", i));
        Facts *f = expect_report(p[i]);
        expect_fact(f, "hostname", name_of(i % 2 ? image : other));
        expect_fact(f, "process", "1");
        expect_exit(p[i], 0);
        for (int k = i + 1; k < CONTAINERS; k++)
            expect_running(p[k]);
    }
}

CHECK(leaves_nothing_behind, ROBUST, "nothing-left", "Leaves no process, no file and no mount",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand(
        "for i in $(seq 20); do ./container run box /bin/sh -c 'sleep 9 &'; done; ls; ls /tmp; pgrep -a sleep");

    const char *image = new_image(), *before = mounts_now(), *listing = listing_of(image);
    for (int i = 0; i < ROUNDS; i++) {
        Program *p = contain(image, "fork", "2", "write", "/tmp/x", "y", "exit", "5");
        expect_stdout(p, "forked 2\n");
        expect_exit(p, 5);
    }
    expect_nothing_left();
    expect_same_mounts(before);
    expect_unchanged(image, listing);
}

CHECK(waits_without_spinning, ROBUST, "idle", "Uses no processor time while the command waits",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand("./container run box /bin/sh -c 'sleep 9' & top -p $!");

    Program *p = contain(new_image(), "catch", "USR1", "say", "ready", "await");
    expect_stdout(p, "ready\n");
    double cpu_ms = cpu_ms_while_idle(p, IDLE_MS);
    note("%.0f ms of processor time in %d ms of idleness", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of idleness it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    send_signal(p, SIGUSR1);
    expect_stdout(p, "caught USR1\n");
    expect_exit(p, 0);
}

CHECK(does_not_copy_the_image, FAST, "no-copy", "Starts from a large image without reading it",
      .as_root = true, .needs = "leaves_the_image_alone")
{
    const char *image = new_image();
    write_sparse_file(format("%s/large", image), (int64_t)IMAGE_MB << 20, text("end\n"));
    Program *p = contain(image, "catch", "USR1", "say", "ready", "await");
    expect_stdout(p, "ready\n");
    int64_t read = bytes_read_by(p);
    note("%lld bytes read for a container of an image of %d MiB", (long long)read, IMAGE_MB);
    claim(read <= READ_MAX, "./container reads at most %d bytes; it has read %lld", READ_MAX,
          (long long)read);
    send_signal(p, SIGUSR1);
    expect_exit(p, 0);
}

/* ---- Limits -------------------------------------------------------------------------------------------- */

CHECK(refuses_impossible_limits, ROBUST, "limits", "Does not run a command whose limits cannot be set",
      .as_root = true, .needs = "runs_the_command")
{
    by_hand("CONTAINER_PIDS=5 ./container run box /bin/sh -c 'echo here'; echo $?");

    const char *image = new_image();
    const char *const *wrong[] = {
        (const char *const[]){"CONTAINER_PIDS=5", NULL},
        (const char *const[]){"CONTAINER_MEMORY_MB=64", NULL},
        (const char *const[]){"CONTAINER_PIDS=five", "CONTAINER_CGROUP=/tmp", NULL},
        (const char *const[]){"CONTAINER_PIDS=0", "CONTAINER_CGROUP=/tmp", NULL},
        (const char *const[]){"CONTAINER_MEMORY_MB=-1", "CONTAINER_CGROUP=/tmp", NULL},
        (const char *const[]){"CONTAINER_MEMORY_MB=64", "CONTAINER_CGROUP=/tmp/none", NULL},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        Program *p = contain_with((.env = wrong[i]), image, "say", "here");
        expect_exit(p, 125);
        expect_stderr_message(p);
        expect_stdout_end(p);
    }
    const char *const none[] = {"CONTAINER_CGROUP=/tmp/none", NULL};
    Program *p = contain_with((.env = none), image, "say", "here");
    expect_stdout(p, "here\n");
    expect_exit(p, 0);
    expect_nothing_left();
}

/* CONTAINER_CGROUP and one limit, as an environment. */
static const char *const *limit(const char *name, int value)
{
    static const char *env[3];

    env[0] = format("CONTAINER_CGROUP=%s", delegated_cgroup());
    env[1] = format("%s=%d", name, value);
    return env;
}

/* The only group that a container has now; NULL if there is none. */
static const char *group_now(void)
{
    DIR *dir = opendir(delegated_cgroup());
    const char *found = NULL;
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        claim(!found, "one container has one group; besides %s there is %s", found, entry->d_name);
        found = format("%s/%s", delegated_cgroup(), entry->d_name);
    }
    if (dir)
        closedir(dir);
    return found;
}

CHECK(has_a_group_of_its_own, ROBUST, "group",
      "A container with a limit is in a new cgroup, which is gone afterwards", .as_root = true,
      .needs = "refuses_impossible_limits")
{
    by_hand(
        "CONTAINER_PIDS=5 ./container run box /bin/sh -c 'sleep 5' & sleep 1; ls $CONTAINER_CGROUP; sleep 6; "
        "ls $CONTAINER_CGROUP");

    const char *const *env = limit("CONTAINER_PIDS", 20);
    const char *image = new_image();
    for (int i = 0; i < 3; i++) {
        Program *p = contain_with((.env = env), image, "catch", "USR1", "fork", "2", "await", "exit", "8");
        expect_stdout(p, "forked 2\n");
        const char *group = group_now();
        claim(group, "a group is in CONTAINER_CGROUP while the container runs; there is none");
        const char *members = (const char *)read_file(format("%s/cgroup.procs", group)).data;
        int first = pid_of_process(expect_first_process(p)), n = 0;
        bool has_first = false;
        for (const char *line = members; line && atoi(line) > 0;
             line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
            has_first = has_first || atoi(line) == first;
            n++;
        }
        claim(has_first && n == 3,
              "the command and its two children are in the group, and nobody else; in it are %d processes",
              n);
        send_signal(p, SIGUSR1);
        expect_exit(p, 8);
        claim_no_leak(!group_now(), "no group is left when ./container has ended; there is %s", group_now());
    }
}

CHECK(limits_memory, ROBUST, "memory", "A command that wants more memory than its limit is killed",
      .as_root = true, .needs = "has_a_group_of_its_own")
{
    by_hand("CONTAINER_MEMORY_MB=32 ./container run box /bin/sh -c 'x=a; while :; do x=$x$x; done'; echo $?");

    const char *const *env = limit("CONTAINER_MEMORY_MB", 32);
    const char *image = new_image();
    Program *p = contain_with((.env = env), image, "allocate", "16", "say", "enough", "exit", "3");
    expect_stdout(p, "allocated 16\nenough\n");
    expect_exit(p, 3);
    p = contain_with((.env = env), image, "say", "now", "allocate", "80", "say", "too much");
    expect_stdout(p, "now\n");
    expect_exit(p, 128 + SIGKILL, within(6000));
    expect_stdout_end(p);
    p = contain(image, "allocate", "80");
    expect_stdout(p, "allocated 80\n", within(6000));
    expect_exit(p, 0);
}

CHECK(limits_processes, ROBUST, "pids", "A container has as many processes as its limit allows",
      .as_root = true, .needs = "has_a_group_of_its_own")
{
    int most = random_between(4, 12);
    by_hand(
        "CONTAINER_PIDS=%d ./container run box /bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done'",
        most);

    const char *const *env = limit("CONTAINER_PIDS", most);
    Program *p = contain_with((.env = env), new_image(), "fork", "30", "exit", "3");
    expect_stdout(p, format("forked %d\nfailed fork EAGAIN\n", most - 1));
    expect_exit(p, 3);
    expect_nothing_left();
}
