/* raft-lock-service: ./lockd <port> is one server of a lock service that some of its servers may leave at any time.
 *
 * Checks are black boxes: they see what clients see, kill and pause servers, and cut the links between them. Whoever
 * reads an answer here must know that a right cluster may be without a leader for a while at any time, for a busy
 * machine delays everything: so requests are asked again until somebody answers, and only answers are judged. */
#include "harness/check.h"
#include "harness/cluster.h"
#include "harness/files.h"
#include "harness/history.h"
#include "harness/line.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CHALLENGE("raft-lock-service");

enum {
    LEADER_MS = 5000, /* until a majority has a leader, and serves */
    ANSWER_MS = 3000, /* until a server answers, whatever it says */
    LONG_TTL = 60000, /* longer than any check */
    CHECK_MS = 60000
};

static Program *lockd(Cluster *c, int i)
{
    const char *env[] = {format("LOCKD_ID=%d", i), format("LOCKD_PEERS=%s", cluster_addresses(c, i)),
                         format("LOCKD_DATA=%s", cluster_directory(c, i)), NULL};
    return start_with((.env = env), cluster_port(c, i));
}

/* ---- Asking -------------------------------------------------------------------------------------------- */

/* What this server answers, over a connection of its own; NULL: nothing in time. */
static const char *ask_member(Cluster *c, int i, const char *request)
{
    return ask_once(cluster_port(c, i), request, within(ANSWER_MS));
}

static bool begins(const char *answer, const char *with)
{
    return answer && strncmp(answer, with, strlen(with)) == 0;
}

/* The server that says of itself that it leads, in the highest term of all that do; 0: none. */
static int leader_among(Cluster *c, uint64_t *term)
{
    int leader = 0;
    *term = 0;
    for (int i = 1; i <= cluster_size(c); i++) {
        if (!member_runs(c, i) || member_is_paused(c, i))
            continue;
        const char *role = ask_member(c, i, "ROLE");
        uint64_t t = begins(role, "LEADER ") ? strtoull(role + 7, NULL, 10) : 0;
        if (t > *term) {
            *term = t;
            leader = i;
        }
    }
    return leader;
}

static int leader_of(Cluster *c)
{
    uint64_t term;
    int leader = 0;
    eventually((leader = leader_among(c, &term)) != 0, "a server that says LEADER to ROLE",
               within(LEADER_MS));
    return leader;
}

/* Whether an answer says that this server did not carry the request out itself, or does not know. */
static bool is_no_answer(const char *answer)
{
    return !answer || begins(answer, "NOTLEADER ") || strcmp(answer, "UNKNOWN") == 0;
}

/* Between two questions about something that takes its time: asking all the time does not make it shorter. */
static void let_a_moment_pass(void)
{
    enum { MOMENT_MS = 10 };
    uint64_t begun = clock_now_ns();
    eventually(clock_ms_since(begun) >= MOMENT_MS, "a moment to pass");
}

/* The same, while waiting for an election. */
static void wait_a_moment(struct wait *w)
{
    for (int i = 0; i < 10; i++)
        wait_step(w);
}

/* "1, 2, 3". */
static const char *listed(const char *digits)
{
    const char *list = format("%c", digits[0]);

    for (digits++; *digits; digits++)
        list = format("%s, %c", list, *digits);
    return list;
}

/* Asks one server after the other until one carries the request out. To ask again is safe: client and seq are the
 * same. `among` are the digits of the servers that are asked; who says who leads is believed once in a while. */
static const char *serve_among(Cluster *c, const char *among, const char *request)
{
    struct wait *w =
        wait_begin(WAIT_(.within_ms = 2 * LEADER_MS,
                         .what = format("one of the servers %s to carry out '%s'", listed(among), request)));
    for (size_t asked = 0, at = 0;; asked++) {
        int i = among[at] - '0', hint = 0;
        if (member_runs(c, i) && !member_is_paused(c, i)) {
            const char *answer = ask_member(c, i, request);
            if (!is_no_answer(answer)) {
                wait_end(w);
                return answer;
            }
            hint = begins(answer, "NOTLEADER ") ? atoi(answer + 10) : 0;
        }
        const char *known =
            hint >= 1 && hint <= CLUSTER_MAX && asked % 2 == 0 ? strchr(among, '0' + hint) : NULL;
        at = known ? (size_t)(known - among) : (at + 1) % strlen(among);
        if (asked % strlen(among) == strlen(among) - 1)
            wait_a_moment(w);
    }
}

static const char *serve(Cluster *c, const char *request)
{
    return serve_among(c, format("%.*s", cluster_size(c), "123456789"), request);
}

static uint64_t token_in(const char *request, const char *answer)
{
    char *end;
    uint64_t token = begins(answer, "OK ") ? strtoull(answer + 3, &end, 10) : 0;
    claim(token > 0 && *end == '\0', "'%s' is answered OK and a token: it is answered '%s'", request, answer);
    return token;
}

static uint64_t acquire_among(Cluster *c, const char *among, const char *lock, const char *client, int seq,
                              int ttl)
{
    const char *request = format("ACQUIRE %s %s %d %d", lock, client, seq, ttl);
    return token_in(request, serve_among(c, among, request));
}

static uint64_t acquire(Cluster *c, const char *lock, const char *client, int seq, int ttl)
{
    const char *request = format("ACQUIRE %s %s %d %d", lock, client, seq, ttl);
    return token_in(request, serve(c, request));
}

static void expect_answer_among(Cluster *c, const char *among, const char *request, const char *expected)
{
    const char *answer = serve_among(c, among, request);
    claim(strcmp(answer, expected) == 0, "'%s' is answered '%s': it is answered '%s'", request, expected,
          answer);
}

static void expect_answer(Cluster *c, const char *request, const char *expected)
{
    expect_answer_among(c, format("%.*s", cluster_size(c), "123456789"), request, expected);
}

static const char *held(const char *client, uint64_t token)
{
    return format("HELD %s %llu", client, (unsigned long long)token);
}

static const char *release(const char *lock, const char *client, int seq, uint64_t token)
{
    return format("RELEASE %s %s %d %llu", lock, client, seq, (unsigned long long)token);
}

/* All digits but these. */
static const char *without(Cluster *c, int i, int j)
{
    const char *rest = "";
    for (int k = 1; k <= cluster_size(c); k++)
        if (k != i && k != j)
            rest = format("%s%d", rest, k);
    return rest;
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(elects_a_leader, CORE, "leader", "Three servers choose one leader", .deadline_ms = CHECK_MS)
{
    by_hand("printf 'ROLE\\n' | nc -N 127.0.0.1 7001        # and of each other server");

    Cluster *c = cluster(3, lockd);
    leader_of(c);
    uint64_t terms[4] = {0};
    for (int i = 1; i <= 3; i++) {
        const char *role = ask_member(c, i, "ROLE");
        char word[16] = "";
        unsigned long long t = 0;
        int used = 0;
        claim(role && sscanf(role, "%15s %llu%n", word, &t, &used) == 2 && role[used] == '\0' &&
                  (strcmp(word, "LEADER") == 0 || strcmp(word, "FOLLOWER") == 0 ||
                   strcmp(word, "CANDIDATE") == 0),
              "ROLE is answered LEADER, FOLLOWER or CANDIDATE and a term: server %d answers '%s'", i,
              role ? role : "nothing");
        if (strcmp(word, "LEADER") == 0) {
            for (int j = 1; j < i; j++)
                claim(terms[j] != t, "a term has one leader: servers %d and %d both lead in term %llu", j, i,
                      t);
            terms[i] = t;
        }
    }
}

CHECK(grants_and_refuses, CORE, "acquire", "Gives a lock to one client, and again when it is released",
      .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    expect_answer(c, "STATUS door", "FREE");
    uint64_t first = acquire(c, "door", "anna", 1, LONG_TTL);
    expect_answer(c, "STATUS door", held("anna", first));
    expect_answer(c, format("ACQUIRE door ben 1 %d", LONG_TTL),
                  format("HELD %llu", (unsigned long long)first));
    expect_answer(c, release("door", "anna", 2, first), "OK");
    expect_answer(c, "STATUS door", "FREE");
    uint64_t second = acquire(c, "door", "ben", 2, LONG_TTL);
    expect_answer(c, "STATUS door", held("ben", second));
}

CHECK(tokens_rise, CORE, "tokens", "Gives out tokens that rise with every grant, over all locks",
      .needs = "grants_and_refuses", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    uint64_t last = 0;
    for (int i = 1; i <= 8; i++) {
        const char *lock = i % 2 ? "left" : "right";
        uint64_t token = acquire(c, lock, "anna", 2 * i, LONG_TTL);
        claim(token > last, "each token is higher than all before: %llu came after %llu",
              (unsigned long long)token, (unsigned long long)last);
        last = token;
        expect_answer(c, release(lock, "anna", 2 * i + 1, token), "OK");
    }
}

CHECK(points_to_the_leader, CORE, "not-leader", "A server that does not lead names the one that does",
      .needs = "grants_and_refuses", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    acquire(c, "door", "anna", 1, LONG_TTL);
    struct wait *w =
        wait_begin(WAIT_(.within_ms = 2 * LEADER_MS, .what = "NOTLEADER and the leader from both others"));
    for (int agreed = 0; agreed != 2; wait_a_moment(w)) {
        uint64_t term, later;
        int leader = leader_among(c, &term);
        const char *answers[4] = {NULL};
        for (int i = 1; i <= 3; i++)
            answers[i] = i == leader ? NULL : ask_member(c, i, "STATUS door");
        if (!leader || leader_among(c, &later) != leader || later != term)
            continue; /* while the leader changes anything may be said */
        agreed = 0;
        for (int i = 1; i <= 3; i++) {
            claim(i == leader || is_no_answer(answers[i]),
                  "a server that does not lead answers NOTLEADER: server %d answers '%s'", i,
                  answers[i] ? answers[i] : "nothing");
            agreed += begins(answers[i], "NOTLEADER ") && atoi(answers[i] + 10) == leader;
        }
    }
    wait_end(w);
}

CHECK(answers_a_retry_alike, CORE, "retries",
      "Carries out a request that comes twice once, and answers it alike", .needs = "grants_and_refuses",
      .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    uint64_t token = acquire(c, "door", "anna", 7, LONG_TTL);
    expect_answer(c, format("ACQUIRE door anna 7 %d", LONG_TTL),
                  format("OK %llu", (unsigned long long)token));
    expect_answer(c, release("door", "anna", 8, token), "OK");
    expect_answer(c, release("door", "anna", 8, token), "OK");
    expect_answer(c, "STATUS door", "FREE");
    expect_answer(c, format("ACQUIRE door anna 7 %d", LONG_TTL), "STALE"); /* seq 8 was answered already */
    expect_answer(c, "STATUS door", "FREE");
}

CHECK(goes_on_without_its_leader, CORE, "failover",
      "Goes on when the leader is killed, and knows who holds what", .needs = "grants_and_refuses",
      .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    uint64_t first = acquire(c, "door", "anna", 1, LONG_TTL);
    kill_member(c, leader_of(c));
    expect_answer(c, "STATUS door", held("anna", first));
    uint64_t second = acquire(c, "window", "ben", 1, LONG_TTL);
    claim(second > first, "tokens go on: %llu came after %llu", (unsigned long long)second,
          (unsigned long long)first);
    expect_answer(c, format("ACQUIRE door anna 1 %d", LONG_TTL),
                  format("OK %llu", (unsigned long long)first));
}

CHECK(survives_the_end_of_all, CORE, "durable",
      "Knows everything after all servers were killed and started again", .needs = "grants_and_refuses",
      .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    uint64_t first = acquire(c, "door", "anna", 1, LONG_TTL), term, later;
    leader_of(c);
    leader_among(c, &term);
    for (int i = 1; i <= 3; i++)
        kill_member(c, i);
    for (int i = 1; i <= 3; i++)
        restart_member(c, i);
    expect_answer(c, "STATUS door", held("anna", first));
    expect_answer(c, format("ACQUIRE door anna 1 %d", LONG_TTL),
                  format("OK %llu", (unsigned long long)first));
    uint64_t second = acquire(c, "window", "ben", 1, LONG_TTL);
    claim(second > first, "tokens go on: %llu came after %llu", (unsigned long long)second,
          (unsigned long long)first);
    leader_of(c);
    leader_among(c, &later);
    claim(later > term, "terms only rise: a leader of term %llu came after one of term %llu",
          (unsigned long long)later, (unsigned long long)term);
}

CHECK(refuses_wrong_usage, CORE, "usage", "Refuses a wrong command line and environment, with exit status 2",
      .needs = "elects_a_leader", .deadline_ms = CHECK_MS)
{
    make_directory("data");
    const char *peers = format("LOCKD_PEERS=1=127.0.0.1:%s", free_port());
    const char *good[] = {"LOCKD_ID=1", peers, "LOCKD_DATA=data", NULL};
    const char *no_id[] = {peers, "LOCKD_DATA=data", NULL};
    const char *not_in_it[] = {"LOCKD_ID=2", peers, "LOCKD_DATA=data", NULL};
    const char *no_list[] = {"LOCKD_ID=1", "LOCKD_PEERS=127.0.0.1", "LOCKD_DATA=data", NULL};
    const char *no_data[] = {"LOCKD_ID=1", peers, NULL};
    const char *port = free_port();

    Program *wrong[] = {start_with((.env = good)),          start_with((.env = good), "door"),
                        start_with((.env = good), "0"),     start_with((.env = good), port, "more"),
                        start_with((.env = no_id), port),   start_with((.env = not_in_it), port),
                        start_with((.env = no_list), port), start_with((.env = no_data), port)};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
    }
    Program *alone = start_with((.env = good), port); /* a cluster of one: its own majority */
    Conn *conn = tcp_connect(port, .within_ms = LEADER_MS);
    const char *answer = NULL;
    eventually(begins(answer = ask_line(conn, "STATUS door", within(ANSWER_MS)), "FREE"), "the answer FREE",
               within(LEADER_MS));
    Program *second = start_with((.env = good), port);
    expect_exit(second, 1);
    expect_stderr_message(second);
    expect_running(alone);
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

CHECK(minority_grants_nothing, ROBUST, "majority", "A leader without a majority gives out no lock",
      .needs = "goes_on_without_its_leader", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(5, lockd);
    uint64_t before = acquire(c, "door", "anna", 1, LONG_TTL);
    int old = leader_of(c), beside = old % 5 + 1;
    const char *rest = without(c, old, beside);
    partition(c, format("%d%d|%s", old, beside, rest));

    int minority[] = {old, beside};
    for (size_t i = 0; i < ARRAY_LEN(minority); i++) {
        const char *answer = ask_member(c, minority[i], format("ACQUIRE window cara 1 %d", LONG_TTL));
        claim(
            answer != NULL,
            "a server without a majority answers UNKNOWN or NOTLEADER within %d s: server %d does not answer",
            ANSWER_MS / 1000, minority[i]);
        claim(is_no_answer(answer), "a server without a majority gives out no lock: server %d answers '%s'",
              minority[i], answer);
    }
    uint64_t after = acquire_among(c, rest, "garden", "ben", 1, LONG_TTL);
    claim(after > before, "tokens rise: %llu came after %llu", (unsigned long long)after,
          (unsigned long long)before);
    expect_answer_among(c, rest, "STATUS window", "FREE");
    heal_all(c);
    expect_answer(c, "STATUS garden", held("ben", after));
    expect_answer(c, "STATUS window", "FREE");
}

/* A connection to this server that is taken already, so that nothing but a line is between a question and its answer. */
static Conn *talk_to(Cluster *c, int i)
{
    Conn *conn = tcp_connect(cluster_port(c, i), .within_ms = LEADER_MS);
    ask_line(conn, "ROLE", within(ANSWER_MS));
    return conn;
}

/* Puts a leader to sleep that hears nothing of what the others do meanwhile. */
static void put_to_sleep(Cluster *c, int leader)
{
    isolate(c, leader);
    pause_member(c, leader);
}

CHECK(reads_nothing_stale, ROBUST, "reads", "A leader that was asleep does not tell what is no longer true",
      .needs = "grants_and_refuses", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    uint64_t first = acquire(c, "door", "anna", 1, LONG_TTL);
    int old = leader_of(c);
    const char *rest = without(c, old, 0);
    Conn *conn = talk_to(c, old);
    put_to_sleep(c, old);
    expect_answer_among(c, rest, release("door", "anna", 2, first), "OK");
    acquire_among(c, rest, "door", "ben", 1, LONG_TTL);
    send_line(conn, "STATUS door"); /* it waits there until the old leader wakes up */
    resume_member(c, old);
    const char *answer = receive_line(conn, within(ANSWER_MS));
    claim(is_no_answer(answer), "ben has the lock since before the question: server %d answers '%s'", old,
          answer);
}

CHECK(paused_leader_comes_back, ROBUST, "majority",
      "A leader that was asleep while another was chosen gives out no lock",
      .needs = "goes_on_without_its_leader", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    acquire(c, "window", "anna", 1, LONG_TTL);
    int old = leader_of(c);
    const char *rest = without(c, old, 0);
    Conn *conn = talk_to(c, old);
    put_to_sleep(c, old);
    uint64_t token = acquire_among(c, rest, "door", "ben", 1, LONG_TTL);
    send_line(conn, format("ACQUIRE door cara 1 %d", LONG_TTL));
    resume_member(c, old);
    const char *answer = receive_line(conn, within(ANSWER_MS));
    claim(is_no_answer(answer), "ben has the lock: server %d answers '%s' to cara", old, answer);
    heal_all(c);
    expect_answer(c, "STATUS door", held("ben", token));
}

CHECK(holds_no_longer_than_it_may, ROBUST, "ttl", "Keeps a lock for its time to live, and not for ever",
      .needs = "grants_and_refuses", .deadline_ms = CHECK_MS)
{
    enum { TTL = 1500 };
    Cluster *c = cluster(3, lockd);
    serve(c, "STATUS door");
    uint64_t asked = clock_now_ns();
    uint64_t first = acquire(c, "door", "anna", 1, TTL);
    const char *answer;
    while (strcmp(answer = serve(c, "STATUS door"), "FREE") != 0) {
        claim(strcmp(answer, held("anna", first)) == 0, "anna holds it, or nobody: the answer is '%s'",
              answer);
        claim(clock_ms_since(asked) < TTL + 4 * LEADER_MS,
              "it is free when its time of %d ms is over: %.0f ms after it was asked for it was still held",
              TTL, clock_ms_since(asked));
        let_a_moment_pass();
    }
    double ms = clock_ms_since(asked);
    claim(ms >= TTL, "it is held for %d ms: it was free after %.0f", TTL, ms);
    note("free %.0f ms after it was asked for with a time to live of %d ms", ms, TTL);
    uint64_t second = acquire(c, "door", "ben", 1, LONG_TTL);
    claim(second > first, "tokens rise: %llu came after %llu", (unsigned long long)second,
          (unsigned long long)first);
}

CHECK(new_leader_keeps_the_time, ROBUST, "ttl", "Does not shorten the time of a lock when the leader changes",
      .needs = "holds_no_longer_than_it_may", .deadline_ms = CHECK_MS)
{
    enum { TTL = 3000 };
    Cluster *c = cluster(3, lockd);
    serve(c, "STATUS door");
    uint64_t asked = clock_now_ns();
    uint64_t token = acquire(c, "door", "anna", 1, TTL);
    kill_member(c, leader_of(c));
    for (;;) {
        const char *answer = serve(c, "STATUS door");
        double ms = clock_ms_since(asked);
        if (ms >= TTL)
            break;
        claim(strcmp(answer, held("anna", token)) == 0, "it is held for %d ms: after %.0f the answer is '%s'",
              TTL, ms, answer);
        let_a_moment_pass();
    }
    uint64_t begun = clock_now_ns();
    while (strcmp(serve(c, "STATUS door"), "FREE") != 0) {
        claim(clock_ms_since(begun) < TTL + 4 * LEADER_MS, "it is free again when its time is over");
        let_a_moment_pass();
    }
}

CHECK(fences_off_an_old_holder, ROBUST, "stale", "Takes no release from a client whose time was over",
      .needs = "holds_no_longer_than_it_may", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    uint64_t old = acquire(c, "door", "anna", 1, 500);
    const char *answer;
    uint64_t token = 0, begun = clock_now_ns();
    for (int seq = 1; token == 0; seq++) {
        answer = serve(c, format("ACQUIRE door ben %d %d", seq, LONG_TTL));
        if (begins(answer, "OK "))
            token = strtoull(answer + 3, NULL, 10);
        claim(clock_ms_since(begun) < 4 * LEADER_MS,
              "ben gets the lock when anna's time is over: the answer is '%s'", answer);
        let_a_moment_pass();
    }
    claim(token > old, "tokens rise: %llu came after %llu", (unsigned long long)token,
          (unsigned long long)old);
    expect_answer(c, release("door", "anna", 2, old), "STALE");
    expect_answer(c, "STATUS door", held("ben", token));
}

CHECK(catches_up, ROBUST, "catch-up", "A server that was away learns what it missed",
      .needs = "goes_on_without_its_leader", .deadline_ms = CHECK_MS)
{
    enum { MISSED = 60 };
    Cluster *c = cluster(3, lockd);
    acquire(c, "first", "anna", 1, LONG_TTL);
    int leader = leader_of(c), away = leader % 3 + 1, witness = 6 - leader - away;
    kill_member(c, away);
    const char *rest = without(c, away, 0);
    uint64_t tokens[MISSED];
    for (int i = 0; i < MISSED; i++)
        tokens[i] = acquire_among(c, rest, format("lock-%d", i), "anna", i + 2, LONG_TTL);
    restart_member(c, away);
    acquire(c, "last", "anna", MISSED + 2, LONG_TTL);
    /* It has caught up when it can make a majority with whoever was there: with either of the two. */
    kill_member(c, witness);
    expect_answer(c, format("STATUS lock-%d", MISSED - 1), held("anna", tokens[MISSED - 1]));
    restart_member(c, witness);
    expect_answer(c, "STATUS lock-0", held("anna", tokens[0]));
    kill_member(c, leader);
    for (int i = 0; i < MISSED; i += 10)
        expect_answer(c, format("STATUS lock-%d", i), held("anna", tokens[i]));
}

CHECK(forgets_what_was_never_agreed, ROBUST, "catch-up",
      "What a leader wrote down alone gives way to what others agreed on", .needs = "minority_grants_nothing",
      .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    acquire(c, "first", "anna", 1, LONG_TTL);
    int old = leader_of(c);
    const char *rest = without(c, old, 0);
    isolate(c, old);
    Conn *alone[8];
    for (int i = 0; i < 8; i++) {
        alone[i] = tcp_connect(cluster_port(c, old));
        send_line(alone[i], format("ACQUIRE alone-%d cara%d 1 %d", i, i, LONG_TTL));
    }
    for (int i = 0; i < 8; i++) {
        const char *answer = receive_line(alone[i], within(ANSWER_MS));
        claim(is_no_answer(answer), "a leader that is alone gives out no lock: it answers '%s'", answer);
    }
    uint64_t token = acquire_among(c, rest, "door", "ben", 1, LONG_TTL);
    heal_all(c);
    kill_member(c, rest[0] - '0'); /* now the old leader is needed for a majority */
    expect_answer(c, "STATUS door", held("ben", token));
    for (int i = 0; i < 8; i++)
        expect_answer(c, format("STATUS alone-%d", i), "FREE");
    restart_member(c, rest[0] - '0');
    expect_answer(c, "STATUS door", held("ben", token));
}

CHECK(lives_with_bad_links, ROBUST, "peers",
      "Goes on when connections are reset, and when one direction of a link fails",
      .needs = "grants_and_refuses", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    uint64_t last = 0;
    for (int round = 0; round < 3; round++) {
        int leader = leader_of(c), a = leader % 3 + 1, b = 6 - leader - a;
        cut_link(c, leader, a);
        uint64_t one = acquire(c, format("one-%d", round), "anna", 3 * round + 1, LONG_TTL);
        heal_all(c);
        break_connections(c, leader, a);
        break_connections(c, leader, b);
        uint64_t two = acquire(c, format("two-%d", round), "anna", 3 * round + 2, LONG_TTL);
        cut_link(c, b, leader);
        uint64_t three = acquire(c, format("three-%d", round), "anna", 3 * round + 3, LONG_TTL);
        heal_all(c);
        claim(last < one && one < two && two < three, "tokens rise: %llu, %llu, %llu, %llu",
              (unsigned long long)last, (unsigned long long)one, (unsigned long long)two,
              (unsigned long long)three);
        last = three;
    }
}

/* ---- Histories ---- */

struct request {
    Conn *conn;
    struct operation *op;
};

static void begin_request(Cluster *c, struct request *r, int server, struct operation *op, const char *line,
                          int kind)
{
    *op = (struct operation){.kind = kind, .began = (int64_t)clock_now_ns(), .unknown = true};
    r->conn = tcp_connect(cluster_port(c, server), .within_ms = LEADER_MS);
    r->op = op;
    send_line(r->conn, line);
}

/* Notes what was answered. An operation that was not carried out is no part of the history. */
static void end_request(struct request *r, uint64_t argument)
{
    const char *answer = await_line(r->conn, within(ANSWER_MS));
    struct operation *op = r->op;

    hang_up(r->conn);
    op->ended = (int64_t)clock_now_ns();
    op->argument = argument;
    if (begins(answer, "NOTLEADER "))
        op->kind = -1;
    else if (!answer || strcmp(answer, "UNKNOWN") == 0)
        return;
    else if (op->kind == LOCK_GRANT && begins(answer, "OK "))
        op->result = strtoull(answer + 3, NULL, 10);
    else if (op->kind == LOCK_GRANT && begins(answer, "HELD "))
        op->kind = LOCK_REFUSE, op->result = strtoull(answer + 5, NULL, 10);
    else if (op->kind == LOCK_RELEASE && strcmp(answer, "STALE") == 0)
        op->kind = LOCK_STALE;
    else
        claim(op->kind == LOCK_RELEASE && strcmp(answer, "OK") == 0,
              "the answer is one of the contract: it is '%s'", answer);
    op->unknown = false;
}

static void expect_explained(struct operation *ops, size_t n)
{
    size_t kept = 0, culprit;
    for (size_t i = 0; i < n; i++)
        if (ops[i].kind >= 0)
            ops[kept++] = ops[i];
    enum history_verdict verdict = history_check(ops, kept, lock_model, 0, &culprit);
    if (verdict == HISTORY_UNDECIDED)
        note("%zu operations were too many ways to explain: not judged", kept);
    static const char *const words[] = {[LOCK_GRANT] = "OK to ACQUIRE, with token",
                                        [LOCK_REFUSE] = "HELD to ACQUIRE, with token",
                                        [LOCK_RELEASE] = "OK to RELEASE of token",
                                        [LOCK_STALE] = "STALE to RELEASE of token"};
    const struct operation *op = culprit < kept ? &ops[culprit] : &ops[0];
    claim(
        verdict != HISTORY_CONTRADICTS,
        "the answers are those of one lock: no order of the %zu requests explains the answer %s %llu", kept,
        words[op->kind],
        (unsigned long long)(op->kind == LOCK_GRANT || op->kind == LOCK_REFUSE ? op->result : op->argument));
    note("%zu requests, explained by one lock", kept);
}

CHECK(one_of_many_gets_it, ROBUST, "exclusion", "Of clients that ask at the same time, one gets the lock",
      .needs = "grants_and_refuses", .deadline_ms = CHECK_MS)
{
    enum { CLIENTS = 8, ROUNDS = 4 };
    Cluster *c = cluster(3, lockd);
    struct operation ops[ROUNDS * (CLIENTS + 1)];
    size_t n = 0;
    serve(c, "STATUS door");
    for (int round = 0; round < ROUNDS; round++) {
        struct request requests[CLIENTS];
        int leader = leader_of(c);
        for (int i = 0; i < CLIENTS; i++)
            begin_request(c, &requests[i], leader, &ops[n++],
                          format("ACQUIRE door c%d %d %d", i, 2 * round + 1, LONG_TTL), LOCK_GRANT);
        uint64_t token = 0;
        int holder = 0;
        for (int i = 0; i < CLIENTS; i++) {
            end_request(&requests[i], 0);
            if (requests[i].op->kind == LOCK_GRANT && !requests[i].op->unknown) {
                claim(token == 0, "one client gets the lock: clients %d and %d did", holder, i);
                token = requests[i].op->result;
                holder = i;
            }
        }
        if (token == 0) /* a leader that has just lost its place: nobody knows */
            break;
        struct request releasing;
        begin_request(c, &releasing, leader_of(c), &ops[n++],
                      release("door", format("c%d", holder), 2 * round + 2, token), LOCK_RELEASE);
        end_request(&releasing, token);
    }
    expect_explained(ops, n);
}

/* Each client has one request under way at a time: of two, the later may overtake, and the other is stale by its number. */
CHECK(is_right_under_faults, ROBUST, "exclusion",
      "Answers as one lock would, while servers are killed, paused and cut off",
      .needs = "goes_on_without_its_leader", .deadline_ms = 2 * CHECK_MS)
{
    enum { ROUNDS = 6, CLIENTS = 3 };
    Cluster *c = cluster(3, lockd);
    struct operation ops[ROUNDS * CLIENTS * 2 + 8];
    size_t n = 0;
    uint64_t token = 0;
    serve(c, "STATUS door");
    for (int round = 0; round < ROUNDS; round++) {
        int leader = leader_of(c), other = leader % 3 + 1;
        struct request requests[CLIENTS], releasing = {0};
        if (token)
            begin_request(c, &releasing, leader, &ops[n++], release("door", "porter", round + 1, token),
                          LOCK_RELEASE);
        for (int i = 0; i < CLIENTS; i++)
            begin_request(c, &requests[i], i == 2 ? other : leader, &ops[n++],
                          format("ACQUIRE door c%d %d %d", i, round + 1, LONG_TTL), LOCK_GRANT);
        switch (random_between(0, 2)) {
        case 0:
            kill_member(c, leader);
            restart_member(c, leader);
            break;
        case 1:
            isolate(c, leader);
            serve_among(c, without(c, leader, 0), "STATUS other");
            break;
        case 2:
            pause_member(c, leader);
            serve_among(c, without(c, leader, 0), "STATUS other");
            resume_member(c, leader);
            break;
        }
        if (releasing.conn)
            end_request(&releasing, token);
        token = 0;
        for (int i = 0; i < CLIENTS; i++)
            end_request(&requests[i], 0);
        heal_all(c);
        /* Whoever has it now: to be released in the next round. */
        const char *answer = serve(c, "STATUS door");
        char client[65];
        unsigned long long t = 0;
        if (sscanf(answer, "HELD %64s %llu", client, &t) == 2)
            token = t;
    }
    expect_explained(ops, n);
}

CHECK(keeps_its_terms, ROBUST, "durable", "Votes and terms outlive each server that is killed",
      .needs = "grants_and_refuses", .deadline_ms = 2 * CHECK_MS)
{
    enum { ROUNDS = 5 };
    Cluster *c = cluster(3, lockd);
    uint64_t last = 0, token = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        uint64_t term, next = acquire(c, format("lock-%d", round), "anna", round, LONG_TTL);
        claim(next > token, "tokens rise: %llu came after %llu", (unsigned long long)next,
              (unsigned long long)token);
        token = next;
        int leader = leader_of(c);
        leader_among(c, &term);
        claim(term >= last, "terms only rise: %llu came after %llu", (unsigned long long)term,
              (unsigned long long)last);
        last = term;
        int first = random_between(1, 3);
        kill_member(c, leader);
        if (first != leader)
            kill_member(c, first);
        restart_member(c, leader);
        if (first != leader)
            restart_member(c, first);
    }
    for (int round = 1; round <= ROUNDS; round++)
        claim(begins(serve(c, format("STATUS lock-%d", round)), "HELD anna "), "lock-%d is held by anna",
              round);
}

CHECK(keeps_its_leader, ROBUST, "stable", "Changes its leader only when there is a reason",
      .needs = "elects_a_leader", .deadline_ms = CHECK_MS)
{
    enum { WATCHED_MS = 4000, CHANGES_MOST = 1 /* a busy machine may delay even heartbeats */ };
    Cluster *c = cluster(3, lockd);
    uint64_t term, last = 0, begun;
    int changes = -1;
    leader_of(c);
    begun = clock_now_ns();
    while (clock_ms_since(begun) < WATCHED_MS) {
        int leader = leader_among(c, &term);
        if (leader && term != last) {
            changes++;
            last = term;
        }
        serve(c, "STATUS door");
        let_a_moment_pass();
    }
    claim(changes <= CHANGES_MOST, "a leader that nothing happens to stays: there were %d changes in %d s",
          changes, WATCHED_MS / 1000);
}

CHECK(answers_in_order, ROBUST, "lines", "Reads lines wherever they are cut, and answers each in its order",
      .needs = "grants_and_refuses", .deadline_ms = CHECK_MS)
{
    Cluster *c = cluster(3, lockd);
    serve(c, "STATUS door");
    Conn *conn = tcp_connect(cluster_port(c, leader_of(c)));
    send_bytewise(conn, text("STATUS door\n"));
    const char *answer = receive_line(conn, within(ANSWER_MS));
    if (is_no_answer(answer)) /* the leader has changed: nothing can be said of order */
        return;
    send_text(
        conn,
        "STATUS a\nhello\nSTATUS b\n\nACQUIRE door anna\nACQUIRE do/or anna 1 1000\nACQUIRE door anna 1 1000 x\n");
    send_line(conn, format("STATUS %s", format("%0100d", 0)));
    send_line(conn, format("%02000d", 0));
    send_text(conn, "STATUS door\nROLE\n");
    static const char *const expected[] = {"FREE",  "ERROR", "FREE",  "ERROR", "ERROR",
                                           "ERROR", "ERROR", "ERROR", "ERROR", "FREE"};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        expect_line(conn, expected[i], within(ANSWER_MS));
    claim(begins(receive_line(conn, within(ANSWER_MS)), "LEADER "), "the last line, ROLE, is answered last");
}

/* ---- Fast ---------------------------------------------------------------------------------------------- */

CHECK(is_quiet_when_idle, FAST, "idle", "Costs little while nobody asks for anything",
      .needs = "elects_a_leader", .deadline_ms = CHECK_MS)
{
    enum { IDLE_MS = 2000, CPU_MS = 400, BYTES = 400 << 10 };
    Cluster *c = cluster(3, lockd);
    serve(c, "STATUS door");
    uint64_t before = bytes_in_cluster(c);
    double cpu = cpu_ms_while_idle(member(c, leader_of(c)), IDLE_MS);
    uint64_t bytes = bytes_in_cluster(c) - before;
    note("%.0f ms of CPU time of the leader and %llu bytes between the servers in %d s", cpu,
         (unsigned long long)bytes, IDLE_MS / 1000);
    claim(cpu <= CPU_MS,
          "a leader with nothing to do uses at most %d ms of the processor in %d s: it used %.0f", CPU_MS,
          IDLE_MS / 1000, cpu);
    claim(bytes <= BYTES, "heartbeats are small and few: the servers exchanged %llu bytes in %d s",
          (unsigned long long)bytes, IDLE_MS / 1000);
}
