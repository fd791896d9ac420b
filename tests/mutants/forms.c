#include "forms.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 22 };

static const char section_mark[] = "== ", form_mark[] = "-- or\n";

/* ---- Words --------------------------------------------------------------------------------------------- */

struct words {
    char **at;
    size_t n;
    char *text; /* what they are cut from */
};

static struct words split(const char *line, size_t len)
{
    struct words w = {.text = xstrndup(line, len)};
    char *rest = NULL;
    for (char *p = strtok_r(w.text, " ", &rest); p; p = strtok_r(NULL, " ", &rest)) {
        w.at = xreallocarray(w.at, w.n + 1, sizeof *w.at);
        w.at[w.n++] = p;
    }
    return w;
}

static void words_free(struct words *w)
{
    free(w->at);
    free(w->text);
}

/* A number matches any number, a * anything. */
static bool word_matches(const char *form, const char *word)
{
    if (*form == '*') {
        for (const char *rest = word;; rest++) {
            if (word_matches(form + 1, rest))
                return true;
            if (!*rest)
                return false;
        }
    }
    if (isdigit((unsigned char)*form) && isdigit((unsigned char)*word))
        return word_matches(form + strspn(form, "0123456789"), word + strspn(word, "0123456789"));
    if (isdigit((unsigned char)*form) && *word == '*') /* a number that looked like an xid this time */
        return word_matches(form + strspn(form, "0123456789"), word + 1);
    return *form == *word && (!*form || word_matches(form + 1, word + 1));
}

/* What the two have in common on the left and on the right, back to something that is neither letter nor digit: of
 * 1243 and 1207 nothing is worth keeping. */
static char *word_merge(const char *a, const char *b)
{
    size_t left = 0, right = 0, len_a = strlen(a), len_b = strlen(b);
    while (a[left] && a[left] == b[left] && a[left] != '*')
        left++;
    while (left > 0 && isalnum((unsigned char)a[left - 1]))
        left--;
    size_t shorter = (len_a < len_b ? len_a : len_b) - left;
    while (right < shorter && a[len_a - right - 1] == b[len_b - right - 1] && a[len_a - right - 1] != '*')
        right++;
    while (right > 0 && isalnum((unsigned char)a[len_a - right]))
        right--;
    return xasprintf("%.*s*%s", (int)left, a, a + len_a - right);
}

/* ---- Lines --------------------------------------------------------------------------------------------- */

/* A line of bytes, sent or received, rather than of words: it is taken whole. */
static bool is_bytes(const struct words *w)
{
    return w->n > 0 && (!strcmp(w->at[0], "-") || !strcmp(w->at[0], "+"));
}

static bool line_matches(const struct words *form, const struct words *text)
{
    if (is_bytes(form) && is_bytes(text)) /* where the window begins depends on how much had come */
        return !strcmp(form->at[0], text->at[0]) && (form->n > 1) == (text->n > 1);
    if (form->n != text->n)
        return false;
    for (size_t i = 0; i < form->n; i++) {
        if (!word_matches(form->at[i], text->at[i]))
            return false;
    }
    return true;
}

/* Adds the line that stands for both; false when they are not alike. */
static bool line_merge(const struct words *a, const struct words *b, struct buf *out)
{
    if (a->n == 0 || b->n == 0 || strcmp(a->at[0], b->at[0]) != 0)
        return a->n == b->n && a->n == 0;
    if (is_bytes(a))
        return false;
    size_t others = 0;
    for (size_t i = 0; i < a->n && i < b->n; i++)
        others += !word_matches(a->at[i], b->at[i]);
    if (a->n != b->n || others * 2 > a->n)
        return false;
    buf_printf(out, "%-10s", a->at[0]);
    for (size_t i = 1; i < a->n; i++) {
        autofree char *word =
            word_matches(a->at[i], b->at[i]) ? xstrdup(a->at[i]) : word_merge(a->at[i], b->at[i]);
        buf_printf(out, " %s", word);
    }
    return true;
}

/* ---- Forms --------------------------------------------------------------------------------------------- */

/* Walks both texts line by line; with out, merges them. False where they part. */
static bool walk(const char *form, const char *text, struct buf *out)
{
    while (*form && *text) {
        size_t len_form = strcspn(form, "\n"), len_text = strcspn(text, "\n");
        struct words a = split(form, len_form), b = split(text, len_text);
        bool alike = line_matches(&a, &b);
        if (out && alike)
            buf_add(out, form, len_form);
        else if (out)
            alike = line_merge(&a, &b, out);
        if (out)
            buf_addch(out, '\n');
        words_free(&a);
        words_free(&b);
        if (!alike)
            return false;
        form += len_form + (form[len_form] == '\n');
        text += len_text + (text[len_text] == '\n');
    }
    return !*form && !*text;
}

bool form_matches(const char *form, const char *text)
{
    return walk(form, text, NULL);
}

char *form_merge(const char *form, const char *text)
{
    struct buf merged = {0};
    if (walk(form, text, &merged))
        return buf_take(&merged);
    buf_free(&merged);
    return NULL;
}

/* Puts `by` in the place of the pattern's first group (or of all of it), wherever that is found. */
static char *replace_all(char *text, const char *pattern, const char *by)
{
    regex_t re;
    regmatch_t at[2];
    struct buf out = {0};
    const char *p = text;
    if (regcomp(&re, pattern, REG_EXTENDED) != 0)
        abort();
    while (regexec(&re, p, ARRAY_LEN(at), at, p == text ? 0 : REG_NOTBOL) == 0) {
        regmatch_t what = at[at[1].rm_so >= 0];
        buf_add(&out, p, (size_t)what.rm_so);
        buf_addstr(&out, by);
        p += what.rm_eo;
    }
    buf_addstr(&out, p);
    regfree(&re);
    free(text);
    return buf_take(&out);
}

char *form_normalise(const char *text)
{
    static const struct {
        const char *pattern, *by;
    } rules[] = {
        {"[0-9]+\\.[0-9]+ m?s\\>", "* s"}, /* 2.013 s, 0.7 ms */
        {"[^0-9.]([0-9]+) m?s\\>", "*"},   /* 12 ms */
        /* What a program that did wrong did next is often a matter of who looked first. */
        {"(; (then it|\\./[^ ]+) ended with status [0-9]+)", ""},
        {"\\<(([0-9a-f]{2}:){5}[0-9a-f]{2})\\>", "*"}, /* the address of a network card */
        {"\\<([0-9a-f]{8})\\>", "*"},                  /* an xid */
        {"container-([A-Za-z0-9]{6})\\>", "*"},        /* mkdtemp(3) */
        {"[0-9]( )[0-9]{3}\\>", ""},                   /* 4 207 508 */
        {"\\<pid ([0-9]+)", "*"},                      /* pid 1234 */
        {"[0-9]:([0-9]{5})\\>", "*"},                  /* 127.0.0.1:40123 */
        {"\\<port ([1-6][0-9]{4})\\>", "*"},           /* port 40123 */
        {"/proc/([0-9]+)", "*"},                       /* /proc/1234/fd */
    };
    char *out = xstrdup(text);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        out = replace_all(out, rules[i].pattern, rules[i].by);
    return out;
}

/* ---- Golden files -------------------------------------------------------------------------------------- */

static void add_form(struct section *s, char *form)
{
    s->forms = xreallocarray(s->forms, s->n_forms + 1, sizeof *s->forms);
    s->forms[s->n_forms++] = form;
}

static struct section *add_section(struct golden *g, char *name)
{
    g->sections = xreallocarray(g->sections, g->n + 1, sizeof *g->sections);
    struct section *s = &g->sections[g->n++];
    *s = (struct section){.name = name};
    return s;
}

/* The forms of a section, which ends with an empty line. */
static void read_forms(struct section *s, const char *text, size_t len)
{
    struct buf form = {0};
    for (const char *p = text, *end = text + len; p < end;) {
        size_t line = strcspn(p, "\n") + 1;
        if (!strncmp(p, form_mark, strlen(form_mark)))
            add_form(s, buf_take(&form));
        else if (line > 1)
            buf_add(&form, p, line);
        p += line;
    }
    add_form(s, buf_take(&form));
}

int golden_read(const char *path, struct golden *out, struct error *err)
{
    struct buf file = {0};
    *out = (struct golden){0};
    if (!file_exists(path))
        return 0;
    if (file_read(path, FILE_MAX, &file, err) < 0) {
        buf_free(&file);
        return -1;
    }
    const char *p = buf_str(&file);
    const char *first = !strncmp(p, section_mark, strlen(section_mark)) ? p : strstr(p, "\n== ");
    out->head = first ? xstrndup(p, (size_t)(first - p) + (first > p)) : xstrdup(p);
    for (p = first; p;) {
        p += (*p == '\n') + strlen(section_mark);
        size_t name = strcspn(p, "\n");
        struct section *s = add_section(out, xstrndup(p, name));
        p += name + (p[name] == '\n');
        const char *next = strstr(p, "\n== ");
        read_forms(s, p, next ? (size_t)(next - p) + 1 : strlen(p));
        p = next;
    }
    buf_free(&file);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct section *)a)->name, ((const struct section *)b)->name);
}

int golden_write(const char *path, const struct golden *g, struct error *err)
{
    struct buf out = {0};
    if (g->head)
        buf_addstr(&out, g->head);
    qsort(g->sections, g->n, sizeof *g->sections, by_name);
    for (size_t i = 0; i < g->n; i++) {
        buf_printf(&out, "%s%s%s\n", i ? "\n" : "", section_mark, g->sections[i].name);
        for (size_t k = 0; k < g->sections[i].n_forms; k++)
            buf_printf(&out, "%s%s", k ? form_mark : "", g->sections[i].forms[k]);
    }
    int result = file_write_atomic(path, buf_str(&out), out.len, 0644, err);
    buf_free(&out);
    return result;
}

void golden_free(struct golden *g)
{
    for (size_t i = 0; i < g->n; i++) {
        for (size_t k = 0; k < g->sections[i].n_forms; k++)
            free(g->sections[i].forms[k]);
        free(g->sections[i].forms);
        free(g->sections[i].name);
    }
    free(g->sections);
    free(g->head);
}

struct section *golden_find(struct golden *g, const char *name)
{
    for (size_t i = 0; i < g->n; i++) {
        if (!strcmp(g->sections[i].name, name))
            return &g->sections[i];
    }
    return NULL;
}

bool golden_learn(struct golden *g, const char *name, const char *text)
{
    struct section *s = golden_find(g, name);
    if (!s)
        s = add_section(g, xstrdup(name));
    for (size_t i = 0; i < s->n_forms; i++) {
        if (form_matches(s->forms[i], text))
            return false;
    }
    for (size_t i = 0; i < s->n_forms; i++) {
        char *merged = form_merge(s->forms[i], text);
        if (merged) {
            free(s->forms[i]);
            s->forms[i] = merged;
            return true;
        }
    }
    add_form(s, xstrdup(text));
    return true;
}
