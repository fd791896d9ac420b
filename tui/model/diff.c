/* See diff.h. The longest common subsequence, by the book, of what lies between the equal beginnings and
 * ends. */
#include "model/diff.h"

#include "base/mem.h"

#include <stdint.h>
#include <string.h>

struct text {
    const char **lines;
    size_t *lengths;
    size_t n;
};

static struct text split(const char *s)
{
    struct text t = {0};
    size_t n = 1;
    for (const char *c = s; *c; c++)
        n += *c == '\n';
    t.lines = xcalloc(n, sizeof *t.lines);
    t.lengths = xcalloc(n, sizeof *t.lengths);
    while (*s) {
        size_t length = strcspn(s, "\n");
        t.lines[t.n] = s;
        t.lengths[t.n++] = length;
        s += length + (s[length] == '\n');
    }
    return t;
}

static void free_text(struct text *t)
{
    free(t->lines);
    free(t->lengths);
}

static bool same(const struct text *a, size_t i, const struct text *b, size_t k)
{
    return a->lengths[i] == b->lengths[k] && memcmp(a->lines[i], b->lines[k], a->lengths[i]) == 0;
}

/* One line of the result. */
struct step {
    char sign;
    size_t a, b; /* the line of each that it is, or comes before */
};

struct script {
    struct step *steps;
    size_t n;
};

static void add(struct script *s, char sign, size_t *a, size_t *b)
{
    s->steps[s->n++] = (struct step){sign, *a, *b};
    *a += sign != '+';
    *b += sign != '-';
}

/* a[from_a, to_a) -> b[from_b, to_b) */
static void middle(struct script *s, const struct text *a, size_t *from_a, size_t to_a, const struct text *b,
                   size_t *from_b, size_t to_b)
{
    size_t n = to_a - *from_a, m = to_b - *from_b, a0 = *from_a, b0 = *from_b;
    if (n > 0 && m > 0 && n * m <= DIFF_CELLS_MAX) {
        /* common[i][k]: how long a subsequence the lines from i and k on have in common */
        autofree uint16_t *common = xcalloc((n + 1) * (m + 1), sizeof *common);
        for (size_t i = n; i-- > 0;)
            for (size_t k = m; k-- > 0;) {
                uint16_t down = common[(i + 1) * (m + 1) + k], right = common[i * (m + 1) + k + 1];
                common[i * (m + 1) + k] = same(a, a0 + i, b, b0 + k)
                                              ? (uint16_t)(common[(i + 1) * (m + 1) + k + 1] + 1)
                                          : down > right ? down
                                                         : right;
            }
        while (*from_a < to_a && *from_b < to_b) {
            size_t i = *from_a - a0, k = *from_b - b0;
            if (same(a, *from_a, b, *from_b))
                add(s, ' ', from_a, from_b);
            else if (common[(i + 1) * (m + 1) + k] >= common[i * (m + 1) + k + 1])
                add(s, '-', from_a, from_b);
            else
                add(s, '+', from_a, from_b);
        }
    }
    while (*from_a < to_a)
        add(s, '-', from_a, from_b);
    while (*from_b < to_b)
        add(s, '+', from_a, from_b);
}

static bool near_a_change(const struct script *s, size_t i)
{
    size_t from = i > DIFF_CONTEXT ? i - DIFF_CONTEXT : 0;
    for (size_t k = from; k <= i + DIFF_CONTEXT && k < s->n; k++)
        if (s->steps[k].sign != ' ')
            return true;
    return false;
}

void diff_texts(const char *a_text, const char *b_text, struct buf *out)
{
    struct text a = split(a_text), b = split(b_text);
    size_t begin = 0, end = 0, i = 0, k = 0;
    while (begin < a.n && begin < b.n && same(&a, begin, &b, begin))
        begin++;
    while (end < a.n - begin && end < b.n - begin && same(&a, a.n - end - 1, &b, b.n - end - 1))
        end++;
    struct script s = {.steps = xcalloc(a.n + b.n + 1, sizeof *s.steps)};
    while (i < begin)
        add(&s, ' ', &i, &k);
    middle(&s, &a, &i, a.n - end, &b, &k, b.n - end);
    while (i < a.n)
        add(&s, ' ', &i, &k);
    bool skipped = true;
    for (size_t at = 0; at < s.n; at++) {
        const struct step *step = &s.steps[at];
        if (!near_a_change(&s, at)) {
            skipped = true;
            continue;
        }
        if (skipped)
            buf_printf(out, "@ %zu\n", step->b + 1);
        skipped = false;
        bool old = step->sign == '-';
        buf_addch(out, step->sign);
        buf_add(out, old ? a.lines[step->a] : b.lines[step->b],
                old ? a.lengths[step->a] : b.lengths[step->b]);
        buf_addch(out, '\n');
    }
    free(s.steps);
    free_text(&a);
    free_text(&b);
}
