#include "harness/facts.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The line at the beginning, without its line feed; false if its end has not come. */
static bool next_line(Bytes b, Bytes *line)
{
    const uint8_t *end = b.size ? memchr(b.data, '\n', b.size) : NULL;

    *line = (Bytes){b.data, end ? (size_t)(end - b.data) : b.size};
    return end != NULL;
}

static bool is(Bytes line, const char *word)
{
    return line.size == strlen(word) && memcmp(line.data, word, line.size) == 0;
}

/* A line that has not ended yet may still become the word. */
static bool begins(Bytes line, const char *word)
{
    return line.size <= strlen(word) && (line.size == 0 || memcmp(line.data, word, line.size) == 0);
}

static char *copy(const uint8_t *data, size_t size)
{
    char *s = xmalloc(size + 1);

    if (size)
        memcpy(s, data, size);
    s[size] = '\0';
    return s;
}

/* Names are of small letters. */
static bool add(struct facts *out, Bytes line)
{
    size_t name = 0;

    while (name < line.size && line.data[name] >= 'a' && line.data[name] <= 'z')
        name++;
    if (name == 0 || (name < line.size && line.data[name] != ' ') || memchr(line.data, '\0', line.size))
        return false;
    size_t value = name < line.size ? name + 1 : name;
    out->all = xreallocarray(out->all, out->n + 1, sizeof *out->all);
    out->all[out->n++] = (struct one_fact){copy(line.data, name), copy(line.data + value, line.size - value)};
    return true;
}

enum facts_progress facts_parse(Bytes b, struct facts *out, size_t *used)
{
    Bytes rest = b, line;

    *used = 0;
    if (!next_line(rest, &line))
        return begins(line, "report") ? FACTS_MORE : FACTS_BAD;
    if (!is(line, "report"))
        return FACTS_BAD;
    for (size_t lines = 0; lines <= FACTS_MAX; lines++) {
        rest = (Bytes){rest.data + line.size + 1, rest.size - line.size - 1};
        if (!next_line(rest, &line))
            return FACTS_MORE;
        if (is(line, "end")) {
            *used = (size_t)(line.data - b.data) + line.size + 1;
            return FACTS_WHOLE;
        }
        if (!add(out, line))
            return FACTS_BAD;
    }
    return FACTS_BAD;
}
