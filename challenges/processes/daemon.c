/* daemon: ./daemon start|stop|status detaches a service from whoever starts it, and controls it afterwards.
 */
#include "harness/check.h"
#include "harness/files.h"
#include "harness/processes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CHALLENGE("daemon");

enum {
    IDLE_MS = 300,    /* how long we watch a daemon that has nothing to do */
    IDLE_CPU_MS = 30, /* and what it may use of the processor meanwhile */
    ROUNDS = 10,      /* of what could go well once by chance */
    RIVALS = 8,       /* starts at the same time */
    REOPENS = 50
};

/* Runs ./daemon with this verb to its end. */
static Program *run(const char *verb, int status)
{
    Program *p = start(verb);

    expect_exit(p, status);
    return p;
}

/* The number in a pid file, which must be exactly a pid and a line feed; 0 if it is anything else. */
static int pid_in(const char *path)
{
    if (!is_there(path))
        return 0;
    Bytes b = read_file(path);
    int pid = 0;
    for (size_t i = 0; i + 1 < b.size && i < 9; i++)
        pid = isdigit(b.data[i]) ? 10 * pid + (b.data[i] - '0') : 0;
    const char *exact = format("%d\n", pid);
    return b.size == strlen(exact) && memcmp(b.data, exact, b.size) == 0 ? pid : 0;
}

/* The daemon that a start has left running, once its pid file is there. */
static Process *daemon_of(const char *directory)
{
    const char *path = format("%s/daemon.pid", directory);

    accept_leftovers();
    eventually(pid_in(path) > 0, format("a pid and a line feed in %s", path));
    return process_with_pid(pid_in(path), "the daemon");
}

static Process *start_daemon(void)
{
    run("start", 0);
    return daemon_of(".");
}

static const char *line(const char *word, Process *daemon)
{
    return format("%s %d\n", word, pid_of_process(daemon));
}

static void expect_status(int status, const char *says)
{
    Program *p = start("status");

    expect_stdout(p, says);
    expect_stdout_end(p);
    expect_exit(p, status);
}

/* ---- Core
 * -------------------------------------------------------------------------------------------------- */

CHECK(starts_a_daemon, CORE, "start", "Leaves a process running, and says which in daemon.pid and daemon.log")
{
    by_hand(
        "./daemon start; echo $?; cat daemon.pid daemon.log; ps -o pid,ppid,sid,tty,cmd -p $(cat daemon.pid)");

    Program *starter = start("start");
    expect_exit(starter, 0);
    Process *daemon = daemon_of(".");
    claim(pid_of_process(daemon) != pid_of(starter),
          "the daemon is another process than the start: both are pid %d", pid_of(starter));
    expect_file("daemon.log", line("started", daemon));
    expect_alive(daemon);
}

CHECK(stops_it, CORE, "stop", "Stops the daemon, and leaves nothing but the log", .needs = "starts_a_daemon")
{
    by_hand("./daemon start; ./daemon stop; echo $?; ls; tail -n 1 daemon.log");

    Process *daemon = start_daemon();
    expect_file("daemon.log", line("started", daemon));
    run("stop", 0);
    expect_gone(daemon);
    expect_no_file("daemon.pid");
    expect_file("daemon.log", format("%s%s", line("started", daemon), line("stopped", daemon)));
    claim_no_leak(orphans_alive() == 0, "no process stays behind: %d did", orphans_alive());
}

CHECK(reports_its_status, CORE, "status", "Says whether the daemon is running, with exit status 0 or 3",
      .needs = "starts_a_daemon")
{
    by_hand("./daemon status; echo $?; ./daemon start; ./daemon status; echo $?");

    expect_status(3, "stopped\n");
    Process *daemon = start_daemon();
    expect_status(0, line("running", daemon));
    run("stop", 0);
    expect_status(3, "stopped\n");
}

CHECK(is_ready_when_start_ends, CORE, "ready", "Is ready at the moment at which start ends",
      .needs = "starts_a_daemon")
{
    by_hand(
        "for i in 1 2 3 4 5; do ./daemon start; cat daemon.pid daemon.log; ./daemon stop; rm daemon.log; done");

    for (int i = 0; i < ROUNDS; i++) {
        run("start", 0);
        int pid = pid_in("daemon.pid");
        claim(pid > 0, "daemon.pid holds a pid and a line feed when start ends: it does not");
        expect_file_now("daemon.log", format("started %d\n", pid));
        run("stop", 0);
        expect_no_file("daemon.pid");
        remove_file("daemon.log");
    }
}

CHECK(lets_its_caller_go, CORE, "caller", "Does not hold on to the output of whoever starts it",
      .needs = "starts_a_daemon")
{
    by_hand("./daemon start | cat        # must come back to the prompt");

    Program *starter = start("start");
    expect_exit(starter, 0);
    expect_stdout_end(starter);
    expect_stderr_empty(starter);
    Process *daemon = daemon_of(".");
    expect_alive(daemon);
    for (int fd = 0; fd <= 2; fd++) {
        const char *target = descriptor_of(daemon, fd);
        claim(target && strcmp(target, "/dev/null") == 0,
              "descriptor %d of the daemon is open on /dev/null: it is %s", fd, target ? target : "not open");
    }
}

CHECK(leaves_the_session, CORE, "detached", "Is no child, and in a session of its own that it does not lead",
      .needs = "starts_a_daemon")
{
    by_hand("./daemon start; ps -o pid,ppid,pgid,sid,tty,cmd -p $$,$(cat daemon.pid)");

    Program *starter = start("start");
    expect_exit(starter, 0);
    Process *daemon = daemon_of(".");
    eventually(facts_of(daemon).parent == 1, "the daemon to become a child of PID 1");
    struct process_facts f = facts_of(daemon);
    claim(f.session != pid_of(starter),
          "the daemon has left the session of its start: it is still in session %d", f.session);
    claim(f.session != pid_of_process(daemon),
          "the daemon does not lead its session: its pid and its session are both %d", f.session);
}

CHECK(runs_once, CORE, "one", "A second start changes nothing", .needs = "starts_a_daemon")
{
    by_hand("./daemon start; cat daemon.pid; ./daemon start; echo $?; cat daemon.pid; pgrep -c daemon");

    Process *daemon = start_daemon();
    expect_file("daemon.log", line("started", daemon));
    run("start", 0);
    expect_file_now("daemon.pid", format("%d\n", pid_of_process(daemon)));
    expect_alive(daemon);
    eventually(orphans_alive() == 1, "the daemon to be the only process that is left");
    run("stop", 0);
    expect_gone(daemon);
    expect_file("daemon.log", format("%s%s", line("started", daemon), line("stopped", daemon)));
    run("stop", 0);
    expect_status(3, "stopped\n");
}

CHECK(reopens_the_log, CORE, "reopen", "Opens daemon.log anew on SIGHUP, and goes on in it",
      .needs = "starts_a_daemon")
{
    by_hand(
        "./daemon start; mv daemon.log daemon.log.1; kill -HUP $(cat daemon.pid); sleep 1; cat daemon.log");

    Process *daemon = start_daemon();
    expect_file("daemon.log", line("started", daemon));
    rename_file("daemon.log", "daemon.log.1");
    signal_process(daemon, SIGHUP);
    expect_file("daemon.log", line("reopened", daemon));
    expect_file("daemon.log.1", line("started", daemon));
    run("stop", 0);
    expect_file("daemon.log", format("%s%s", line("reopened", daemon), line("stopped", daemon)));
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "starts_a_daemon")
{
    Process *daemon = start_daemon();

    Program *wrong[] = {
        start(),        start("restart"), start("start", "now"),
        start("START"), start("star"),    start("status", "-v"),
        start(""),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
    expect_alive(daemon);
}

/* ---- Robust
 * ------------------------------------------------------------------------------------------------ */

CHECK(keeps_the_log, ROBUST, "log", "Adds to the log, and lets it be read by others",
      .needs = "starts_a_daemon")
{
    by_hand("echo yesterday > daemon.log; ./daemon start; ./daemon stop; ./daemon start; cat daemon.log");

    write_file("daemon.log", text("yesterday\n"));
    Process *first = start_daemon();
    expect_file("daemon.log", format("yesterday\n%s", line("started", first)));
    run("stop", 0);
    Process *second = start_daemon();
    expect_file("daemon.log", format("yesterday\n%s%s%s", line("started", first), line("stopped", first),
                                     line("started", second)));
}

CHECK(has_clean_surroundings, ROBUST, "surroundings",
      "Works in /, with umask 0, and makes files with mode 0644", .needs = "starts_a_daemon")
{
    by_hand("umask 077; ./daemon start; ls -l daemon.*; ls -l /proc/$(cat daemon.pid)/cwd; "
            "grep Umask /proc/$(cat daemon.pid)/status");

    expect_exit(start_with((.umask = 077), "start"), 0);
    Process *daemon = daemon_of(".");
    expect_file("daemon.log", line("started", daemon));
    struct process_facts f = facts_of(daemon);
    claim(strcmp(f.directory, "/") == 0, "the daemon works in the directory /: it is in %s", f.directory);
    claim(f.umask == 0, "the daemon has the umask 0: it is %03o", (unsigned)f.umask);
    const char *const made[] = {"daemon.pid", "daemon.log"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        claim(permissions_of(made[i]) == 0644, "%s has the permissions 0644: they are %04o", made[i],
              (unsigned)permissions_of(made[i]));
}

CHECK(passes_no_descriptor_on, ROBUST, "caller", "Closes the descriptors that it was started with",
      .needs = "starts_a_daemon")
{
    int fd = random_between(3, 40);
    by_hand("sh -c './daemon start %d>&1' | cat        # must come back to the prompt", fd < 10 ? fd : 9);

    Program *starter = start_with((.inherited = fd), "start");
    expect_exit(starter, 0);
    Process *daemon = daemon_of(".");
    expect_inherited_closed(starter);
    expect_alive(daemon);
}

CHECK(outlives_the_terminal, ROBUST, "detached", "Has no terminal, and does not notice when it is hung up",
      .needs = "starts_a_daemon")
{
    by_hand("./daemon start; ps -o tty= -p $(cat daemon.pid)        # prints ?; now close the window");

    Program *starter = start_with((.terminal = true), "start");
    expect_exit(starter, 0);
    Process *daemon = daemon_of(".");
    expect_file("daemon.log", line("started", daemon));
    claim(!facts_of(daemon).has_terminal,
          "the daemon has no controlling terminal: it still has the one of its start");
    hang_up_terminal(starter);
    expect_status(0, line("running", daemon));
    expect_alive(daemon);
    expect_file_now("daemon.log", line("started", daemon));
}

CHECK(keeps_to_its_directory, ROBUST, "directory", "Has one daemon for each directory",
      .needs = "starts_a_daemon")
{
    by_hand("./daemon start; mkdir other; cd other; ../daemon status; ../daemon start; cd ..; ./daemon stop; "
            "cd other; ../daemon status");

    Process *here = start_daemon();
    make_directory("other");
    expect_exit(start_with((.directory = "other"), "status"), 3);
    expect_exit(start_with((.directory = "other"), "start"), 0);
    Process *there = daemon_of("other");
    claim(pid_of_process(there) != pid_of_process(here),
          "each directory has its own daemon: both have pid %d", pid_of_process(here));
    expect_file("other/daemon.log", line("started", there));
    run("stop", 0);
    expect_gone(here);
    expect_alive(there);
    expect_exit(start_with((.directory = "other"), "status"), 0);
}

CHECK(starts_after_a_crash, ROBUST, "stale", "Starts again after it was killed, and says that it had crashed",
      .needs = "starts_a_daemon")
{
    by_hand(
        "./daemon start; kill -9 $(cat daemon.pid); ./daemon status; echo $?; ./daemon start; ./daemon status");

    Process *first = start_daemon();
    signal_process(first, SIGKILL);
    expect_gone(first);
    expect_status(1, "crashed\n");
    Process *second = start_daemon();
    expect_status(0, line("running", second));
    signal_process(second, SIGKILL);
    expect_gone(second);
    run("stop", 0);
    expect_no_file("daemon.pid");
    expect_status(3, "stopped\n");
}

CHECK(spares_the_innocent, ROBUST, "stale",
      "Leaves alone a process that has the pid of a daemon that was killed", .needs = "starts_a_daemon")
{
    by_hand("sleep 60 & echo $! > daemon.pid; ./daemon status; ./daemon stop; jobs");

    make_directory("other");
    expect_exit(start_with((.directory = "other"), "start"), 0);
    Process *other = daemon_of("other"); /* the same program, so that its name tells nothing */
    Program *sleeper = start_with((.path = "/bin/sleep"), "60");
    int pids[] = {pid_of(sleeper), pid_of_process(other)};

    for (int i = 0; i < 2; i++) {
        write_file("daemon.pid", text(format("%d\n", pids[i])));
        expect_status(1, "crashed\n");
        run("stop", 0);
        expect_no_file("daemon.pid");
        expect_running(sleeper);
        expect_alive(other);

        write_file("daemon.pid", text(format("%d\n", pids[i])));
        Process *daemon = start_daemon();
        claim(pid_of_process(daemon) != pids[i],
              "start replaces a pid file that is stale: pid %d is still in it", pids[i]);
        run("stop", 0);
        expect_gone(daemon);
        expect_running(sleeper);
        expect_alive(other);
    }
}

CHECK(takes_rubbish_for_stale, ROBUST, "stale", "Kills nobody and starts well, whatever is in daemon.pid",
      .needs = "starts_a_daemon")
{
    static const char *const rubbish[] = {
        "", "hello\n", "0\n", "-1\n", "1\n", "99999999999999999999\n",
    };
    by_hand("echo -1 > daemon.pid; ./daemon stop; ./daemon start; cat daemon.pid");

    make_directory("other");
    expect_exit(start_with((.directory = "other"), "start"), 0);
    Process *other = daemon_of("other");
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
        write_file("daemon.pid", text(rubbish[i]));
        expect_status(1, "crashed\n");
        run("stop", 0);
        expect_no_file("daemon.pid");
        write_file("daemon.pid", text(rubbish[i]));
        Process *daemon = start_daemon();
        run("stop", 0);
        expect_gone(daemon);
        expect_alive(other);
    }
}

CHECK(stop_waits_for_the_end, ROBUST, "stop", "stop ends only when the daemon has ended", .needs = "stops_it")
{
    by_hand(
        "./daemon start; kill -STOP $(cat daemon.pid); ./daemon stop & sleep 2; jobs; kill -CONT $(cat daemon.pid)");

    for (int i = 0; i < ROUNDS; i++) {
        Process *daemon = start_daemon();
        stop_process(daemon);
        Program *stopper = start("stop");
        expect_pending(daemon, SIGTERM);
        wait_until_idle(stopper);
        if (i == 0)
            cpu_ms_while_idle(stopper, IDLE_MS);
        expect_running(stopper);
        signal_process(daemon, SIGCONT);
        expect_exit(stopper, 0);
        expect_gone_now(daemon);
        claim(!is_there("daemon.pid"), "daemon.pid is gone when stop ends: it is still there");
    }
}

CHECK(ends_on_sigterm, ROBUST, "terminate", "Ends on SIGTERM by itself, with exit status 0",
      .needs = "starts_a_daemon")
{
    by_hand("./daemon start; kill $(cat daemon.pid); sleep 1; ls; cat daemon.log");

    Process *daemon = start_daemon();
    expect_file("daemon.log", line("started", daemon));
    signal_process(daemon, SIGTERM);
    expect_process_exit(daemon, 0);
    expect_file_now("daemon.log", format("%s%s", line("started", daemon), line("stopped", daemon)));
    claim(!is_there("daemon.pid"), "daemon.pid is gone when the daemon has ended: it is still there");
    expect_status(3, "stopped\n");
}

CHECK(says_why_it_cannot_start, ROBUST, "cannot-start",
      "start ends with status 1 and a message when the daemon cannot run", .needs = "starts_a_daemon")
{
    by_hand("mkdir daemon.log; ./daemon start; echo $?; ls");

    make_directory("daemon.log");
    Program *p = start("start");
    expect_exit(p, 1);
    expect_stderr_message(p);
    expect_stdout_end(p);
    eventually(orphans_alive() == 0, "every process of a start that has failed to be gone");
    expect_no_file("daemon.pid");
    expect_status(3, "stopped\n");

    make_directory("locked");
    set_permissions("locked", 0555);
    p = start_with((.directory = "locked"), "start");
    expect_exit(p, 1);
    expect_stderr_message(p);
    eventually(orphans_alive() == 0, "every process of a start that has failed to be gone");

    make_directory("open");
    expect_exit(start_with((.directory = "open"), "start"), 0);
    expect_alive(daemon_of("open"));
}

CHECK(one_of_many_starts_wins, ROBUST, "one", "Of eight starts at the same moment, one makes a daemon",
      .needs = "runs_once")
{
    by_hand("for i in 1 2 3 4 5 6 7 8; do ./daemon start & done; wait; pgrep -fc 'daemon start'");

    for (int i = 0; i < ROUNDS; i++) {
        Program *rivals[RIVALS];
        for (int k = 0; k < RIVALS; k++)
            rivals[k] = start("start");
        for (int k = 0; k < RIVALS; k++)
            expect_exit(rivals[k], 0);
        Process *daemon = daemon_of(".");
        eventually(orphans_alive() == 1, "one daemon to be left of eight starts");
        expect_alive(daemon);
        expect_file("daemon.log", line("started", daemon));
        run("stop", 0);
        expect_gone(daemon);
        remove_file("daemon.log");
    }
}

CHECK(hears_its_signals, ROBUST, "signals",
      "Takes SIGTERM and SIGHUP although its caller had blocked and ignored them", .needs = "reopens_the_log")
{
    by_hand(
        "nohup ./daemon start; mv daemon.log daemon.log.1; kill -HUP $(cat daemon.pid); sleep 1; cat daemon.log");

    uint64_t both = 1ull << SIGTERM | 1ull << SIGHUP;
    for (int i = 0; i < 2; i++) {
        Program *p = i == 0 ? start_with((.ignored_signals = both), "start")
                            : start_with((.blocked_signals = both), "start");
        expect_exit(p, 0);
        Process *daemon = daemon_of(".");
        expect_file("daemon.log", line("started", daemon));
        signal_process(daemon, SIGHUP);
        expect_file("daemon.log", format("%s%s", line("started", daemon), line("reopened", daemon)));
        run("stop", 0);
        expect_gone(daemon);
        remove_file("daemon.log");
    }
}

CHECK(reopens_without_a_leak, ROBUST, "reopen", "Has no more descriptors after fifty times SIGHUP",
      .needs = "reopens_the_log")
{
    by_hand("./daemon start; for i in $(seq 50); do kill -HUP $(cat daemon.pid); sleep .1; done; "
            "ls -l /proc/$(cat daemon.pid)/fd");

    Process *daemon = start_daemon();
    const char *expected = line("started", daemon);
    int before = 0;
    for (int i = 0; i < REOPENS; i++) {
        signal_process(daemon, SIGHUP);
        expected =
            format("%s%s", expected, line("reopened", daemon)); /* each is answered before the next is sent */
        expect_file("daemon.log", expected);
        if (i == 0)
            before = open_files_of_process(daemon);
    }
    /* The line may be there a moment before the old descriptor is closed. */
    eventually(open_files_of_process(daemon) <= before,
               format("the daemon to have %d descriptors open as after the first SIGHUP; it has %d", before,
                      open_files_of_process(daemon)));
}

CHECK(waits_without_spinning, ROBUST, "idle", "Uses no processor time while nothing happens",
      .needs = "starts_a_daemon")
{
    by_hand("./daemon start; top -p $(cat daemon.pid)");

    Process *daemon = start_daemon();
    expect_file("daemon.log", line("started", daemon));
    double cpu_ms = process_cpu_ms_while_idle(daemon, IDLE_MS);
    note("%.0f ms of processor time in %d ms of idleness", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of idleness it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    expect_status(0, line("running", daemon));
}
