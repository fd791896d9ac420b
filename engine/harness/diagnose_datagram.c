#include "harness/diagnose_datagram.h"

#include "base/mem.h"
#include "harness/compare.h"

#include <string.h>
#include <sys/wait.h>

static bool from_another_address(const struct symptoms *s, struct diagnosis *out)
{
    if (s->cause != CAUSE_WRONG || s->compares || s->ended)
        return false;
    *out = (struct diagnosis){
        "The answer leaves from an address that the kernel chose, not from the one that was asked, and "
        "a client drops "
        "it. A socket that is bound to every address learns from IP_PKTINFO to which one a datagram "
        "came, and says "
        "with the same control message where the answer is to leave from.",
        "ip(7): IP_PKTINFO, recvmsg(2), cmsg(3), RFC 1122 section 4.1.3.5"};
    return true;
}

static bool empty_is_no_end(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->compares || s->expected.size > 0 || s->received.size > 0 || s->crashed)
        return false;
    *out = (struct diagnosis){
        "recvfrom() returning 0 means an empty datagram, which is one like any other: UDP has no "
        "connection and so no "
        "end of file. Only a negative result is an error. An answer of 0 bytes is sent with sendto() as "
        "well.",
        "recvfrom(2): RETURN VALUE, udp(7)"};
    return true;
}

static bool has_one_peer(const struct symptoms *s, struct diagnosis *out)
{
    if (s->cause != CAUSE_TIMEOUT || s->received.size > 0 || !s->doing.words ||
        !strstr(s->doing.words, "UDP socket on") || !strstr(s->doing.words, ", connected to "))
        return false;
    *out = (struct diagnosis){
        format(
            "%s is %s. connect() on a UDP socket fixes its peer: datagrams from anybody else do not "
            "reach it any more. "
            "Leave it unconnected, and send each answer with sendto() to the address that recvfrom() gave.",
            s->program, s->doing.words),
        "udp(7), connect(2), recvfrom(2)"};
    return true;
}

/* What a socket receives that is bound to one address of several; asked: the one that the datagram went to. */
static bool has_one_address(const struct symptoms *s, struct diagnosis *out)
{
    static const char one[] = "UDP socket on 127.0.0.1:";

    if (s->cause != CAUSE_TIMEOUT || s->received.size > 0 || !s->asked || !s->doing.words ||
        !strstr(s->doing.words, one) || !strncmp(s->asked, "127.0.0.1:", strlen("127.0.0.1:")))
        return false;
    *out = (struct diagnosis){
        format(
            "%s is %s. A socket that is bound to 127.0.0.1 receives nothing that was sent to another address of "
            "the machine, such as %s. Bind it to INADDR_ANY, which is every address.",
            s->program, s->doing.words, s->asked),
        "ip(7): INADDR_ANY, bind(2)"};
    return true;
}

static bool is_cut(const struct symptoms *s)
{
    return s->compares && s->received.size > 0 && s->difference == (int64_t)s->received.size &&
           s->received.size < s->expected.size;
}

static bool cut_at_nul(const struct symptoms *s, struct diagnosis *out)
{
    bool is_empty = s->compares && s->received.size == 0 && s->cause == CAUSE_WRONG && !s->ended;

    if (!is_cut(s) && !is_empty)
        return false;
    if (s->received.size == s->expected.size || s->expected.data[s->received.size] != 0)
        return false;
    *out = (struct diagnosis){
        format("It ends exactly at the first byte 0, at offset %zu. strlen() and its like take it for the "
               "end: data "
               "from the network is not a string. Send as many bytes as recvfrom() returned.",
               s->received.size),
        "recvfrom(2), sendto(2)"};
    return true;
}

static bool cut_by_the_buffer(const struct symptoms *s, struct diagnosis *out)
{
    if (!is_cut(s))
        return false;
    *out = (struct diagnosis){
        format("Only the first %s came: recvfrom() gives as much of a datagram as the buffer holds, and "
               "the kernel "
               "throws the rest away. There is no second half to be read later. A buffer of 65 536 bytes "
               "holds every "
               "datagram that there is.",
               count_bytes(s->received.size)),
        "recvfrom(2), recv(2): MSG_TRUNC, udp(7)"};
    return true;
}

static bool longer_than_it_was(const struct symptoms *s, struct diagnosis *out)
{
    if (!s->compares || s->difference < 0 || (size_t)s->difference != s->expected.size)
        return false;
    *out = (struct diagnosis){
        "More is sent back than came. Each recvfrom() gives one datagram, and what it returns is its "
        "size: send exactly "
        "so many bytes, in a datagram of their own. What stands behind them in the buffer is left from "
        "an earlier one.",
        "recvfrom(2): RETURN VALUE"};
    return true;
}

bool diagnose_datagram(const struct symptoms *s, struct diagnosis *out)
{
    static bool (*const patterns[])(const struct symptoms *, struct diagnosis *) = {
        from_another_address, has_one_peer,      has_one_address,    empty_is_no_end,
        cut_at_nul,           cut_by_the_buffer, longer_than_it_was,
    };

    for (size_t i = 0; s->expecting == EXPECTING_DATAGRAM && i < ARRAY_LEN(patterns); i++)
        if (patterns[i](s, out))
            return true;
    return false;
}
