/* shared-memory-queue: ./shmqueue <name> <size> carries out commands from stdin on a queue in shared memory, which it has
 * in common with every other process that was started with this name. */
#include "harness/check.h"
#include "harness/processes.h"
#include "harness/shm.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CHALLENGE("shared-memory-queue");

enum {
    TEXT_MAX = 256, /* bytes of a message */
    IDLE_MS = 500,  /* how long we watch one that waits */
    IDLE_CPU_MS = 30,
    IDLE_NAPS = 20,
    RACERS = 8,     /* that start at the same moment */
    RACES = 10,     /* of what could go well once by chance */
    MASSACRES = 40, /* rounds in which several are killed at work */
    VICTIMS = 4,
    PRODUCERS = 4,
    CONSUMERS = 4,
    EACH = 2000, /* messages of each producer */
    GETS = PRODUCERS * EACH / CONSUMERS,
    SHIFTS = 6
};

/* What the check has the queue called. */
static const char *queue;

static void new_queue(void)
{
    accept_leftovers();
    queue = shm_name();
}

static Program *attach(const char *size)
{
    return start(queue, size);
}

/* One command, and its answer. */
static void ask(Program *p, const char *command, const char *answer)
{
    type(p, format("%s\n", command));
    expect_stdout(p, format("%s\n", answer), .what = format("the answer to \"%s\"", command));
}

/* One command that has to wait, until it does. */
static void let_wait(Program *p, const char *command)
{
    type(p, format("%s\n", command));
    expect_typed(p);
    wait_until_idle(p);
}

static void finish_after(Program *p, const char *prints)
{
    close_stdin(p);
    expect_stdout(p, prints);
    expect_stdout_end(p);
    expect_exit(p, 0);
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(passes_messages, CORE, "attach", "What one process puts into the queue, another one takes out of it")
{
    new_queue();
    by_hand("./shmqueue q 4        # in two terminals: put hello in one, get in the other");

    Program *a = attach("4");
    ask(a, "put hello", "ok"); /* before the second comes: that several make it at once is another check */
    Program *b = attach("4");
    ask(b, "get", "got hello");
    ask(b, "put and back", "ok");
    ask(a, "get", "got and back");
}

CHECK(lives_in_shared_memory, CORE, "object", "The queue is a shared memory object, and mapped",
      .needs = "passes_messages")
{
    new_queue();
    by_hand("./shmqueue q 4 & ls -l /dev/shm; grep shm /proc/$!/maps");

    Program *a = attach("4"), *b = attach("4");
    ask(a, "put hello", "ok");
    ask(b, "count", "1");
    expect_shm(queue);
    claim(shm_permissions(queue) == 0600, "the object has the permissions 0600: they are %04o",
          (unsigned)shm_permissions(queue));
    expect_shm_mapped(a, queue);
    expect_shm_mapped(b, queue);
}

CHECK(keeps_the_order, CORE, "order", "First in, first out, many times around", .needs = "passes_messages")
{
    enum { ROUNDS = 20, INSIDE = 5 };
    new_queue();
    by_hand("for i in 1 2 3; do echo put $i; echo put $i$i; echo get; done | ./shmqueue q 5");

    Program *a = attach("7"), *b = attach("7");
    for (int i = 0; i < ROUNDS; i++) {
        for (int k = 0; k < INSIDE; k++)
            ask(a, format("put %d", i * INSIDE + k), "ok");
        for (int k = 0; k < INSIDE; k++)
            ask(b, "get", format("got %d", i * INSIDE + k));
    }
}

CHECK(get_waits, CORE, "empty", "get waits until there is a message", .needs = "passes_messages")
{
    new_queue();
    by_hand("./shmqueue q 4        # get in one terminal, and then a put in another");

    Program *a = attach("4"), *b = attach("4");
    ask(a, "count", "0");
    ask(b, "count", "0");
    let_wait(b, "get");
    ask(a, "put at last", "ok");
    expect_stdout(b, "got at last\n");
    ask(b, "count", "0");
}

CHECK(put_waits, CORE, "full", "put waits while the queue holds <size> messages", .needs = "passes_messages")
{
    static const char *const sizes[] = {"1", "2", "3", "10"};
    by_hand("seq 1 6 | sed 's/^/put /' | ./shmqueue q 5        # prints ok five times and waits");

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        new_queue();
        Program *a = attach(sizes[i]), *b = attach(sizes[i]);
        int size = atoi(sizes[i]);
        for (int k = 0; k < size; k++)
            ask(a, format("put %d", k), "ok");
        let_wait(a, "put one more");
        ask(b, "count", sizes[i]); /* the waiting one is not in it */
        ask(b, "get", "got 0");
        expect_stdout(a, "ok\n");
        ask(b, "count", sizes[i]);
        for (int k = 1; k < size; k++)
            ask(b, "get", format("got %d", k));
        ask(b, "get", "got one more");
    }
}

CHECK(outlives_its_users, CORE, "persistent", "Messages stay in the queue when nobody uses it",
      .needs = "passes_messages")
{
    new_queue();
    by_hand("printf 'put 1\\nput 2\\n' | ./shmqueue q 4; printf 'count\\nget\\nget\\n' | ./shmqueue q 4");

    Program *a = attach("4");
    type(a, "put 1\nput 2\n");
    expect_stdout(a, "ok\nok\n");
    finish_after(a, "");
    Program *b = attach("4");
    type(b, "count\nget\nget\ncount\n");
    expect_stdout(b, "2\ngot 1\ngot 2\n0\n");
    finish_after(b, "");
}

CHECK(removes_the_name, CORE, "remove", "After remove the name is free for a new queue",
      .needs = "passes_messages")
{
    new_queue();
    by_hand(
        "printf 'put old\\nremove\\ncount\\n' | ./shmqueue q 4; ls /dev/shm; echo count | ./shmqueue q 8");

    Program *a = attach("4"), *b = attach("4");
    ask(b, "put 1", "ok");
    ask(a, "remove", "ok");
    expect_no_shm(queue);
    ask(a, "put 2", "ok"); /* those who have it go on with it */
    ask(b, "get", "got 1");
    Program *c = attach("8");
    ask(c, "count", "0");
    ask(c, "put new", "ok");
    ask(b, "get", "got 2");
    ask(c, "get", "got new");
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .needs = "passes_messages")
{
    new_queue();

    Program *wrong[] = {
        start(),
        start(queue),
        start(queue, "4", "4"),
        start(queue, "0"),
        start(queue, "-1"),
        start(queue, "4x"),
        start(queue, ""),
        start(queue, "10001"),
        start(queue, "4294967300"),
        start("", "4"),
        start("a/b", "4"),
        start(".q", "4"),
        start(format("%0201d", 1), "4"),
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
    claim(!shm_is_there(queue), "a wrong command line makes no queue: /dev/shm/%s is there", queue);
    Program *longest = start(format("%0*d", 200, random_between(1, 999999)), "10000");
    ask(longest, "count", "0");
    ask(longest, "remove", "ok");
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

CHECK(takes_any_text, ROBUST, "text", "Text comes back byte for byte, up to 256 of them",
      .needs = "passes_messages")
{
    uint8_t longest[TEXT_MAX], every[TEXT_MAX];
    size_t n = 0;
    for (int i = 0; i < TEXT_MAX; i++) {
        longest[i] = (uint8_t)('a' + i % 26);
        if (i != '\n')
            every[n++] = (uint8_t)i;
    }
    const Bytes texts[] = {bytes(every, n), bytes(longest, TEXT_MAX), text(""), text(" "), text("get"),
                           text("x")};
    new_queue();
    by_hand("printf 'put a\\0b\\nput \\nget\\nget\\n' | ./shmqueue q 4 | od -c");

    Program *a = attach("6"), *b = attach("6");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        type_bytes(a, join(join(text("put "), texts[i]), text("\n")));
        expect_stdout(a, "ok\n");
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        type(b, "get\n");
        expect_stdout_bytes(b, join(join(text("got "), texts[i]), text("\n")));
    }
}

CHECK(answers_error, ROBUST, "error", "Answers error to what is no command, and goes on",
      .needs = "passes_messages")
{
    static const char *const wrong[] = {"",     "put",  "get 1", "GET",    "count ",
                                        " get", "putx", "got",   "removed"};
    char too_long[TEXT_MAX + 2] = "";
    memset(too_long, 'x', TEXT_MAX + 1);
    new_queue();
    by_hand("printf 'put\\nget 1\\nGET\\ncount\\n' | ./shmqueue q 4");

    Program *a = attach("4");
    ask(a, "put stays", "ok");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        ask(a, wrong[i], "error");
    ask(a, format("put %s", too_long), "error");
    ask(a, format("put %060000d", 1), "error");
    ask(a, "count", "1");
    ask(a, "get", "got stays");
    expect_shm(queue);
}

CHECK(ends_with_stdin, ROBUST, "end", "Ends after its last command, and half a line is none",
      .needs = "passes_messages")
{
    new_queue();
    by_hand("printf 'put 1\\nput 2' | ./shmqueue q 4; echo $?; echo count | ./shmqueue q 4");

    Program *a = attach("4"), *b = attach("4");
    type(a, "put 1\nput 2");
    finish_after(a, "ok\n");
    ask(b, "count", "1");

    Program *c = attach("4"); /* stdin ends while it waits */
    ask(b, "get", "got 1");
    let_wait(c, "get");
    close_stdin(c);
    ask(b, "put for c", "ok");
    finish_after(c, "got for c\n");
}

CHECK(refuses_another_size, ROBUST, "size-differs",
      "Refuses a queue that has another size, and leaves it alone", .needs = "passes_messages")
{
    new_queue();
    by_hand("echo put 1 | ./shmqueue q 4; echo get | ./shmqueue q 8; echo $?; echo get | ./shmqueue q 4");

    Program *a = attach("4");
    ask(a, "put 1", "ok");
    static const char *const others[] = {"3", "5", "10000"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        Program *b = attach(others[i]);
        type(b, "get\n");
        expect_exit(b, 1);
        expect_stdout_end(b);
        expect_stderr_message(b);
    }
    ask(a, "count", "1");
    Program *c = attach("4");
    ask(c, "get", "got 1");
}

CHECK(leaves_strangers_alone, ROBUST, "stranger", "Refuses an object that is no queue, and does not touch it",
      .needs = "passes_messages")
{
    const Bytes contents[] = {text("x"), text("somebody else's\n"), numbered_lines(5000),
                              numbered_lines(100000)};
    by_hand("echo precious > /dev/shm/q; echo count | ./shmqueue q 4; echo $?; cat /dev/shm/q");

    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        new_queue();
        shm_make(queue, contents[i]);
        Program *a = attach("4");
        type(a, "put 1\n");
        expect_exit(a, 1);
        expect_stdout_end(a);
        expect_stderr_message(a);
        Bytes now = shm_content(queue);
        claim(now.size == contents[i].size && memcmp(now.data, contents[i].data, now.size) == 0,
              "the object still holds its %zu bytes, unchanged: it has %zu now", contents[i].size, now.size);
        shm_remove(queue);
    }
    new_queue();
    ask(attach("4"), "count", "0");
}

CHECK(completes_what_is_half_made, ROBUST, "half-made",
      "Makes a queue of an object whose maker was killed before it had a length", .needs = "passes_messages")
{
    new_queue();
    by_hand(": > /dev/shm/q; printf 'put 1\\nget\\n' | ./shmqueue q 4");

    shm_make(queue, text(""));
    Program *a = attach("4"), *b = attach("4");
    ask(a, "put 1", "ok");
    ask(b, "get", "got 1");
    expect_shm_mapped(b, queue);
}

CHECK(is_made_once, ROBUST, "race", "Of many that start at the same moment, all have the same queue",
      .needs = "passes_messages")
{
    by_hand(
        "for i in 1 2 3 4 5 6 7 8; do echo put $i | ./shmqueue q 8 & done; wait; echo count | ./shmqueue q 8");

    for (int r = 0; r < RACES; r++) {
        Program *racers[RACERS];
        new_queue();
        for (int i = 0; i < RACERS; i++) {
            racers[i] = attach("10000"); /* it takes a moment to make it */
            type(racers[i], format("put %d\n", i));
        }
        for (int i = 0; i < RACERS; i++)
            finish_after(racers[i], "ok\n");
        Program *last = attach("10000");
        ask(last, "count", format("%d", RACERS));
        ask(last, "remove", "ok");
        finish_after(last, "");
    }
}

/* So many times: a put of the longest message, and a get. */
static Bytes puts_and_gets(int times)
{
    Bytes pair = text(format("put %0*d\nget\n", TEXT_MAX, 7));
    char *all = xcalloc((size_t)times, pair.size);

    for (size_t i = 0; i < (size_t)times; i++)
        memcpy(all + i * pair.size, pair.data, pair.size);
    return bytes(all, (size_t)times * pair.size);
}

/* Notes that "got P-N" has come, message N of producer P, to a consumer that has had the messages up to before[P]. */
static void account(Bytes answer, int *before, bool came[][EACH + 1])
{
    const char *line = format("%.*s", (int)answer.size, (const char *)answer.data);
    int p = -1, n = -1, used = 0;

    bool whole = sscanf(line, "got %d-%d%n", &p, &n, &used) == 2 && line[used] == '\0' && p >= 0 &&
                 p < PRODUCERS && n >= 1 && n <= EACH;
    claim(whole, "each answer is \"got P-N\", where P-N was put: \"%s\" came", line);
    claim(!came[p][n], "each message comes once: %d-%d came a second time", p, n);
    claim(n > before[p],
          "the messages of one producer come in the order in which it put them: %d-%d came after %d-%d", p, n,
          p, before[p]);
    before[p] = n;
    came[p][n] = true;
}

/* Four put, four get, all they can; everything is accounted for. */
static void let_many_work(Bytes gets, const Bytes *puts)
{
    bool came[PRODUCERS][EACH + 1] = {{false}};
    Program *producers[PRODUCERS], *consumers[CONSUMERS];

    new_queue();
    for (int i = 0; i < CONSUMERS; i++) {
        consumers[i] = attach("500");
        type_bytes(consumers[i], gets);
        close_stdin(consumers[i]);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i] = attach("500");
        type_bytes(producers[i], puts[i]);
        close_stdin(producers[i]);
    }
    for (int i = 0; i < CONSUMERS; i++) {
        int before[PRODUCERS] = {0};
        for (int n = 0; n < GETS; n++)
            account(next_stdout_line(consumers[i], within(15000), .what = "the next message"), before, came);
        expect_stdout_end(consumers[i]);
        expect_exit(consumers[i], 0);
    }
    for (int i = 0; i < PRODUCERS; i++)
        expect_exit(producers[i], 0);
    Program *last = attach("500");
    ask(last, "count", "0");
    ask(last, "remove", "ok");
    finish_after(last, "");
}

CHECK(loses_and_doubles_nothing, ROBUST, "once", "Every message comes exactly once, with many at work",
      .needs = "passes_messages", .deadline_ms = 60000)
{
    by_hand(
        "for i in 1 2 3 4; do yes get | head -n 1000 | ./shmqueue q 500 > out$i & done; "
        "for i in 1 2 3 4; do seq $i 4 4000 | sed 's/^/put /' | ./shmqueue q 500 > /dev/null & done; wait; "
        "cat out? | sort | uniq | wc -l        # 4000");

    Bytes gets = text(""), puts[PRODUCERS];
    for (int n = 0; n < GETS; n++)
        gets = join(gets, text("get\n"));
    for (int i = 0; i < PRODUCERS; i++) {
        puts[i] = text("");
        for (int n = 1; n <= EACH; n++)
            puts[i] = join(puts[i], text(format("put %d-%d\n", i, n)));
    }
    for (int r = 0; r < SHIFTS; r++)
        let_many_work(gets, puts);
}

CHECK(a_stopped_get_holds_up_nobody, ROBUST, "stopped",
      "While one is stopped in a get, the messages go to others", .needs = "get_waits")
{
    new_queue();
    by_hand("./shmqueue q 4        # get, then Ctrl-Z; get in a second terminal, put 1 in a third");

    Program *stopped = attach("4"), *waiting = attach("4"), *c = attach("4");
    ask(stopped, "count", "0");
    ask(waiting, "count", "0");
    let_wait(stopped, "get");
    stop_process(process_of(stopped));
    let_wait(waiting, "get");
    ask(c, "put 1", "ok");
    expect_stdout(waiting, "got 1\n");
    ask(c, "count", "0");
    ask(c, "put 2", "ok");
    ask(waiting, "get", "got 2");
    for (int i = 0; i < 4; i++)
        ask(c, format("put %d", i), "ok"); /* all <size> places are to be had */
    for (int i = 0; i < 3; i++)
        ask(waiting, "get", format("got %d", i));
    send_signal(stopped, SIGCONT);
    expect_stdout(stopped, "got 3\n");
    ask(c, "count", "0");
}

CHECK(a_stopped_put_holds_up_nobody, ROBUST, "stopped",
      "While one is stopped in a put, the places go to others", .needs = "put_waits")
{
    new_queue();
    by_hand("./shmqueue q 1        # put 1, put 2, then Ctrl-Z; get, put 3 and get in a second terminal");

    Program *stopped = attach("2"), *waiting = attach("2"), *c = attach("2");
    ask(waiting, "put 1", "ok");
    ask(stopped, "put 2", "ok");
    let_wait(stopped, "put late");
    stop_process(process_of(stopped));
    let_wait(waiting, "put 3");
    ask(c, "get", "got 1");
    expect_stdout(waiting, "ok\n");
    ask(c, "count", "2");
    ask(c, "get", "got 2");
    ask(c, "get", "got 3");
    ask(c, "count", "0");
    ask(c, "put 4", "ok");
    send_signal(stopped, SIGCONT);
    expect_stdout(stopped, "ok\n");
    ask(c, "get", "got 4");
    ask(c, "get", "got late");
}

CHECK(waits_at_its_pipes_alone, ROBUST, "pipes", "Who waits for stdin or for stdout holds up nobody",
      .needs = "passes_messages")
{
    enum { PAIRS = 1000 };
    new_queue();
    by_hand("while echo \"put $(seq -s , 50)\"; echo get; do :; done | ./shmqueue q 4 | sleep 1000 & "
            "sleep 1; ./shmqueue q 4        # put x, get");

    Program *half = attach("4"), *b = attach("4");
    ask(half, "count", "0");
    type(half, "put hel");
    expect_typed(half);
    wait_until_idle(half);
    ask(b, "count", "0");
    ask(b, "put 1", "ok");
    ask(b, "get", "got 1");
    type(half, "lo\n");
    expect_stdout(half, "ok\n");
    ask(b, "get", "got hello");

    Program *unread = start_with((.out = STDOUT_UNREAD), queue, "4");
    type_bytes(unread, puts_and_gets(PAIRS));
    wait_until_typing_stalls(unread);
    ask(b, "put 2", "ok");
    type(b, "count\n");
    Bytes count = next_stdout_line(b);
    claim(count.size == 1 && (*count.data == '1' || *count.data == '2'),
          "the queue has the last message, and one more at most: count says \"%.*s\"", (int)count.size,
          (const char *)count.data);
    if (*count.data == '2') {
        type(b, "get\n");
        next_stdout_line(b);
    }
    ask(b, "get", "got 2");
    expect_running(unread);
}

CHECK(a_killed_waiter_leaves_no_trace, ROBUST, "killed", "Who is killed while it waits takes nothing with it",
      .needs = "get_waits")
{
    enum { ROUNDS = 4 };
    new_queue();
    by_hand(
        "./shmqueue q 1        # get in two terminals, kill -9 one of them; put 1, put 2, put 3 in a third");

    Program *b = attach("1"), *c = attach("1");
    ask(b, "count", "0");
    for (int i = 0; i < ROUNDS; i++) {
        Program *victim = attach("1");
        ask(victim, "count", "0");
        let_wait(victim, "get");
        let_wait(b, "get");
        send_signal(victim, SIGKILL);
        wait_exit(victim);
        ask(c, format("put %d", i), "ok");
        expect_stdout(b, format("got %d\n", i));
        for (int k = 0; k < 2; k++) {
            let_wait(b, "get");
            ask(c, format("put again %d", k), "ok");
            expect_stdout(b, format("got again %d\n", k));
        }

        ask(c, "put in the way", "ok");
        victim = attach("1");
        ask(victim, "count", "1");
        let_wait(victim, "put never");
        send_signal(victim, SIGKILL);
        wait_exit(victim);
        let_wait(c, "put next");
        ask(b, "get", "got in the way");
        expect_stdout(c, "ok\n");
        ask(b, "get", "got next");
        ask(b, "count", "0");
    }
}

CHECK(survives_a_massacre, ROBUST, "killed", "Goes on, whole, when some are killed at work",
      .needs = "passes_messages", .deadline_ms = 60000)
{
    enum { PAIRS = 400, PLACES = 16 };
    const char *taken = format("got %0*d", TEXT_MAX, 7);
    const Bytes work = puts_and_gets(PAIRS);
    new_queue();
    by_hand(
        "while echo put x; echo get; do :; done | ./shmqueue q 16 > /dev/null & sleep 1; pkill -9 shmqueue; "
        "printf 'put 1\\ncount\\n' | ./shmqueue q 16");

    Program *a = attach("16"), *b = attach("16");
    for (int r = 0; r < MASSACRES; r++) {
        Program *victims[VICTIMS];
        for (int i = 0; i < VICTIMS; i++) {
            victims[i] = attach("16");
            type_bytes(victims[i], work);
        }
        for (int i = 0; i < VICTIMS; i++) {
            size_t enough = (size_t)random_between(1, PAIRS / 4 * TEXT_MAX);
            eventually(unread_stdout(victims[i]) >= enough,
                       "each that is not killed yet to go on with its work", within(4000));
            send_signal(victims[i], SIGKILL);
        }
        for (int i = 0; i < VICTIMS; i++)
            wait_exit(victims[i]);
        const char *after = format("after %d", r);
        ask(a, format("put %s", after), "ok");
        type(b, "count\n");
        Bytes answer = next_stdout_line(b);
        int n = atoi(format("%.*s", (int)answer.size, (const char *)answer.data));
        claim(n >= 1 && n <= 1 + VICTIMS,
              "the queue has the last message, and one of each victim at most: it has %d", n);
        for (int i = 1; i < n; i++)
            ask(b, "get", taken);
        ask(b, "get", format("got %s", after));
    }
    for (int i = 0; i < PLACES; i++)
        ask(a, format("put %d", i), "ok");
    for (int i = 0; i < PLACES; i++)
        ask(b, "get", format("got %d", i));
}

CHECK(sleeps_while_it_waits, ROBUST, "idle", "Who waits sleeps until there is something to do",
      .needs = "passes_messages")
{
    new_queue();
    by_hand("echo get | strace -f ./shmqueue q 4        # one system call, and then nothing");

    Program *getter = attach("1"), *c = attach("1");
    for (int i = 0; i < 2; i++) { /* first it waits in get, then in put */
        ask(getter, "count", i == 0 ? "0" : "1");
        type(getter, i == 0 ? "get\n" : "put 2\n"); /* not let_wait(): a busy loop is to be called one */
        expect_typed(getter);
        double cpu = cpu_ms_while_idle(getter, IDLE_MS);
        claim(cpu <= IDLE_CPU_MS, "it uses at most %d ms of CPU time in %d ms: %.0f ms", IDLE_CPU_MS, IDLE_MS,
              cpu);
        int64_t naps = naps_while_idle(getter, IDLE_MS);
        claim(naps <= IDLE_NAPS, "it wakes up at most %d times in %d ms: %d times", IDLE_NAPS, IDLE_MS,
              (int)naps);
        if (i == 0) {
            ask(c, "put 0", "ok");
            expect_stdout(getter, "got 0\n");
            ask(c, "put 1", "ok");
        }
    }
    ask(c, "get", "got 1");
    expect_stdout(getter, "ok\n");
}
