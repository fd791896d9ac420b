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

/* The length of the name at the beginning of the line of a fact; 0: it is none. Names are of small letters. */
static size_t name_length(Bytes line)
{
    size_t n = 0;

    while (n < line.size && line.data[n] >= 'a' && line.data[n] <= 'z')
        n++;
    bool ends = n == line.size || line.data[n] == ' ';
    return ends && (n == 0 || !memchr(line.data, '\0', line.size)) ? n : 0;
}

static Bytes after(Bytes rest, Bytes line)
{
    return (Bytes){rest.data + line.size + 1, rest.size - line.size - 1};
}

/* Of a report that is whole, n facts. */
static void store(Bytes report, size_t n, struct facts *out)
{
    Bytes rest = report, line;

    out->all = xcalloc(n + 1, sizeof *out->all);
    next_line(rest, &line);
    while (out->n < n) {
        rest = after(rest, line);
        next_line(rest, &line);
        size_t name = name_length(line), value = name < line.size ? name + 1 : name;
        out->all[out->n++] =
            (struct one_fact){copy(line.data, name), copy(line.data + value, line.size - value)};
    }
}

enum facts_progress facts_parse(Bytes b, struct facts *out, size_t *used)
{
    Bytes rest = b, line;

    *used = 0;
    if (!next_line(rest, &line))
        return begins(line, "report") ? FACTS_MORE : FACTS_BAD;
    if (!is(line, "report"))
        return FACTS_BAD;
    for (size_t n = 0; n <= FACTS_MAX; n++) {
        rest = after(rest, line);
        if (!next_line(rest, &line))
            return FACTS_MORE;
        if (is(line, "end")) {
            *used = (size_t)(line.data - b.data) + line.size + 1;
            store(b, n, out);
            return FACTS_WHOLE;
        }
        if (name_length(line) == 0)
            return FACTS_BAD;
    }
    return FACTS_BAD;
}

void facts_free(struct facts *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->all[i].name);
        free(f->all[i].value);
    }
    free(f->all);
    f->all = NULL;
    f->n = 0;
}
