#include "harness/diagnose_http.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

static bool begins_with(Bytes b, const char *s)
{
    return b.size >= strlen(s) && memcmp(b.data, s, strlen(s)) == 0;
}

static bool ends_with(Bytes b, const char *s)
{
    return b.size >= strlen(s) && memcmp(b.data + b.size - strlen(s), s, strlen(s)) == 0;
}

/* A whole response has come on a connection that stays open, and the program goes on waiting. */
static bool waits_for_the_end(const struct symptoms *s, struct diagnosis *out)
{
    bool should_end = s->expecting == EXPECTING_EXIT || s->expecting == EXPECTING_STDOUT_END;
    bool should_print = s->expecting == EXPECTING_STDOUT && s->received.size == 0;

    if (!s->answered || s->cause != CAUSE_TIMEOUT || s->ended || s->doing.running ||
        !(should_end || should_print))
        return false;
    *out = (struct diagnosis){
        format(
            "A whole response has come on %s, and %s waits for more. The server keeps the connection open, so its "
            "end tells nothing about the end of the response: that is where Content-Length or the last chunk says, "
            "or behind the head if the status allows no body.",
            s->answered, s->program),
        "RFC 9112 section 6.3"};
    return true;
}

static bool prints_the_head(const struct symptoms *s, struct diagnosis *out)
{
    bool on_stdout = s->expecting == EXPECTING_STDOUT || s->expecting == EXPECTING_STDOUT_END;

    if (!on_stdout || !begins_with(s->received, "HTTP/1.") || begins_with(s->expected, "HTTP/1."))
        return false;
    *out = (struct diagnosis){
        "The head of the response is printed with the body. The head ends with the first empty "
        "line (CR LF CR LF), and the body begins behind it.",
        "RFC 9112 section 2.1"};
    return true;
}

/* "1f4\r\n", perhaps behind the CR LF that ends the chunk before it. */
static bool is_chunk_line(Bytes b)
{
    size_t i = begins_with(b, "\r\n") ? 2 : 0, digits = 0;

    while (i + digits < b.size && isxdigit(b.data[i + digits]))
        digits++;
    return digits > 0 && digits <= 8 && begins_with(slice(b, i + digits, b.size), "\r\n");
}

static bool prints_the_chunks(const struct symptoms *s, struct diagnosis *out)
{
    if (s->expecting != EXPECTING_STDOUT || s->difference < 0 || (size_t)s->difference >= s->received.size)
        return false;
    size_t at = (size_t)s->difference;
    if (!is_chunk_line(slice(s->received, at, s->received.size - at)))
        return false;
    *out = (struct diagnosis){
        "The framing of the chunked coding is printed with the body: before each chunk stands a line with its size in "
        "hexadecimal digits, and behind it CR LF. Both have to be taken out, wherever the reads happen to cut.",
        "RFC 9112 section 7.1"};
    return true;
}

static bool request_does_not_end(const struct symptoms *s, struct diagnosis *out)
{
    if (s->expecting != EXPECTING_REQUEST || !ends_with(s->received, "\n") ||
        (s->received.size > 0 && memmem(s->received.data, s->received.size, "\r\n\r\n", 4)))
        return false;
    bool lf_alone = !ends_with(s->received, "\r\n");
    *out = (struct diagnosis){
        lf_alone
            ? "In HTTP every line of the head ends in CR LF, \"\\r\\n\", the empty one too."
            : "The last line of a request is an empty one: \"\\r\\n\" once more. Until it comes, the server waits for "
              "more fields.",
        "RFC 9112 section 2.1"};
    return true;
}

bool diagnose_http(const struct symptoms *s, struct diagnosis *out)
{
    static bool (*const patterns[])(const struct symptoms *, struct diagnosis *) = {
        prints_the_head,
        prints_the_chunks,
        request_does_not_end,
        waits_for_the_end,
    };

    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        if (patterns[i](s, out))
            return true;
    return false;
}
