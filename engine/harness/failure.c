#include "harness/failure.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/diagnose.h"
#include "harness/http_state.h"
#include "harness/memory.h"
#include "harness/program.h"
#include "harness/report.h"
#include "harness/signals.h"
#include "harness/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    PROCESSES_MAX = 12,   /* that a failure describes */
    LINES_MAX = 12,       /* of the output of each stream */
    TAIL_BYTES = 8 << 10, /* from which they are taken */
    LINE_BYTES = 300,     /* of one line */
    SETTLE_MS = 500,      /* for a program that is just ending */
    REST_MS = 30,         /* for programs that are running to come to where they wait */
    LATE_OUTPUT_MS = 300  /* for output that comes when a program is made to end */
};

/* ---- Coming to rest ------------------------------------------------------------------------------------ */

static bool somebody_is_ending(void)
{
    for (Program *p = world.programs; p; p = p->next) {
        struct process_stat stat;
        if (!p->ended && process_stat_of(p->pid, &stat) && stat.exiting)
            return true;
    }
    return false;
}

void failure_settle(void)
{
    uint64_t end_ns = clock_now_ns() + world_scaled_ns(SETTLE_MS);

    world_run(0);
    while (somebody_is_ending() && clock_now_ns() < end_ns)
        world_run(1000000);
    for (Program *p = world.programs; p; p = p->next)
        program_drain(p);
    for (Conn *c = world.conns; c; c = c->next)
        conn_drain(c);
}

/* A program that has just answered is on its way back to where it waits: give it the moment. */
static void let_programs_wait(void)
{
    uint64_t end_ns = clock_now_ns() + world_scaled_ns(REST_MS);

    for (Program *p = world.programs; p; p = p->next) {
        struct process_stat stat;
        while (!p->ended && process_stat_of(p->pid, &stat) && stat.state == 'R' && clock_now_ns() < end_ns)
            world_run(1000000);
    }
}

/* ---- What the programs were doing ---------------------------------------------------------------------- */

static void add_process(struct failure *f, int pid, const char *name, const char *doing)
{
    if (f->n_processes == PROCESSES_MAX)
        f->processes[f->n_processes - 1] = (struct process_state){.name = "...", .doing = "and more"};
    else
        f->processes[f->n_processes++] = (struct process_state){.pid = pid, .name = name, .doing = doing};
}

/* With many programs, those that have ended as they should would hide the one that matters. */
static bool is_worth_showing(const Program *p, const Program *culprit)
{
    enum { FEW = 3 };
    int n = 0;

    for (Program *other = world.programs; other; other = other->next)
        n++;
    return n <= FEW || !p->ended || p == culprit || program_crashed(p);
}

static void add_processes(struct failure *f, const Program *culprit)
{
    autofree struct process_stat *others = NULL;
    size_t n = process_descendants((int)getpid(), &others);

    f->processes = xcalloc(PROCESSES_MAX, sizeof *f->processes);
    for (Program *p = world.programs; p; p = p->next) {
        if (!is_worth_showing(p, culprit))
            continue;
        if (p->ended && p->ended_ns)
            add_process(f, p->pid, p->name,
                        format("%s at %.3f s", status_words(p->status), world_seconds(p->ended_ns)));
        else if (!p->ended)
            add_process(f, p->pid, p->name, describe_process(p->pid).words);
    }
    for (size_t i = 0; i < n; i++) {
        bool is_program = terminal_is_shell(others[i].pid);
        for (Program *p = world.programs; p; p = p->next)
            is_program = is_program || p->pid == others[i].pid;
        if (!is_program)
            add_process(f, others[i].pid, process_command(others[i].pid),
                        describe_process(others[i].pid).words);
    }
}

/* ---- What they printed --------------------------------------------------------------------------------- */

struct lines {
    struct output_line *items;
    size_t n;
};

static const char *shown_line(const char *line, size_t size)
{
    struct buf out = {0};

    escape_bytes(&out, line, size < LINE_BYTES ? size : LINE_BYTES);
    if (size > LINE_BYTES)
        buf_printf(&out, " ... (%zu bytes)", size);
    return buf_take(&out);
}

/* The last lines of a stream, each with the time at which its first byte came. */
static void add_tail(struct lines *out, const char *program, const char *stream, const struct inbox *in)
{
    Bytes kept = inbox_kept(in);
    const char *data = (const char *)kept.data;
    size_t from = kept.size > TAIL_BYTES ? kept.size - TAIL_BYTES : 0, at = kept.size;
    size_t first = out->n;

    for (int lines = 0; at > from && lines < LINES_MAX; lines++) {
        size_t end = data[at - 1] == '\n' ? at - 1 : at, start = end;
        while (start > from && data[start - 1] != '\n')
            start--;
        out->items = xreallocarray(out->items, out->n + 1, sizeof *out->items);
        out->items[out->n++] = (struct output_line){.program = program,
                                                    .stream = stream,
                                                    .at = world_seconds(inbox_time_of(in, in->base + start)),
                                                    .text = shown_line(data + start, end - start)};
        at = start;
    }
    for (size_t i = first, k = out->n; i + 1 < k; i++) { /* they were found from the last to the first */
        struct output_line line = out->items[i];
        out->items[i] = out->items[--k];
        out->items[k] = line;
    }
}

static void add_output(struct failure *f, const Program *culprit)
{
    struct lines all = {0};

    for (Program *p = world.programs; p; p = p->next) {
        if (!is_worth_showing(p, culprit))
            continue;
        add_tail(&all, p->name, "stdout", &p->printed);
        add_tail(&all, p->name, "stderr", &p->complained);
    }
    for (size_t i = 1; i < all.n; i++) { /* stable: what came at the same time stays in its order */
        struct output_line line = all.items[i];
        size_t k = i;
        for (; k > 0 && all.items[k - 1].at > line.at; k--)
            all.items[k] = all.items[k - 1];
        all.items[k] = line;
    }
    f->output = all.items;
    f->n_output = all.n;
}

/* ---- What differs -------------------------------------------------------------------------------------- */

static Bytes window(Bytes b, size_t at)
{
    size_t from = at > EXCERPT_BEFORE ? at - EXCERPT_BEFORE : 0;

    return slice(b, from, EXCERPT_BEFORE + EXCERPT_AFTER);
}

static int64_t difference_of(const struct failing *f)
{
    bool against = f->expecting == EXPECTING_BYTES || f->expecting == EXPECTING_STDOUT ||
                   f->expecting == EXPECTING_DATAGRAM || f->expecting == EXPECTING_BODY;

    return f->compares && against && f->received.size > 0 ? compare_bytes(f->expected, f->received) : -1;
}

static void add_comparison(struct failure *out, const struct failing *f)
{
    out->difference = difference_of(f);
    if (!f->compares)
        return;
    size_t at = out->difference > 0 ? (size_t)out->difference : 0;
    if (f->expected.data)
        out->expected = excerpt_around(f->expected, at);
    out->received = excerpt_around(f->received, at);
    if (bytes_are_text(window(f->expected, at)) && bytes_are_text(window(f->received, at)))
        return;
    out->hex_expected = hex_around(f->expected, at, &out->n_hex_expected);
    out->hex_received = hex_around(f->received, at, &out->n_hex_received);
}

/* ---- Why ----------------------------------------------------------------------------------------------- */

/* Makes a program that seems to hold back its output end by itself, and looks whether the output comes then.
 */
static const char *late_output(struct failing *f)
{
    Program *p = f->program;
    uint64_t end_ns = clock_now_ns() + world_scaled_ns(LATE_OUTPUT_MS);
    size_t before = f->received.size;

    if (f->expecting != EXPECTING_STDOUT || f->cause != CAUSE_TIMEOUT || !p || p->ended)
        return NULL;
    f->received = join(f->received, text("")); /* the inbox may move when more comes */
    p->in_ends = true;
    if (p->in.fd >= 0 && outbox_pending(&p->typed) == 0) {
        uv_poll_stop(&p->in.poll);
        close(p->in.fd);
        p->in.fd = -1;
    }
    for (Conn *c = world.conns; c; c = c->next) {
        c->fin_due = true;
        conn_update(c);
    }
    for (uint64_t t = clock_now_ns(); !p->ended && t < end_ns; t = clock_now_ns())
        world_run(end_ns - t);
    Bytes now = inbox_unread(&p->printed);
    bool came =
        now.size > before && memcmp(now.data, f->expected.data, before < f->expected.size ? before : 0) == 0;
    return came ? quote_sized(slice(now, before, now.size)) : NULL;
}

static void pick_cuts(const struct failing *f, struct symptoms *s)
{
    const struct outbox *from = NULL;
    Conn *c = f->conn ? f->conn : world.conns;

    if (f->expecting == EXPECTING_BYTES && f->conn && f->conn->accepted && f->program)
        from = &f->program->typed;
    else if (c)
        from = &c->out;
    if (!from)
        return;
    s->cuts = from->cuts;
    s->n_cuts = from->n_cuts;
    s->all_sent = outbox_pending(from) == 0;
}

static void pick_holders(const struct failing *f, struct symptoms *s)
{
    struct socket_info peer;

    if (f->conn && f->conn->fd >= 0 && socket_peer(f->conn->fd, &peer)) {
        s->not_accepted = peer.inode == 0 && peer.state == 1;
        if (f->expecting == EXPECTING_END && peer.inode)
            s->holders = describe_holders(format("socket:[%lu]", peer.inode), &s->n_holders);
    } else if (f->expecting == EXPECTING_STDOUT_END && f->program && f->program->ended) {
        s->holders = describe_holders(format("pipe:[%lu]", f->program->out.inode), &s->n_holders);
    }
}

/* Another connection on which the expected bytes came. */
static const char *came_elsewhere(const struct failing *f)
{
    enum { ENOUGH = 4 }; /* fewer bytes may be alike by chance */

    for (Conn *c = world.conns; c && f->expected.size >= ENOUGH; c = c->next) {
        Bytes unread = inbox_unread(&c->in);
        if (c != f->conn && unread.size >= f->expected.size &&
            memmem(unread.data, unread.size, f->expected.data, f->expected.size))
            return c->name;
    }
    return NULL;
}

/* Input for the program that the kernel still holds. */
static const char *unread_input_of(const Program *p)
{
    int typed = 0;

    for (Conn *c = world.conns; c; c = c->next) {
        struct socket_info peer;
        if (c->peer == p && c->fd >= 0 && socket_peer(c->fd, &peer) && peer.inode && peer.receive_queue > 0)
            return format("%s from %s", count_bytes(peer.receive_queue), c->name);
    }
    if (p->in.fd >= 0 && ioctl(p->in.fd, FIONREAD, &typed) == 0 && typed > 0)
        return format("%s on its stdin", count_bytes((uint64_t)typed));
    return NULL;
}

static int zombies_below(int pid)
{
    autofree struct process_stat *children = NULL;
    size_t n = process_descendants(pid, &children);
    int zombies = 0;

    for (size_t i = 0; i < n; i++)
        zombies += children[i].state == 'Z';
    return zombies;
}

/* Connections that are open beside this one, and on which both sides may still speak. */
static size_t others_connected(const Conn *conn)
{
    size_t n = 0;

    for (Conn *c = world.conns; c; c = c->next)
        n += c != conn && c->fd >= 0 && !c->in.ended && !c->fin_sent;
    return n;
}

static struct symptoms symptoms_of(const struct failing *f, Program *p)
{
    struct symptoms s = {.expecting = f->expecting,
                         .cause = f->cause,
                         .expected = f->expected,
                         .received = f->received,
                         .compares = f->compares,
                         .difference = difference_of(f),
                         .zombies = -1,
                         .wrong_port = f->port,
                         .asked = f->asked,
                         .doing = {.fd = -1}};
    struct process_stat stat;

    s.talked = world.conns != NULL;
    pick_cuts(f, &s);
    pick_holders(f, &s);
    if (f->conn) {
        s.conn = f->conn->name;
        s.arrived = f->conn->in.total;
        s.stream_ended = f->conn->in.ended;
        s.reset = f->conn->in.error == ECONNRESET;
        s.came_elsewhere = came_elsewhere(f);
        s.others = others_connected(f->conn);
    }
    if (!p)
        return s;
    if (f->expecting == EXPECTING_STDOUT) {
        s.arrived = p->printed.total;
        s.stream_ended = p->printed.ended;
    }
    s.program = p->name;
    s.ended = p->ended;
    s.status = p->status;
    s.crashed = program_crashed(p);
    s.stdin_ended = p->in_ends;
    s.signalled = p->signals_sent & (1ull << SIGTERM | 1ull << SIGINT | 1ull << SIGHUP);
    s.complaints = buf_str(&p->complained.kept);
    if (p->ended)
        return s;
    s.doing = describe_process(p->pid);
    s.answered = s.doing.conn && http_is_answered(s.doing.conn) ? s.doing.conn->name : NULL;
    s.life_ms = clock_ms_since(p->started_ns);
    if (process_stat_of(p->pid, &stat))
        s.cpu_ms = stat.cpu_ms;
    s.asked_idle = p->asked_idle;
    s.zombies = p->asked_zombies ? zombies_below(p->pid) : -1;
    s.unread_input = f->cause == CAUSE_TIMEOUT ? unread_input_of(p) : NULL;
    s.new_files = describe_new_files(p);
    return s;
}

static void add_diagnosis(struct failure *out, struct failing *f, Program *p)
{
    struct diagnosis d;
    struct symptoms s = symptoms_of(f, p);

    if (!s.unread_input) /* what it prints because the end of its input set it going was in no buffer */
        s.printed_late = late_output(f);
    s.received = f->received;
    if (!diagnose(&s, &d))
        return;
    out->diagnosis = d.text;
    out->see = d.see;
}

/* ---- The end ------------------------------------------------------------------------------------------- */

/* The program whose end explains the failure: one that crashed, else the one that it is about. A claim is about the
 * one that was looked at last. */
static Program *culprit(const struct failing *f)
{
    for (Program *p = world.programs; p; p = p->next)
        if (program_crashed(p))
            return p;
    if (f->program)
        return f->program;
    if (world.programs && program_is_alone(world.programs))
        return world.programs;
    bool is_claim = f->expecting == EXPECTING_OTHER && !f->conn && !f->wait;
    return is_claim ? world.asked : NULL;
}

/* What was seen, with how the program ended if that explains it, and what its end means. */
static const char *observation_of(const struct failing *f, const Program *p)
{
    if (!p || !p->ended || !p->ended_ns)
        return f->observation;
    if (!f->program && p->status == 0) /* about something else: a starter, whose daemon this is about */
        return f->observation;
    const char *end = status_words(p->status), *reason = status_explained(p->status) + strlen(end);
    const char *said = strstr(f->observation, end);
    if (!said)
        return format("%s; %s %s%s", f->observation, p->name, end, reason);
    return strcmp(said, end) == 0 ? format("%s%s", f->observation, reason) : f->observation;
}

/* Of several programs a number says little: with what arguments is it that this one has not ended as it should? */
static const char *with_its_command(const char *observation, const struct failing *f)
{
    bool about_one = f->expecting == EXPECTING_EXIT || f->expecting == EXPECTING_MESSAGE;

    if (!about_one || !f->program || program_is_alone(f->program))
        return observation;
    return format("%s; it was started as %s", observation, f->program->command);
}

void fail(const struct failing *given)
{
    static bool failing;
    struct failing f = *given;

    if (failing) /* while a failure is being explained, nothing else fails */
        world_broken(0, "A failure could not be explained: %s, but %s", given->expectation,
                     given->observation);
    failing = true;

    const char *waited = f.wait ? wait_sentence(f.wait) : NULL;
    if (f.received.size > 0) /* a copy: what still comes moves the buffer that it lies in */
        f.received = join(f.received, text(""));
    failure_settle();
    let_programs_wait();
    if (memory_excess()) /* whatever was seen comes of that */
        f = (struct failing){
            .cause = CAUSE_WRONG, .expectation = memory_rule(), .observation = memory_excess()};
    Program *p = culprit(&f);
    if (p && program_crashed(p) && !memory_excess())
        f.cause = CAUSE_CRASH;

    struct failure out = {.clause = world.run->check->clause,
                          .expectation = report_about() ? format("%s; %s", f.expectation, report_about())
                                                        : f.expectation,
                          .observation = with_its_command(observation_of(&f, p), &f),
                          .wait = waited};
    add_comparison(&out, &f);
    add_processes(&out, p);
    add_output(&out, p);
    out.steps = report_steps(&out.n_steps);
    out.by_hand = report_by_hand(&out.n_by_hand);
    add_diagnosis(&out, &f, p);
    report_end(&(struct event_check_end){.verdict = VERDICT_FAIL, .cause = f.cause, .failure = &out});
}
