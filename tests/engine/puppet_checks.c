/* What the puppet does and tells, and how checks read it: see puppet.c, which runs these. */
#include "harness/check.h"
#include "harness/files.h"
#include "harness/image.h"
#include "harness/puppet.h"

#include <string.h>
#include <sys/wait.h>

CHALLENGE("puppet");

static Program *run_puppet(const struct start_options *options, const char *const *arguments)
{
    struct start_options o = *options;

    if (!is_there("p"))
        put_puppet("p");
    o.path = "./p";
    return start_program(&o, arguments);
}
#define puppet(...) run_puppet(&(const struct start_options){0}, (const char *const[]){__VA_ARGS__, NULL})

/* ---- What passes --------------------------------------------------------------------------------------- */

CHECK(tells_of_itself, CORE, "facts", "As the child of a command executor does")
{
    put_puppet("p");
    Program *p = start_with((.path = "./p", .ignored_signals = 1ull << SIGPIPE, .umask = 027), "report",
                            "pid,argv,env,cwd,umask,signals,descriptors", "exit", "3");
    Facts *f = expect_report(p);

    expect_fact(f, "pid", format("%d", pid_of(p)));
    expect_facts(f, "argv", "./p", "report", "pid,argv,env,cwd,umask,signals,descriptors", "exit", "3");
    claim(has_fact(f, "env", "HOME=/run/lux"), "HOME is set; it has %s", facts_named(f, "env"));
    expect_fact(f, "cwd", "/run/lux");
    expect_fact(f, "umask", "027");
    expect_fact(f, "signal", "PIPE ignored");
    claim(count_facts(f, "descriptor") == 3, "it has three descriptors; it has %s",
          facts_named(f, "descriptor"));
    expect_stdout_end(p);
    expect_exit(p, 3);
}

CHECK(serves, CORE, "service", "As a service does: a log, signals, children, an end")
{
    Program *p = puppet("into", "log", "report", "pid,ppid", "ignore", "HUP", "catch", "TERM,USR1", "fork",
                        "3", "await", "await", "say", "bye");
    Facts *f = expect_report_in("log");

    expect_fact(f, "pid", format("%d", pid_of(p)));
    expect_fact(f, "ppid", "1");
    const char *begun = format("report\npid %d\nppid 1\nend\nforked 3\n", pid_of(p));
    expect_file("log", begun);
    claim(processes_of(p) == 4, "it has three children: %d", processes_of(p) - 1);
    send_signal(p, SIGHUP);
    send_signal(p, SIGUSR1);
    expect_file("log", format("%scaught USR1\n", begun));
    send_signal(p, SIGTERM);
    expect_exit(p, 0);
    expect_file("log", format("%scaught USR1\ncaught TERM\nbye\n", begun));
    accept_leftovers();
}

CHECK(ends_in_many_ways, CORE, "ends", "As the jobs of a pool do")
{
    claim(WTERMSIG(wait_exit(puppet("die", "KILL"))) == SIGKILL, "it kills itself");
    claim(WTERMSIG(wait_exit(puppet("crash"))) == SIGSEGV, "it crashes");
    expect_exit(puppet("spin", "1", "sleep", "1", "exit", "200"), 200);
    expect_exit(puppet("nonsense"), 99);
    expect_exit(puppet("exit"), 99);

    Program *p = puppet("allocate", "8", "zombies", "2", "reap", "write", "out", "one", "read", "out", "read",
                        "none", "mkdir", "out", "remove", "out", "say", "a\nb\\", "complain", "p: oh");
    expect_stdout(p,
                  "allocated 8\nreaped 2\nread one\nfailed read ENOENT\nfailed mkdir EEXIST\na\\x0ab\\x5c\n");
    expect_exit(p, 0);
    expect_stderr_has(p, "p: oh");
    claim(!is_there("out"), "it removes what it made");

    p = puppet("cat");
    type(p, "through\n");
    expect_stdout(p, "through\n");
    send_signal(p, SIGTERM);
    wait_exit(p);
    p = puppet("kill", "99999", "TERM", "listen", "4000", "listen", "4000", "dial", "4000", "dial", "4001",
               "orphan");
    expect_stdout(p,
                  "failed kill ESRCH\nfailed listen EADDRINUSE\nconnected 4000\nfailed dial ECONNREFUSED\n");
    eventually(unread_stdout(p) > 0, "the orphan to say who takes care of it");
    claim(orphans_alive() == 1, "there is one orphan: %d", orphans_alive());
    accept_leftovers();
}

CHECK(image_is_as_it_was, CORE, "image", "A root file system, and whether it was changed", .as_root = true)
{
    const char *image = make_image("first"), *mounts = mounts_now(), *listing = listing_of(image);

    claim(strcmp(image, make_image("second")) != 0, "another one is another one");
    expect_unchanged(image, listing);
    expect_same_mounts(mounts);
    Program *p = start_with((.path = "/usr/sbin/chroot"), image, "/bin/puppet", "report", "root", "mkdir",
                            "/x", "escape", "read", "/etc/hostname", "read", "/images/first/none");
    expect_facts(expect_report(p), "entry", "bin", "dev", "proc", "tmp");
    expect_exit(p, 0);
    claim(strcmp(listing, listing_of(image)) != 0, "the new directory is seen");
}

CHECK(first_process_is_found, CORE, "first", "The first process of a pid namespace", .as_root = true)
{
    put_puppet("p");
    Program *p =
        start_with((.path = "/usr/bin/unshare"), "--pid", "--fork", "./p", "report", "pid,ppid", "pause");
    Facts *f = expect_report(p);

    expect_fact(f, "pid", "1");
    expect_fact(f, "ppid", "0");
    Process *first = expect_first_process(p);
    signal_process(first, SIGKILL);
    expect_gone(first);
    wait_exit(p);
}

/* ---- What fails ---------------------------------------------------------------------------------------- */

CHECK(wrong_fact, CORE, "facts", "Another value than expected")
{
    expect_facts(expect_report(puppet("report", "cwd,argv")), "cwd", "/", "/tmp");
}

CHECK(fact_not_told, CORE, "facts", "Nothing was told of it")
{
    fact(expect_report(puppet("report", "cwd")), "hostname");
}

CHECK(no_report, CORE, "facts", "Something else than a report")
{
    expect_report(puppet("say", "reported"));
}

CHECK(report_without_end, CORE, "facts", "A report that does not end")
{
    expect_report(puppet("say", "report", "say", "pid 4", "pause"), within(500));
}

CHECK(wants_too_much, ROBUST, "memory", "A program that takes more memory than all may have together")
{
    Program *p = puppet("allocate", "300", "pause");

    wait_exit(p, within(9000));
}

CHECK(wants_too_much_together, ROBUST, "memory",
      "Two programs that take too much together, unnoticed by the check")
{
    Program *a = puppet("allocate", "150", "pause"), *b = puppet("allocate", "150", "pause");

    wait_exit(a, within(9000));
    wait_exit(b);
}

CHECK(changed_file, CORE, "image", "A file of the image was written to", .as_root = true)
{
    const char *image = make_image("first"), *listing = listing_of(image);

    append_file("images/first/bin/puppet", text("x"));
    expect_unchanged(image, listing);
}

CHECK(new_mount, CORE, "image", "A mount that was not there before", .as_root = true)
{
    const char *before = mounts_now();

    make_directory("m");
    expect_exit(puppet("mount", "m"), 0);
    expect_same_mounts(before);
}

CHECK(no_first_process, CORE, "first", "No pid namespace", .as_root = true)
{
    expect_first_process(puppet("pause"), within(500));
}
