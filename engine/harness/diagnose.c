#include "harness/diagnose.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/diagnose_bytes.h"
#include "harness/diagnose_datagram.h"
#include "harness/diagnose_http.h"
#include "harness/signals.h"

#include <string.h>
#include <sys/wait.h>

static bool died_of_sigpipe(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->program || !s->ended || !WIFSIGNALED(s->status) || WTERMSIG(s->status) != SIGPIPE)
        return false;
    *out = (struct diagnosis){
        format(
            "%s wrote to a connection or pipe whose other end was gone. The kernel then sends SIGPIPE, and its "
            "default action ends the program. Ignore the signal (or send with MSG_NOSIGNAL) and handle the "
            "EPIPE that write() returns then.",
            s->program),
        "signal(7), send(2): MSG_NOSIGNAL, write(2): EPIPE"};
    return true;
}

static bool address_in_use(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->complaints || s->expecting != EXPECTING_CONNECTION ||
        (!strcasestr(s->complaints, "address already in use") && !strcasestr(s->complaints, "EADDRINUSE")))
        return false;
    *out = (struct diagnosis){
        "bind() failed with EADDRINUSE. Connections that the previous server closed first stay in TIME_WAIT for a "
        "minute and keep the port. Set SO_REUSEADDR on the listening socket before bind(); the first server must "
        "have set it too.",
        "socket(7): SO_REUSEADDR, bind(2), RFC 9293 section 3.6"};
    return true;
}

static bool wrong_byte_order(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->wrong_port)
        return false;
    *out = (struct diagnosis){
        format(
            "%s listens on port %s: that is the right number with its two bytes swapped. sin_port is in network "
            "byte order: assign htons(port).",
            s->program, s->wrong_port),
        "htons(3), ip(7)"};
    return true;
}

static bool stuck_in_buffer(const struct symptoms *s, struct diagnosis *out)
{
    if (s->expecting != EXPECTING_STDOUT || s->cause != CAUSE_TIMEOUT || !s->program)
        return false;
    if (s->printed_late) {
        *out = (struct diagnosis){
            format(
                "%s did print %s, but only when it was made to end, after this failure: until then the output was "
                "in the buffer of stdio. Its stdout is a pipe here, and then stdio writes only when some "
                "kilobytes have come together, or at exit. Call fflush(stdout) after each piece, or setvbuf() "
                "once, or use write().",
                s->program, s->printed_late),
            "setvbuf(3), fflush(3), stdout(3)"};
        return true;
    }
    if (s->received.size > 0 || s->ended || s->doing.running || s->doing.target == TARGET_STDOUT ||
        s->arrived > 0 || !s->doing.words)
        return false;
    *out = (struct diagnosis){
        format(
            "Nothing has come from %s, which is %s. If it did print: its stdout is a pipe here, and "
            "stdio keeps output for a pipe in a buffer of some kilobytes until that is full or the program ends. "
            "Call fflush(stdout) after each piece, or setvbuf() once, or use write().",
            s->program, s->doing.words),
        "setvbuf(3), fflush(3), stdout(3)"};
    return true;
}

static bool is_locked_out(const struct symptoms *s)
{
    const struct syscall_name *call = s->doing.call;

    return call &&
           (call->kind == SYSCALL_ON_LOCK || !strcmp(call->name, "flock") || !strcmp(call->name, "fcntl"));
}

/* Input waits, and it waits for a lock, or for time to pass. */
static bool leaves_input_meanwhile(const struct symptoms *s, struct diagnosis *out)
{
    bool locked = is_locked_out(s), asleep = s->doing.call && s->doing.call->kind == SYSCALL_ON_TIME;

    if (s->cause != CAUSE_TIMEOUT || !s->unread_input || !s->program || s->ended || s->doing.running ||
        !(locked || asleep) || s->signalled)
        return false;
    *out = (struct diagnosis){
        locked
            ? format(
                  "%s is %s, and nobody lets it go on. Who has taken a lock must let go of it on every way out, "
                  "and must not wait for anything else (input, room, another process) while holding it; who has "
                  "changed something must wake those that wait for it.",
                  s->program, s->doing.words)
            : format(
                  "%s waits to be read, while %s is %s: what comes while a program sleeps is seen when it has "
                  "slept enough. Wait for the input itself, with poll(), whose timeout can be the pause.",
                  s->unread_input, s->program, s->doing.words),
        locked ? "flock(2), futex(2)" : "poll(2), nanosleep(2)"};
    return true;
}

/* It could go on, if it only looked. */
static bool leaves_input_unread(const struct symptoms *s, struct diagnosis *out)
{
    bool was_told_to_end = s->expecting == EXPECTING_EXIT && s->signalled;

    if (s->cause != CAUSE_TIMEOUT || !s->unread_input || !s->program || s->ended || s->doing.running ||
        s->expecting == EXPECTING_OTHER || was_told_to_end)
        return false;
    *out = (struct diagnosis){
        format("%s wait%s to be read, while %s is %s. A program that waits for one thing alone misses the "
               "others: wait for all of its descriptors at once with poll(), or give each a thread.",
               s->unread_input, s->unread_input[0] == '1' && s->unread_input[1] == ' ' ? "s" : "", s->program,
               s->doing.words),
        "poll(2), select(2)"};
    return true;
}

static bool waits_for_stdin_alone(const struct symptoms *s, struct diagnosis *out)
{
    if (s->expecting != EXPECTING_EXIT || s->cause != CAUSE_TIMEOUT || s->doing.target != TARGET_STDIN ||
        s->stdin_ended || s->signalled || !s->talked)
        return false;
    *out = (struct diagnosis){
        format(
            "%s is %s, and sees nothing else meanwhile, such as the end of a connection. Wait for all of its "
            "descriptors at once with poll(), or give each a thread.",
            s->program, s->doing.words),
        "poll(2), select(2)"};
    return true;
}

static bool ended_too_soon(const struct symptoms *s, struct diagnosis *out)
{
    if (s->expecting != EXPECTING_BYTES || !s->compares || !s->stream_ended || s->reset || !s->program ||
        s->ended || s->arrived == 0)
        return false;
    if (s->difference >= 0 &&
        s->difference < (int64_t)s->received.size) /* what came is wrong: that is worse */
        return false;
    *out = (struct diagnosis){
        format(
            "%s ended the connection although the other side had not: only %s had come back by then. One read() and "
            "one write() are not enough: go on until read() returns 0.",
            s->program, count_bytes(s->arrived)),
        "read(2): RETURN VALUE"};
    return true;
}

static bool closed_with_unread_input(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->reset || !s->program || s->ended)
        return false;
    *out = (struct diagnosis){
        format(
            "%s has reset the connection instead of ending it: close() does that when input that came has not been "
            "read yet, and the other side may then lose what it has not read. Read until read() returns 0, "
            "then close.",
            s->program),
        "RFC 1122 section 4.2.2.13, RFC 2525 section 2.17"};
    return true;
}

static bool answered_the_wrong_one(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->came_elsewhere || s->expecting != EXPECTING_BYTES || !s->conn)
        return false;
    *out = (struct diagnosis){
        format(
            "The bytes for %s came on %s: what belongs to one client (its descriptor, its buffer) must not be shared "
            "with the others.",
            s->conn, s->came_elsewhere),
        NULL};
    return true;
}

/* Nobody is before it, and yet it is not accepted. */
static bool does_not_accept(const struct symptoms *s, struct diagnosis *out)
{
    if (s->cause != CAUSE_TIMEOUT || !s->conn || !s->program || s->ended || !s->not_accepted || s->others ||
        s->doing.target == TARGET_CONN)
        return false;
    *out = (struct diagnosis){
        format(
            "%s waits to be accepted, nobody else is connected, and %s is %s. Is accept() called again after it "
            "has failed (EMFILE, ECONNABORTED), and again after each client? With edge-triggered epoll, "
            "connections that wait already are not reported once more: accept() until EAGAIN.",
            s->conn, s->program, s->doing.words),
        "accept(2): ERRORS, epoll(7)"};
    return true;
}

static bool one_after_the_other(const struct symptoms *s, struct diagnosis *out)
{
    bool on_another = s->doing.target == TARGET_CONN && s->doing.conn && s->conn &&
                      strcmp(s->doing.conn->name, s->conn) != 0;

    if (s->cause != CAUSE_TIMEOUT || !s->conn || !s->program || !(on_another || s->not_accepted))
        return false;
    *out = (struct diagnosis){
        format("%s waits%s, while %s is %s: it serves one client after the other. Serve them side by side: a "
               "thread or a process for each, or poll() over all of them and the listening socket.",
               s->conn, s->not_accepted ? " and has not even been accepted" : "", s->program, s->doing.words),
        "poll(2), epoll(7), pthread_create(3), fork(2)"};
    return true;
}

static bool still_held(const struct symptoms *s, struct diagnosis *out)
{
    if ((s->expecting != EXPECTING_END && s->expecting != EXPECTING_STDOUT_END) ||
        s->cause != CAUSE_TIMEOUT || !s->holders)
        return false;
    bool elsewhere = s->doing.target == TARGET_LISTENER; /* the holder has turned to something else */
    if (s->expecting == EXPECTING_END && s->n_holders < 2 && !elsewhere)
        return false;
    *out = (struct diagnosis){
        format(
            "The other side sees the end only when the last copy of the descriptor is closed. Still open in: "
            "%s. Close it when all is done; after fork() both processes have all descriptors, and each must "
            "close what it does not use.",
            s->holders),
        "close(2), fork(2), shutdown(2)"};
    return true;
}

static bool no_half_close(const struct symptoms *s, struct diagnosis *out)
{
    if (s->expecting != EXPECTING_END || s->cause != CAUSE_TIMEOUT || !s->program || s->ended)
        return false;
    *out = (struct diagnosis){
        s->stdin_ended
            ? "When stdin ends (read() returns 0), the program has to say so to the other side with "
              "shutdown(fd, SHUT_WR), and go on reading the answer."
            : "read() or recv() returning 0 means that the other side has ended: send what is still owed, "
              "then close the connection.",
        "shutdown(2), read(2): RETURN VALUE"};
    return true;
}

static bool left_too_early(const struct symptoms *s, struct diagnosis *out)
{
    bool waits =
        s->expecting == EXPECTING_STDOUT || s->expecting == EXPECTING_BYTES || s->expecting == EXPECTING_END;

    if (!waits || !s->program || !s->ended || s->crashed || !WIFEXITED(s->status) || !s->stdin_ended)
        return false;
    if (WEXITSTATUS(s->status) != 0 || !s->stream_ended)
        return false;
    *out = (struct diagnosis){
        format(
            "%s ended when its stdin had ended, before everything was done. The end of stdin means that nothing more "
            "is to be sent; what the other side still sends has to be read until its end.",
            s->program),
        "shutdown(2), read(2)"};
    return true;
}

static bool left_zombies(const struct symptoms *s, struct diagnosis *out)
{
    if (s->zombies <= 0)
        return false;
    *out = (struct diagnosis){
        format(
            "%d child%s of %s ended and %s kept as zombie%s, because the parent has not waited: call waitpid(-1, "
            "..., WNOHANG) in a loop when SIGCHLD comes (several may have ended), or ignore SIGCHLD.",
            s->zombies, s->zombies == 1 ? "" : "ren", s->program, s->zombies == 1 ? "is" : "are",
            s->zombies == 1 ? "" : "s"),
        "waitpid(2): NOTES, sigaction(2): SA_NOCLDWAIT"};
    return true;
}

static bool leaked_descriptors(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->new_files || s->expecting != EXPECTING_OTHER)
        return false;
    *out = (struct diagnosis){
        format(
            "Descriptors that %s has open now and had not at first: %s. Close a connection on every way out: at "
            "its end, after an error, and in the parent after fork().",
            s->program, s->new_files),
        "close(2)"};
    return true;
}

static bool busy_loop(const struct symptoms *s, struct diagnosis *out)
{
    enum { LONG_ENOUGH_MS = 300 };
    bool burns = s->cause == CAUSE_TIMEOUT && s->life_ms >= LONG_ENOUGH_MS && s->cpu_ms >= 0.6 * s->life_ms;
    bool burned = s->asked_idle && s->doing.running && s->expecting == EXPECTING_OTHER;

    if (!s->program || s->ended || !(burns || burned))
        return false;
    *out = (struct diagnosis){
        format(
            "%s has used %.0f ms of CPU time in %.0f ms: it does not wait, it asks over and over. Usually read(), "
            "accept() or poll() returns at once each time: because of an end of file (0), a POLLHUP or an "
            "error that nobody handles, or because the descriptor is non-blocking.",
            s->program, s->cpu_ms, s->life_ms),
        "poll(2), read(2): RETURN VALUE"};
    return true;
}

/* In this order: the sure ones first. */
static bool (*const patterns[])(const struct symptoms *, struct diagnosis *) = {
    died_of_sigpipe,  address_in_use,         diagnose_datagram,        diagnose_http,
    wrong_byte_order, left_zombies,           leaked_descriptors,       line_ends,
    stopped_at_nul,   sent_the_terminator,    swallowed_a_byte,         answered_the_wrong_one,
    does_not_accept,  one_after_the_other,    missing_in_the_middle,    size_of_a_buffer,
    left_too_early,   one_read_one_message,   closed_with_unread_input, ended_too_soon,
    busy_loop,        leaves_input_meanwhile, leaves_input_unread,      waits_for_stdin_alone,
    short_write,      stuck_in_buffer,        waits_for_a_line,         still_held,
    no_half_close,
};

bool diagnose(const struct symptoms *s, struct diagnosis *out)
{
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        if (patterns[i](s, out))
            return true;
    return false;
}
