/* tail: ./tail [-f] [-n lines] <file> prints the end of a file, and follows its name as the file grows, is
 * cut, or is replaced. */
#include "harness/check.h"
#include "harness/files.h"
#include "harness/processes.h"

#include <string.h>
#include <sys/wait.h>

CHALLENGE("tail");

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    IDLE_MS = 300,          /* how long we watch a program that has nothing to do */
    IDLE_CPU_MS = 30,       /* and what it may use of the processor meanwhile */
    HELD_MAX_KB = 16 * KIB, /* of memory for lines that are not to be printed */
    READ_MAX = MIB,         /* that may be read of a file of which little is wanted */
    ROTATIONS = 5,
    STARTS = 5 /* with somebody writing meanwhile */
};

#define ALL "9223372036854775807"

/* Lines with these numbers, a line each. */
static Bytes lines(int from, int to)
{
    const char *all = "";
    for (int i = from; i <= to; i++)
        all = format("%sline %d\n", all, i);
    return text(all);
}

/* A program that prints exactly this, and ends with status 0. */
static void expect_all(Program *p, Bytes b)
{
    expect_stdout_bytes(p, b, within(5000));
    expect_stdout_end(p);
    expect_exit(p, 0);
}

/* ./tail -f on a file that has one line so far, which it has printed. */
static Program *follow(const char *path)
{
    write_file(path, text("first\n"));
    Program *p = start("-f", path);
    expect_stdout(p, "first\n");
    return p;
}

static void expect_appended(Program *p, const char *path, const char *s)
{
    append_file(path, text(s));
    expect_stdout(p, s, .what = format("what was appended to %s", path));
}

/* The program does nothing between these two, so that all that the check does meanwhile is one change to it.
 */
static Process *freeze(Program *p)
{
    Process *frozen = process_with_pid(pid_of(p), "./tail");

    stop_process(frozen);
    return frozen;
}

static void thaw(Process *frozen)
{
    signal_process(frozen, SIGCONT);
}

/* ---- Core
 * -------------------------------------------------------------------------------------------------- */

CHECK(prints_the_last_ten, CORE, "last-lines", "Prints the last ten lines of a file")
{
    by_hand("seq 100 > numbers; ./tail numbers");

    int total = random_between(11, 99);
    write_file("numbers", lines(1, total));
    expect_all(start("numbers"), lines(total - 9, total));
}

CHECK(prints_as_many_as_asked, CORE, "last-lines", "Prints as many lines as -n says",
      .needs = "prints_the_last_ten")
{
    by_hand("seq 100 > numbers; ./tail -n 3 numbers");

    int wanted = random_between(2, 9), many = random_between(11, 70);
    write_file("numbers", lines(1, 80));
    expect_all(start("-n", format("%d", wanted), "numbers"), lines(81 - wanted, 80));
    expect_all(start("-n", format("%d", many), "numbers"), lines(81 - many, 80));
    expect_all(start("-n", "1", "numbers"), lines(80, 80));
    expect_all(start("-n", "0", "numbers"), text(""));
}

CHECK(prints_a_short_file_whole, CORE, "last-lines", "Prints the whole of a file that has fewer lines",
      .needs = "prints_the_last_ten")
{
    by_hand("seq 3 > short; ./tail short; : > empty; ./tail empty");

    write_file("short", lines(1, 4));
    expect_all(start("short"), lines(1, 4));
    expect_all(start("-n", "4", "short"), lines(1, 4));
    expect_all(start("-n", ALL, "short"), lines(1, 4));
    write_file("empty", text(""));
    expect_all(start("empty"), text(""));
    expect_all(start("-n", "5", "empty"), text(""));
}

CHECK(counts_an_unfinished_line, CORE, "lines", "Takes what follows the last line feed for a line",
      .needs = "prints_as_many_as_asked")
{
    by_hand("printf 'one\\ntwo\\nthr' > unfinished; ./tail -n 2 unfinished | xxd");

    write_file("unfinished", text("one\ntwo\nthr"));
    expect_all(start("-n", "1", "unfinished"), text("thr"));
    expect_all(start("-n", "2", "unfinished"), text("two\nthr"));
    write_file("empty lines", text("one\n\n\n\n"));
    expect_all(start("-n", "2", "empty lines"), text("\n\n"));
    expect_all(start("-n", "4", "empty lines"), text("one\n\n\n\n"));
}

CHECK(prints_what_is_appended, CORE, "follow", "With -f, prints what is appended",
      .needs = "prints_the_last_ten")
{
    by_hand("seq 3 > log; ./tail -f -n 2 log &");
    by_hand("echo more >> log");

    write_file("log", lines(1, 20));
    Program *p = start("-f", "-n", "2", "log");
    expect_stdout_bytes(p, lines(19, 20));
    expect_appended(p, "log", "line 21\n");
    expect_appended(p, "log", "line 22\nline 23\n");
    expect_running(p);
}

CHECK(shows_half_a_line, CORE, "at-once",
      "With -f, prints what has come without waiting for the end of a line",
      .needs = "prints_what_is_appended")
{
    by_hand("./tail -f log &");
    by_hand("printf 'Checking the disk ... ' >> log        # is seen at once");

    Program *p = follow("log");
    expect_appended(p, "log", "Checking the disk ... ");
    expect_appended(p, "log", "o");
    expect_appended(p, "log", "k\n");
}

CHECK(follows_a_replaced_file, CORE, "replaced", "With -f, goes on with the file that took the name",
      .needs = "prints_what_is_appended")
{
    by_hand("./tail -f log &");
    by_hand("mv log log.1; echo new > log");

    Program *p = follow("log");
    expect_appended(p, "log", "the last of the old\n");
    rename_file("log", "log.1");
    write_file("log", text("a new file, and all that is in it: longer than the old one was\n"));
    expect_stdout(p, "a new file, and all that is in it: longer than the old one was\n", within(5000));
    expect_appended(p, "log", "more\n");

    write_file("log.new", text("replaced in one step, by rename(2)\n"));
    rename_file("log.new", "log");
    expect_stdout(p, "replaced in one step, by rename(2)\n", within(5000));
    expect_appended(p, "log", "and more\n");
}

CHECK(starts_over_when_cut, CORE, "truncated", "With -f, begins again with a file that was cut",
      .needs = "prints_what_is_appended")
{
    by_hand("seq 100 > log; ./tail -f log &");
    by_hand(": > log; echo new >> log");

    Program *p = follow("log");
    expect_appended(p, "log", "some more lines\nso that it is long\nbefore it is cut\n");
    Process *frozen = freeze(p);
    truncate_file("log", 0);
    append_file("log", text("begun anew\n"));
    thaw(frozen);
    expect_stdout(p, "begun anew\n", within(5000));
    expect_appended(p, "log", "and on\n");
}

CHECK(says_that_it_cannot_open, CORE, "cannot-open", "Says that there is no such file, with exit status 1",
      .needs = "prints_the_last_ten")
{
    by_hand("./tail no-such-file; echo $?");

    write_file("a file", lines(1, 3));
    expect_all(start("a file"), lines(1, 3));
    Program *p = start("no such file");
    expect_exit(p, 1);
    expect_stderr_message(p);
    expect_stdout_end(p);
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "prints_the_last_ten")
{
    write_file("log", lines(1, 20));
    expect_all(start("-n", "3", "-n", "2", "log"), lines(19, 20));

    Program *wrong[] = {
        start(),
        start("-f"),
        start("-n", "3"),
        start("-n", "three", "log"),
        start("-n", "-1", "log"),
        start("-n", "", "log"),
        start("-n", "3x", "log"),
        start("-n", "+3", "log"),
        start("-n", "9223372036854775808", "log"),
        start("-x", "log"),
        start("log", "log"),
        start("-n"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

/* ---- Robust
 * ------------------------------------------------------------------------------------------------ */

CHECK(keeps_every_byte_value, ROBUST, "lines", "Prints every byte value unchanged, NUL included",
      .needs = "prints_as_many_as_asked")
{
    by_hand("printf 'a\\nb\\000c\\r\\n\\377\\n' > binary; ./tail -n 2 binary | xxd");

    /* The ten is one of the values: two lines. */
    write_file("binary", join(text("before\n"), all_byte_values()));
    expect_all(start("-n", "2", "binary"), all_byte_values());
    write_file("log", text("first\n"));
    Program *p = start("-f", "log");
    expect_stdout(p, "first\n");
    append_file("log", all_byte_values());
    expect_stdout_bytes(p, all_byte_values());
}

/* One line of this length, which is not wanted, and then an empty one and one of that length, which are. */
static void expect_border_found(int before, int wanted)
{
    Bytes x = {.size = (size_t)wanted}, y = {.size = (size_t)before};
    x.data = memset((char *)format("%*s", wanted, ""), 'x', x.size);
    y.data = memset((char *)format("%*s", before, ""), 'y', y.size);
    Bytes end = join(text("\n"), join(x, text("\n")));

    write_file("long", join(join(y, text("\n")), end));
    expect_all(start("-n", "2", "long"), end);
}

CHECK(takes_lines_of_any_length, ROBUST, "lines",
      "Takes lines of any length, wherever a block of its buffer ends", .needs = "prints_as_many_as_asked")
{
    by_hand("(echo a; head -c 100000 /dev/zero | tr '\\0' x; echo; echo b) > long; ./tail -n 2 long | wc -c");

    static const int blocks[] = {512, 1024, 4096, 8192, 65536};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        int block = blocks[i];
        expect_border_found(block,
                            10); /* counted from the start: the line feed is the first byte of a block */
        expect_border_found(block - 1, 10); /* and the last one */
        expect_border_found(10, block - 2); /* counted from the end: the same */
        expect_border_found(10, block - 1);
    }
    expect_border_found(10, 3 * MIB);
}

CHECK(reads_what_cannot_seek, ROBUST, "any-file",
      "Takes a pipe for a file, and ends with it, with -f as well", .needs = "prints_as_many_as_asked")
{
    by_hand("seq 100000 | ./tail -n 3 /proc/self/fd/0; seq 100000 | ./tail -f -n 3 /proc/self/fd/0");

    for (int i = 0; i < 2; i++) {
        Program *p = i == 0 ? start("-n", "3", "/proc/self/fd/0") : start("-f", "-n", "3", "/proc/self/fd/0");
        type_bytes(p, numbered_lines(300 * KIB));
        type(p, "\nlast but two\nlast but one\nlast");
        close_stdin(p);
        expect_all(p, text("last but two\nlast but one\nlast"));
    }
}

CHECK(holds_no_more_than_it_prints, ROBUST, "bounded-memory",
      "Does not keep of a pipe what it will not print", .needs = "reads_what_cannot_seek")
{
    by_hand("(seq 5000000; sleep 60) | ./tail -n 3 /proc/self/fd/0 & top -p $(pgrep -x tail)");

    Program *p = start("-n", "3", "/proc/self/fd/0");
    type(p, "the first line\n");
    expect_typed(p);
    wait_until_idle(p);
    long before_kb = memory_kb_of(p);
    type_bytes(p, numbered_lines(32 * MIB));
    expect_typed(p, within(8000));
    wait_until_idle(p);
    long grown = memory_kb_of(p) - before_kb;
    note("memory grew by %ld KiB while 32 MiB came", grown);
    claim(grown <= HELD_MAX_KB,
          "memory grows by at most %d KiB while 32 MiB come from a pipe; it grew by %ld KiB", HELD_MAX_KB,
          grown);
    type(p, "\na\nb\nc\n");
    close_stdin(p);
    expect_all(p, text("a\nb\nc\n"));
}

CHECK(reads_files_without_a_size, ROBUST, "any-file",
      "Reads a file that says that it has 0 bytes, as those in /proc do", .needs = "prints_as_many_as_asked")
{
    by_hand("ls -l /proc/filesystems; ./tail -n 3 /proc/filesystems");

    Bytes all = read_file("/proc/filesystems");
    size_t from = all.size;
    for (int feeds = 0; from > 0; from--) {
        feeds += all.data[from - 1] == '\n';
        if (feeds > 3)
            break;
    }
    expect_all(start("-n", "3", "/proc/filesystems"), slice(all, from, all.size - from));
}

CHECK(prints_eight_mebibytes, ROBUST, "any-amount", "Prints 8 MiB to a slow reader and loses nothing",
      .needs = "prints_as_many_as_asked")
{
    by_hand("seq 1200000 > big; ./tail -n 1000000 big | (sleep 2; cksum); tail -n 1000000 big | cksum");

    Bytes much = numbered_lines(8 * MIB);
    write_file("big", much);
    Program *p = start_with((.out = STDOUT_UNREAD), "-n", ALL, "big");
    wait_until_idle(p);
    read_stdout(p);
    expect_all(p, much);
}

CHECK(loses_nothing_while_it_starts, ROBUST, "no-loss",
      "With -f, loses nothing that is written while it starts", .needs = "prints_what_is_appended",
      .deadline_ms = 30000)
{
    by_hand("(for i in $(seq 5000); do echo $i >> log; done) & ./tail -f -n 5000 log | cmp - <(seq 5000)");

    for (int round = 0; round < STARTS; round++) {
        const char *path = format("log.%d", round);
        bool in_the_middle =
            round % 2 == 0; /* it has begun to print, and nobody reads: more than a pipe takes */
        int total = random_between(1000, 3000);
        write_file(path, in_the_middle ? numbered_lines(MIB) : lines(1, 1));
        Program *p = start_with((.out = STDOUT_UNREAD), "-f", "-n", ALL, path);
        if (in_the_middle)
            wait_until_idle(p);
        for (int i = 2; i <= total; i++)
            append_silently(path, lines(i, i));
        step("appends %d lines one by one", total - 1);
        read_stdout(p);
        expect_stdout_bytes(p, read_file(path));
        expect_appended(p, path, "and nothing twice\n");
        send_signal(p, SIGKILL);
        wait_exit(p);
    }
}

CHECK(finishes_the_old_file, ROBUST, "replaced",
      "With -f, prints what is still written to the file that was renamed",
      .needs = "follows_a_replaced_file", .deadline_ms = 30000)
{
    by_hand("./tail -f log &");
    by_hand("mv log log.1; echo late >> log.1; echo new > log");

    Program *p = follow("log");
    rename_file("log", "log.1");
    expect_appended(p, "log.1", "written by somebody who has it still open\n");
    for (int i = 0; i < 3; i++) {
        Process *frozen = freeze(p);
        append_file("log.1", text("the last of the old file\n"));
        write_file("log", text("the first of the new one\n"));
        thaw(frozen);
        expect_stdout(p, "the last of the old file\nthe first of the new one\n", within(5000));
        rename_file("log", "log.1");
    }
}

CHECK(waits_for_the_name, ROBUST, "replaced", "With -f, waits while there is no file of that name",
      .needs = "follows_a_replaced_file", .deadline_ms = 30000)
{
    by_hand("./tail -f log &");
    by_hand("rm log; sleep 5; echo again > log");

    Program *p = follow("log");
    for (int i = 1; i <= 3; i++) {
        remove_file("log");
        double cpu_ms = cpu_ms_while_idle(p, IDLE_MS);
        claim(cpu_ms <= IDLE_CPU_MS,
              "in %d ms without the file it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
              IDLE_CPU_MS, cpu_ms);
        expect_running(p);
        write_file("log", text(format("again, for the %d. time\n", i)));
        expect_stdout(p, format("again, for the %d. time\n", i), within(5000));
    }
    expect_appended(p, "log", "and on\n");
}

CHECK(follows_a_symbolic_link, ROBUST, "replaced", "With -f, follows a symbolic link to another file",
      .needs = "follows_a_replaced_file")
{
    by_hand("echo a > log.1; ln -s log.1 log; ./tail -f log &");
    by_hand("echo b > log.2; ln -sfn log.2 log; echo c >> log.2");

    write_file("log.1", text("the first file\n"));
    make_symlink("log.1", "log");
    Program *p = start("-f", "log");
    expect_stdout(p, "the first file\n");
    expect_appended(p, "log.1", "more of it\n");
    write_file("log.2", text("the second file\n"));
    make_symlink("log.2", "log");
    expect_stdout(p, "the second file\n", within(5000));
    expect_appended(p, "log.2", "more of the second\n");
}

CHECK(starts_over_when_shortened, ROBUST, "truncated",
      "With -f, begins again with a file that lost a single byte", .needs = "starts_over_when_cut")
{
    by_hand("seq 3 > log; ./tail -f -n 1 log &");
    by_hand("truncate -s -1 log        # prints all that is left");

    write_file("log", text("one\ntwo\nthree\n"));
    Program *p = start("-f", "-n", "1", "log");
    expect_stdout(p, "three\n");
    truncate_file("log", 13);
    expect_stdout(p, "one\ntwo\nthree", within(5000));
    expect_appended(p, "log", "\nfour\n");
}

CHECK(leaks_nothing_when_rotated, ROBUST, "replaced",
      "With -f, has no more descriptors after several rotations", .needs = "follows_a_replaced_file",
      .deadline_ms = 30000)
{
    by_hand("./tail -f log & for i in $(seq 5); do mv log log.1; echo $i > log; sleep 1.1; done; "
            "ls -l /proc/$(pgrep -x tail)/fd");

    Program *p = follow("log");
    int before = 0;
    for (int i = 1; i <= ROTATIONS; i++) {
        write_file("log.new", text(format("file %d\n", i)));
        rename_file("log.new", "log");
        expect_stdout(p, format("file %d\n", i), within(5000));
        if (i == 1)
            before = open_files_of(p);
    }
    int after = open_files_of(p);
    claim_no_leak(after <= before,
                  "it has as many descriptors open after %d rotations as after one: %d, and then %d",
                  ROTATIONS, before, after);
}

CHECK(ends_when_nobody_reads, ROBUST, "stdout-gone", "With -f, ends when nobody reads its output any more",
      .needs = "prints_what_is_appended")
{
    by_hand("./tail -f log | head -n 1        # must come back to the prompt, although nothing is appended");

    Program *p = follow("log");
    expect_appended(p, "log", "more\n");
    abandon_stdout(p);
    int status = wait_exit(p, within(5000));
    bool by_sigpipe = WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
    bool by_itself = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    claim(by_sigpipe || by_itself,
          "it ends with exit status 1 or by SIGPIPE; its status from waitpid(2) was 0x%04x",
          (unsigned)status);
}

CHECK(ends_on_signals, ROBUST, "stop", "With -f, ends on SIGTERM and on SIGINT",
      .needs = "prints_what_is_appended")
{
    by_hand("timeout 2 ./tail -f log; echo $?");

    static const int signals[] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; i++) {
        Program *p = follow("log");
        expect_appended(p, "log", "more\n");
        send_signal(p, signals[i]);
        int status = wait_exit(p);
        bool by_default = WIFSIGNALED(status) && WTERMSIG(status) == signals[i];
        bool by_itself = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        claim(by_default || by_itself,
              "it ends by the signal or with exit status 0; its status from waitpid(2) was 0x%04x",
              (unsigned)status);
    }
}

CHECK(says_that_it_cannot_read, ROBUST, "cannot-open",
      "Says that a directory is no file, and that -f needs a file, too", .needs = "says_that_it_cannot_open")
{
    by_hand("./tail .; echo $?; ./tail -f no-such-file; echo $?");

    write_file("log", lines(1, 3));
    expect_all(start("log"), lines(1, 3));
    make_directory("folder");
    write_file("secret", text("not for everybody\n"));
    set_permissions("secret", 0);
    Program *wrong[] = {start("folder"), start("-f", "folder"), start("-f", "no such file"), start("secret")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_exit(wrong[i], 1);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
}

CHECK(says_that_it_cannot_write, ROBUST, "cannot-write",
      "Says that its output cannot be written, with exit status 1", .needs = "prints_the_last_ten")
{
    by_hand("./tail log > /dev/full; echo $?");

    write_file("log", lines(1, 20));
    expect_all(start("log"), lines(11, 20));
    Program *p = start_with((.out = STDOUT_FULL), "log");
    expect_exit(p, 1);
    expect_stderr_message(p);
}

CHECK(waits_without_spinning, ROBUST, "idle", "With -f, uses no processor time while nothing happens",
      .needs = "prints_what_is_appended")
{
    by_hand("./tail -f log & top -p $(pgrep -x tail)");

    Program *p = follow("log");
    expect_appended(p, "log", "and now I am silent\n");
    double cpu_ms = cpu_ms_while_idle(p, IDLE_MS);
    note("%.0f ms of processor time in %d ms of silence", cpu_ms, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "in %d ms of silence it uses at most %d ms of processor time; it used %.0f ms", IDLE_MS,
          IDLE_CPU_MS, cpu_ms);
    expect_appended(p, "log", "awake again\n");
}

/* ---- Fast
 * -------------------------------------------------------------------------------------------------- */

CHECK(reads_the_end_alone, FAST, "cost", "Reads little of a file of 5 GiB to print its end",
      .needs = "prints_what_is_appended")
{
    by_hand("truncate -s 5G huge; seq 20 >> huge; time ./tail huge");

    write_sparse_file("huge", 5ll * KIB * MIB, lines(0, 20));
    Program *p =
        start_with((.data_mb = 1024), "-f", "huge"); /* who keeps it all is not to eat up the machine */
    expect_stdout_bytes(p, lines(11, 20));
    int64_t count = bytes_read_by(p);
    note("%lld bytes were read of 5 GiB", (long long)count);
    claim(count <= READ_MAX, "to print ten lines it reads at most %d bytes; it read %lld", READ_MAX,
          (long long)count);
    expect_appended(p, "huge", "more\n");
}

CHECK(reads_what_is_new_alone, FAST, "cost", "With -f, reads what is new, not the file again",
      .needs = "prints_what_is_appended")
{
    by_hand("seq 2000000 > log; strace -c ./tail -f log &");
    by_hand("for i in $(seq 100); do echo $i >> log; done");

    write_file("log", numbered_lines(8 * MIB));
    append_file("log", text("\nend\n"));
    Program *p = start("-f", "-n", "1", "log");
    expect_stdout(p, "end\n");
    int64_t before = bytes_read_by(p);
    for (int i = 1; i <= 3; i++) {
        const char *line = format("line %d\n", i);
        expect_appended(p, "log", line);
        int64_t count = bytes_read_by(p) - before;
        claim(count <= READ_MAX, "for %d lines it reads at most %d bytes; it read %lld", i, READ_MAX,
              (long long)count);
    }
}
