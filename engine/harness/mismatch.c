#include "harness/mismatch.h"

#include "harness/compare.h"

bool mismatch_is_certain(Bytes expected, Bytes received)
{
    int64_t at = compare_bytes(expected, received);

    return at >= 0 && (size_t)at < expected.size && (size_t)at < received.size;
}

/* The line around `at`, without its line feed. */
static Bytes line_around(Bytes b, size_t at)
{
    size_t from = at, to = at;

    while (from > 0 && b.data[from - 1] != '\n')
        from--;
    while (to < b.size && b.data[to] != '\n')
        to++;
    return slice(b, from, to);
}

/* "line 3 is "17268 open" instead of "17267 open""; NULL when these are no lines for a sentence. */
static const char *which_line(Bytes expected, Bytes received, size_t at)
{
    Bytes want = line_around(expected, at), got = line_around(received, at);
    size_t line = 1;

    if (!bytes_are_text(want) || !bytes_are_text(got) || want.size > QUOTE_MAX || got.size > QUOTE_MAX)
        return NULL;
    for (size_t i = 0; i < at; i++)
        line += expected.data[i] == '\n';
    return format("line %zu is %s instead of %s", line, quote(got), quote(want));
}

static const char *what_came(Bytes expected, Bytes received)
{
    size_t at = (size_t)compare_bytes(expected, received);

    if (received.size == 0)
        return "nothing came";
    if (at >= received.size)
        return format("only the first %s of %s came", count_bytes(received.size), count_bytes(expected.size));
    size_t missing = missing_bytes(expected, received, at);
    if (missing)
        return format("after the first %s, %s %s missing", count_bytes(at), count_bytes(missing),
                      missing == 1 ? "is" : "are");
    if (expected.size <= QUOTE_MAX && received.size <= QUOTE_MAX)
        return format("%s came", quote(received));
    const char *line = which_line(expected, received, at);
    if (line)
        return line;
    return format("the first %s are right, then comes %s instead of %s", count_bytes(at),
                  name_byte(received.data[at]), name_byte(expected.data[at]));
}

const char *mismatch_words(Bytes expected, Bytes received, const char *end)
{
    const char *came = what_came(expected, received);

    return end ? format("%s; %s", came, end) : came;
}
