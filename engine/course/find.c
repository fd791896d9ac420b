/* From what a person types to a challenge, with a suggestion when nothing fits. */
#include "base/buf.h"
#include "base/mem.h"
#include "course/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 100, SUGGESTIONS_MAX = 4 };

/* How many letters must be added, removed, replaced or swapped with their neighbour to make b of a. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MAX_LENGTH + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    size_t n = strlen(b);

    for (size_t j = 0; j <= n; j++)
        above[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[n];
}

/* "a, b or c" of the challenges that fit; "" if none does. Says in *count how many. */
static char *list_of(const struct course *c, bool (*fits)(const struct challenge *, const char *),
                     const char *name, size_t *count)
{
    const struct challenge *found[SUGGESTIONS_MAX];
    size_t n = 0;
    struct buf text = {0};

    for (size_t i = 0; i < c->n_challenges; i++) {
        if (!fits(&c->challenges[i], name))
            continue;
        if (n < SUGGESTIONS_MAX)
            found[n] = &c->challenges[i];
        n++;
    }
    size_t shown = n < SUGGESTIONS_MAX ? n : SUGGESTIONS_MAX;
    for (size_t i = 0; i < shown; i++)
        buf_printf(&text, "%s%s", i == 0 ? "" : i + 1 == shown && n == shown ? " or " : ", ", found[i]->slug);
    if (n > shown)
        buf_printf(&text, " or one of %zu more", n - shown);
    *count = n;
    return buf_take(&text);
}

static bool has_prefix(const struct challenge *ch, const char *name)
{
    return strncmp(ch->slug, name, strlen(name)) == 0;
}

static bool contains(const struct challenge *ch, const char *name)
{
    return strstr(ch->slug, name) != NULL;
}

static const struct challenge *nearest(const struct course *c, const char *name)
{
    const struct challenge *best = NULL;
    size_t best_distance = strlen(name) / 3 + 2; /* further off is no suggestion but a guess */

    for (size_t i = 0; i < c->n_challenges; i++) {
        const struct challenge *ch = &c->challenges[i];
        if (strlen(ch->slug) > NAME_MAX_LENGTH)
            continue;
        size_t distance = edit_distance(name, ch->slug);
        if (distance < best_distance) {
            best = ch;
            best_distance = distance;
        }
    }
    return best;
}

/* "2", "02", "4.2" or "02-tcp-echo-server", the name of a workspace: its number. 0: not of this form. */
static long number_in(const struct course *c, const char *name)
{
    const char *digits = strncmp(name, "4.", 2) == 0 && name[2] ? name + 2 : name;
    size_t n = strspn(digits, "0123456789");

    if (n == 0 || n > 6)
        return 0;
    long number = strtol(digits, NULL, 10);
    if (digits[n] == '\0')
        return number == 0 ? -1 : number;
    if (digits == name && digits[n] == '-' && number >= 1 && (size_t)number <= c->n_challenges &&
        strcmp(digits + n + 1, c->challenges[number - 1].slug) == 0)
        return number;
    return 0;
}

const struct challenge *course_find(const struct course *c, const char *name, struct error *err)
{
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_LENGTH) {
        error_set(err, "%s: a challenge is named by its slug, its number or the beginning of its slug",
                  length ? "this name is too long" : "the name of the challenge is empty");
        return NULL;
    }
    long number = number_in(c, name);
    if (number >= 1 && (size_t)number <= c->n_challenges)
        return &c->challenges[number - 1];
    if (number != 0) {
        error_set(err, "there is no challenge %s: they are numbered 1 to %zu", name, c->n_challenges);
        return NULL;
    }

    autofree char *wanted = xstrdup(name);
    for (char *p = wanted; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    const struct challenge *prefixed = NULL;
    for (size_t i = 0; i < c->n_challenges; i++) {
        if (strcmp(c->challenges[i].slug, wanted) == 0)
            return &c->challenges[i];
        if (has_prefix(&c->challenges[i], wanted))
            prefixed = &c->challenges[i];
    }
    size_t count;
    autofree char *fitting = list_of(c, has_prefix, wanted, &count);
    if (count == 1)
        return prefixed;
    if (count > 1) {
        error_set(err, "several challenges begin with \"%s\": %s?", name, fitting);
        return NULL;
    }
    autofree char *containing = list_of(c, contains, wanted, &count);
    const struct challenge *guess = nearest(c, wanted);
    if (count > 0)
        error_set(err, "no challenge is called %s; did you mean %s?", name, containing);
    else if (guess)
        error_set(err, "no challenge is called %s; did you mean %s?", name, guess->slug);
    else
        error_set(err, "no challenge is called %s", name);
    return NULL;
}
