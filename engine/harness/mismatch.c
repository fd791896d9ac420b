#include "harness/mismatch.h"

#include "harness/compare.h"

bool mismatch_is_certain(Bytes expected, Bytes received)
{
    int64_t at = compare_bytes(expected, received);

    return at >= 0 && (size_t)at < expected.size && (size_t)at < received.size;
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
    return format("the first %s are right, then comes %s instead of %s", count_bytes(at),
                  name_byte(received.data[at]), name_byte(expected.data[at]));
}

const char *mismatch_words(Bytes expected, Bytes received, const char *end)
{
    const char *came = what_came(expected, received);

    return end ? format("%s; %s", came, end) : came;
}
