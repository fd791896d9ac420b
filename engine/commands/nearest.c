/* Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost one each. */
#include "commands/nearest.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 64 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static size_t edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1]; /* before the last one, the last one, this one */
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++) {
        before[j] = 0;
        last[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = a[i - 1] == b[j - 1];
            row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b_len];
}

const char *nearest(const char *word, const char *const *candidates, size_t n)
{
    size_t len = strlen(word);
    if (!len || len > WORD_MAX)
        return NULL;
    size_t most = len / 3 > 2 ? len / 3 : 2;
    if (most >= len)
        most = len - 1;
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t candidate_len = strlen(candidates[i]);
        if (candidate_len > WORD_MAX)
            continue;
        if (len >= 2 && !strncmp(candidates[i], word, len))
            return candidates[i];
        size_t distance = edits(word, len, candidates[i], candidate_len);
        if (distance <= most) {
            most = distance ? distance - 1 : 0;
            best = candidates[i];
        }
    }
    return best;
}
