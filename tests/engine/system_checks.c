/* Tiny checks of trees, small disks and signals, and the programs that break them: system.c runs them. */
#include "harness/bursts.h"
#include "harness/check.h"
#include "harness/cost.h"
#include "harness/disk.h"
#include "harness/files.h"
#include "harness/processes.h"
#include "harness/tree.h"

CHALLENGE("system");

static const char tree[] = "d/ =0750\n"
                           "d/run =0755 #!/bin/sh\\n\n"
                           "d/two\\x20words x\\ny\n"
                           "d/empty\n"
                           "big %134217728\n"
                           "link -> d/run\n"
                           "nowhere -> gone\n"
                           "same & d/run\n"
                           "pipe |\n";

CHECK(trees_are_copied, CORE, "tree", "A whole tree, and its copy")
{
    make_tree("a", tree);
    set_mtime("a/d", 1700000000, 123456789);
    expect_tree("a", tree);
    expect_exit(start("copy", "well"), 0);
    expect_tree("b", tree);
    expect_same_tree("a", "b", SAME_TIMES);
    claim(mtime_of("b/d") == 1700000000123456789, "the time is exact");
    claim(space_of_file("b/big") == 0 && size_of_file("b/big") == 128 << 20, "the hole stays one");
    claim(inode_of("b/same") == inode_of("b/d/run") && links_to("b/same") == 2, "a hard link");
    claim(target_of_symlink("b/nowhere")[0] == 'g', "it points to where it did");
}

CHECK(tree_times_differ, CORE, "tree", "fails: another time")
{
    make_tree("a", "f x\n");
    set_mtime("a/f", 1700000000, 1);
    expect_exit(start("copy", "badly"), 0);
    expect_same_tree("a", "b", SAME_CONTENT);
    expect_same_tree("a", "b", SAME_TIMES);
}

CHECK(tree_links_differ, CORE, "tree", "fails: a hard link has become a copy")
{
    make_tree("a", "f x\ng & f\n");
    expect_exit(start("copy", "badly"), 0);
    expect_same_tree("a", "b", SAME_CONTENT);
}

CHECK(tree_has_more, CORE, "tree", "fails: a file too many")
{
    make_tree("a", "f x\nd/\nd/g\n");
    expect_tree("a", "f x\nd/\n", within(500));
}

CHECK(tree_has_other_content, CORE, "tree", "fails: other content")
{
    make_tree("a", "f xx\n");
    expect_tree("a", "f xy\n", within(500));
}

CHECK(tree_has_other_kind, CORE, "tree", "fails: another kind")
{
    make_tree("a", "f -> g\n");
    expect_tree("a", "f\n", within(500));
}

CHECK(disk_is_full, ROBUST, "disk", "Nothing can be written to a full disk, nor to one that is read-only")
{
    mount_disk("disk", .size = 256 << 10);
    expect_exit(start("write", "disk/f"), 0);
    remove_file("disk/f");
    fill_disk("disk", 0);
    Program *p = start("write", "disk/f");
    expect_exit(p, 1);
    expect_stderr_has(p, "No space left on device");
    empty_disk("disk");
    expect_exit(start("write", "disk/f"), 0);
    make_disk_read_only("disk");
    p = start("write", "disk/f");
    expect_exit(p, 1);
    expect_stderr_has(p, "Read-only file system");
    mount_disk("few", .files = 1);
    expect_exit(start("write", "few/a"), 0);
    expect_exit(start("write", "few/b"), 1);
}

CHECK(signals_are_counted, CORE, "signals", "Each signal while it sleeps, one for many while it is stopped")
{
    Program *p = start("count-signals");
    expect_stdout(p, "ready\n");
    Process *process = process_of(p);
    expect_state(process, 'S');
    struct signal_masks m = signals_of(process);
    claim(m.ignored & 1ull << SIGHUP, "SIGHUP is ignored");
    claim(m.caught & 1ull << SIGUSR1, "SIGUSR1 is caught");
    signal_while_stopped(process, SIGUSR1, SIGUSR1, SIGUSR1);
    expect_stdout(p, "1\n");
    for (int i = 2; i < 12; i++) {
        signal_sleeper(process, SIGUSR1, 1);
        expect_stdout(p, format("%d\n", i));
    }
    signal_burst(process, SIGUSR1, 1000);
    expect_running(p);
}

CHECK(signals_are_queued, CORE, "signals", "Real-time signals with their values")
{
    Program *p = start("queued");
    expect_stdout(p, "ready\n");
    Process *process = process_of(p);
    stop_process(process);
    queue_signal(process, SIGRTMIN, 7);
    queue_signal(process, SIGRTMIN, 8);
    signal_process(process, SIGCONT);
    expect_stdout(p, "7\n8\n");
}

CHECK(threads_are_counted, CORE, "signals", "Threads")
{
    Process *p = process_of(start("threads"));
    eventually(threads_of(p) == 4, "four threads");
}

CHECK(never_sleeps, CORE, "signals", "fails: it never sleeps")
{
    expect_state(process_of(start("spin")), 'S', within(500));
}

/* ---- Cost ---------------------------------------------------------------------------------------------- */

static long syncs_of(const char *how)
{
    Program *p = start_with((.counted_calls = COUNTED(SYS_fsync, SYS_write)), "durable", how);

    expect_exit(p, 0);
    claim(calls_of(p, SYS_write) == 20, "it writes 20 times: %ld", calls_of(p, SYS_write));
    return calls_of(p, SYS_fsync);
}

CHECK(calls_are_counted, FAST, "cost", "System calls are counted, of whoever makes them")
{
    claim(syncs_of("once") == 1, "it syncs once");
    claim(syncs_of("each") == 21, "it syncs each time");
    expect_linear("what it costs", 100, 20, 800, 160, 1);
    expect_linear("what hardly costs anything", 100, 1, 800, 70, 50);
}

CHECK(too_few_calls, FAST, "cost", "fails: it does not sync each time")
{
    long n = syncs_of("once");

    claim(n >= 20, "it syncs before each of the 20 answers: %ld times", n);
}

CHECK(cost_is_quadratic, FAST, "cost", "fails: eight times as much costs 64 times as much")
{
    expect_linear("CPU time in ms", 1000, 30, 8000, 1920, 20);
}
