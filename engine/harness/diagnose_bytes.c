#include "harness/diagnose_bytes.h"

#include "harness/compare.h"
#include "harness/conn.h"

#include <string.h>
#include <sys/wait.h>

enum { ALWAYS_TAKEN = 16 << 10 }; /* bytes that a pipe or a socket takes at once, if nothing else is in it */

static bool expects_bytes(const struct symptoms *s)
{
    return s->compares && s->expected.size > 0 &&
           (s->expecting == EXPECTING_BYTES || s->expecting == EXPECTING_STDOUT);
}

/* Everything that came was right, but not all came. */
static bool is_prefix(const struct symptoms *s)
{
    return expects_bytes(s) && s->received.size > 0 && s->difference == (int64_t)s->received.size &&
           s->received.size < s->expected.size;
}

bool stopped_at_nul(const struct symptoms *s, struct diagnosis *out)
{
    size_t at = s->received.size == 0 ? 0 : (size_t)s->difference;

    if (!expects_bytes(s) || (s->received.size > 0 && s->difference < 0) || at >= s->expected.size)
        return false;
    if (s->expected.data[at] != 0 || memchr(s->expected.data, 0, at) != NULL)
        return false;
    bool gave_up = s->ended && !(WIFEXITED(s->status) && WEXITSTATUS(s->status) == 0);
    if (at == 0 && (s->received.size > 0 || gave_up)) /* it is something else altogether */
        return false;
    *out = (struct diagnosis){
        format(
            "It goes wrong exactly at the first byte 0, at offset %zu. Functions for strings (strlen, printf "
            "\"%%s\", fputs) take it for the end: data from the network is not a string. Keep the number of "
            "bytes that read() returned, and write that many.",
            at),
        "read(2), write(2)"};
    return true;
}

bool sent_the_terminator(const struct symptoms *s, struct diagnosis *out)
{
    if (!expects_bytes(s) || s->difference < 0 || (size_t)s->difference >= s->received.size)
        return false;
    size_t at = (size_t)s->difference;
    if (s->received.data[at] != 0 || (at < s->expected.size && s->expected.data[at] == 0))
        return false;
    *out = (struct diagnosis){
        "A byte 0 comes that nobody sent: the one that ends a string is no part of the data. Write "
        "as many bytes as read() returned, not one more and not the size of the buffer.",
        "read(2), write(2)"};
    return true;
}

bool swallowed_a_byte(const struct symptoms *s, struct diagnosis *out)
{
    enum { FEW = 8 };
    size_t missing = expects_bytes(s) && s->difference >= 0
                         ? missing_bytes(s->expected, s->received, (size_t)s->difference)
                         : 0;

    if (missing == 0 || missing > FEW)
        return false;
    if (missing > 1 &&
        memchr(s->expected.data + s->difference, '\n', missing)) /* a line: that is no matter of bytes */
        return false;
    *out = (struct diagnosis){
        format(
            "%s at offset %lld %s swallowed, and all that follows is there: something takes the data for text and "
            "treats this byte specially.",
            missing == 1 ? name_byte(s->expected.data[s->difference]) : count_bytes(missing),
            (long long)s->difference, missing == 1 ? "is" : "are"),
        NULL};
    return true;
}

bool line_ends(const struct symptoms *s, struct diagnosis *out)
{
    if (!expects_bytes(s) || s->difference < 0)
        return false;
    size_t at = (size_t)s->difference;
    int want = at < s->expected.size ? s->expected.data[at] : -1;
    int got = at < s->received.size ? s->received.data[at] : -1;
    bool added = want == '\n' && got == '\r' && at + 1 < s->received.size && s->received.data[at + 1] == '\n';
    bool removed = want == '\r' && got == '\n';
    if (!added && !removed)
        return false;
    *out = (struct diagnosis){added ? "Lines should end in \\n alone here, and came with \\r\\n."
                                    : "Lines should end in \\r\\n here (CR LF), and came with \\n alone.",
                              NULL};
    return true;
}

bool missing_in_the_middle(const struct symptoms *s, struct diagnosis *out)
{
    if (!expects_bytes(s) || s->difference < 0)
        return false;
    size_t missing = missing_bytes(s->expected, s->received, (size_t)s->difference);
    if (!missing || s->difference < ALWAYS_TAKEN)
        return false;
    *out = (struct diagnosis){
        format(
            "After %s a piece of %s is missing, and then it goes on: that happens when write() or send() took "
            "fewer bytes than asked for (or failed with EAGAIN) and the rest was thrown away. Look at what it "
            "returns, and write the rest.",
            count_bytes((uint64_t)s->difference), count_bytes(missing)),
        "write(2): RETURN VALUE, send(2)"};
    return true;
}

bool one_read_one_message(const struct symptoms *s, struct diagnosis *out)
{
    if (!is_prefix(s) || s->n_cuts < 2)
        return false;
    for (size_t i = 0; i + 1 < s->n_cuts; i++) {
        if (s->cuts[i] != s->arrived)
            continue;
        *out = (struct diagnosis){
            format(
                "What came ends exactly where the first %s that were sent ended: the rest was sent as a "
                "piece of its own. TCP is a stream without borders: one read() returns what has arrived so far, "
                "which may be a part of a message, or several. Read on until you have all of it.",
                count_bytes(s->cuts[i])),
            "tcp(7), read(2)"};
        return true;
    }
    return false;
}

bool size_of_a_buffer(const struct symptoms *s, struct diagnosis *out)
{
    if (!is_prefix(s) || s->received.size < 64)
        return false;
    uint64_t n = s->received.size;
    bool power = (n & (n - 1)) == 0, less_one = ((n + 1) & n) == 0;
    if (!power && !less_one)
        return false;
    *out = (struct diagnosis){
        format(
            "It stops after exactly %s, which looks like the size of a buffer: one read() fills it at most once. "
            "Read in a loop until read() returns 0.",
            count_bytes(n)),
        "read(2)"};
    return true;
}

bool short_write(const struct symptoms *s, struct diagnosis *out)
{
    if (!is_prefix(s) || s->received.size < ALWAYS_TAKEN || s->doing.running)
        return false;
    *out = (struct diagnosis){
        format(
            "The first %s came, then nothing. When the other side reads slowly, write() and send() take only a "
            "part of what they are given and return how much; on a non-blocking socket they fail with EAGAIN. "
            "The rest has to be written again, once poll() says that there is room.",
            count_bytes(s->received.size)),
        "write(2): RETURN VALUE, send(2), poll(2): POLLOUT"};
    return true;
}

bool waits_for_a_line(const struct symptoms *s, struct diagnosis *out)
{
    bool waits_for_input =
        s->doing.call && (s->doing.target == TARGET_CONN || s->doing.target == TARGET_STDIN ||
                          s->doing.call->kind == SYSCALL_ON_POLL || s->doing.call->kind == SYSCALL_ON_SET ||
                          s->doing.call->kind == SYSCALL_ON_EPOLL);
    size_t came = s->received.size;

    if (!expects_bytes(s) || s->cause != CAUSE_TIMEOUT || !waits_for_input || s->not_accepted || !s->all_sent)
        return false;
    if (came > 0 && (!is_prefix(s) || s->expected.data[came - 1] != '\n'))
        return false;
    if (memchr(s->expected.data + came, '\n', s->expected.size - came))
        return false;
    *out = (struct diagnosis){
        format(
            "What is missing does not end in a line feed, and %s waits for more input: fgets(), getline() and their "
            "like give a line only when it is complete. read() gives what has come so far.",
            s->program),
        "read(2), fgets(3)"};
    return true;
}
