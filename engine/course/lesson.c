/* Takes a lesson apart: its contract's clauses, its hints, and the rest as one text. Works line by line;
 * lines inside a fenced block of code are never headings or clauses. */
#include "base/escape.h"
#include "base/file.h"
#include "base/mem.h"
#include "course/internal.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum section { SECTION_OTHER, SECTION_CONTRACT, SECTION_HINTS };

enum { HINTS_MAX = 3, CLAUSES_MAX = 200 };

struct text {
    const char *at;
    size_t n;
};

/* What a lesson's strings live in. */
struct pieces {
    struct buf body;
    struct buf hints[HINTS_MAX];
    char *clause_text[2 * CLAUSES_MAX]; /* id and sentence in turns */
};

struct parser {
    const char *path;
    int line;
    enum section section;
    struct text fence; /* the mark that opened a block of code; n is 0 outside of one */
    int hint;          /* 1 to 3 inside a hint, 0 before the first */
    bool in_clause;    /* the line before belongs to the newest clause */
    struct buf sentence;
    size_t n_clauses;
    struct pieces *pieces;
};

char *lesson_path(const struct course *c, const struct challenge *ch)
{
    return xasprintf("%s/content/%s/%s.md", c->data_dir, ch->stage->slug, ch->slug);
}

static bool starts_with(struct text t, const char *prefix)
{
    size_t n = strlen(prefix);
    return t.n >= n && memcmp(t.at, prefix, n) == 0;
}

static struct text trimmed(struct text t)
{
    while (t.n > 0 && strchr(" \t\r", t.at[0])) {
        t.at++;
        t.n--;
    }
    while (t.n > 0 && strchr(" \t\r", t.at[t.n - 1]))
        t.n--;
    return t;
}

/* Whether the line belongs to a block of code, its two fences included. */
static bool inside_code(struct parser *p, struct text line)
{
    struct text t = trimmed(line);
    size_t marks = 0;
    while (marks < t.n && (t.at[0] == '`' || t.at[0] == '~') && t.at[marks] == t.at[0])
        marks++;
    if (p->fence.n == 0) {
        if (marks < 3)
            return false;
        p->fence = (struct text){t.at, marks};
        return true;
    }
    if (marks >= p->fence.n && marks == t.n && t.at[0] == p->fence.at[0])
        p->fence.n = 0;
    return true;
}

/* ---- Clauses ---- */

/* The sentence that was gathered becomes the newest clause's. */
static int end_clause(struct parser *p, struct error *err)
{
    if (!p->in_clause)
        return 0;
    p->in_clause = false;
    char *sentence = buf_take(&p->sentence);
    p->pieces->clause_text[2 * (p->n_clauses - 1) + 1] = sentence;
    if (sentence[0] == '\0')
        return error_set(err, "%s:%d: the clause %s says nothing", p->path, p->line,
                         p->pieces->clause_text[2 * (p->n_clauses - 1)]);
    return 0;
}

static void add_to_sentence(struct parser *p, struct text t)
{
    t = trimmed(t);
    if (t.n > 0 && p->sentence.len > 0)
        buf_addch(&p->sentence, ' ');
    buf_add(&p->sentence, t.at, t.n);
}

/* A line "- **id** — sentence". */
static int begin_clause(struct parser *p, struct text line, struct error *err)
{
    static const char dash[] = "\u2014";
    struct text rest = {line.at + strlen("- **"), line.n - strlen("- **")};
    const char *end = memmem(rest.at, rest.n, "**", 2);
    if (!end)
        return error_set(err, "%s:%d: the clause's name has no closing \"**\"", p->path, p->line);
    struct text id = {rest.at, (size_t)(end - rest.at)};
    size_t good = 0;
    while (good < id.n && strchr("abcdefghijklmnopqrstuvwxyz0123456789-", id.at[good]))
        good++;
    if (id.n == 0 || good < id.n)
        return error_set(err, "%s:%d: the clause's name \"%.*s\" may hold a-z, 0-9 and '-' alone", p->path,
                         p->line, (int)(id.n < 60 ? id.n : 60), id.at);
    struct text sentence = trimmed((struct text){end + 2, rest.n - id.n - 2});
    if (!starts_with(sentence, dash))
        return error_set(err, "%s:%d: after **%.*s** comes \" \u2014 \" and the sentence", p->path, p->line,
                         (int)id.n, id.at);
    if (p->n_clauses == CLAUSES_MAX)
        return error_set(err, "%s:%d: more than %d clauses", p->path, p->line, CLAUSES_MAX);
    for (size_t i = 0; i < p->n_clauses; i++)
        if (strlen(p->pieces->clause_text[2 * i]) == id.n &&
            memcmp(p->pieces->clause_text[2 * i], id.at, id.n) == 0)
            return error_set(err, "%s:%d: the clause %.*s is there twice", p->path, p->line, (int)id.n,
                             id.at);

    p->pieces->clause_text[2 * p->n_clauses++] = xstrndup(id.at, id.n);
    p->in_clause = true;
    add_to_sentence(p, (struct text){sentence.at + strlen(dash), sentence.n - strlen(dash)});
    return 0;
}

static int contract_line(struct parser *p, struct text line, struct error *err)
{
    struct text t = trimmed(line);
    bool is_item = starts_with(t, "- ") || starts_with(t, "* ") || starts_with(t, "|") || starts_with(t, "#");

    if (t.n == 0 || is_item) {
        if (end_clause(p, err))
            return -1;
        return starts_with(line, "- **") ? begin_clause(p, line, err) : 0;
    }
    if (p->in_clause)
        add_to_sentence(p, t);
    return 0;
}

/* ---- Sections ---- */

/* What a heading changes. */
static int heading(struct parser *p, struct text line, struct error *err)
{
    struct text t = trimmed(line);
    if (starts_with(line, "# ") || starts_with(line, "## ")) {
        if (end_clause(p, err))
            return -1;
        p->section = SECTION_OTHER;
        if (t.n == strlen("## Contract") && starts_with(t, "## Contract"))
            p->section = SECTION_CONTRACT;
        if (t.n == strlen("## Hints") && starts_with(t, "## Hints")) {
            p->section = SECTION_HINTS;
            p->hint = 0;
        }
        return 0;
    }
    if (p->section != SECTION_HINTS || !starts_with(line, "### "))
        return 0;
    if (t.n < 5 || t.at[4] != (char)('1' + p->hint) || (t.n > 5 && t.at[5] != ' ') || p->hint == HINTS_MAX)
        return error_set(err, "%s:%d: hints are headed ### 1, ### 2 and ### 3, in this order", p->path,
                         p->line);
    p->hint++;
    return 0;
}

static int lesson_line(struct parser *p, struct text line, struct error *err)
{
    bool code = inside_code(p, line);
    bool is_heading = !code && line.n > 0 && line.at[0] == '#';

    if (is_heading && heading(p, line, err))
        return -1;
    if (p->section == SECTION_HINTS) {
        if (p->hint > 0 && !(is_heading && starts_with(line, "### "))) {
            buf_add(&p->pieces->hints[p->hint - 1], line.at, line.n);
            buf_addch(&p->pieces->hints[p->hint - 1], '\n');
        }
        return 0;
    }
    buf_add(&p->pieces->body, line.at, line.n);
    buf_addch(&p->pieces->body, '\n');
    if (p->section != SECTION_CONTRACT)
        return 0;
    return code ? end_clause(p, err) : contract_line(p, line, err);
}

static int parse(struct parser *p, const char *text, size_t n, struct error *err)
{
    for (size_t at = 0; at < n;) {
        const char *end = memchr(text + at, '\n', n - at);
        struct text line = {text + at, (end ? (size_t)(end - text) : n) - at};
        at += line.n + 1;
        if (line.n > 0 && line.at[line.n - 1] == '\r')
            line.n--;
        p->line++;
        if (lesson_line(p, line, err))
            return -1;
    }
    if (p->fence.n)
        return error_set(err, "%s:%d: a block of code has no end", p->path, p->line);
    return end_clause(p, err);
}

/* Lessons are shown on a terminal: they must be text. */
static int check_text(const char *path, const char *text, size_t n, struct error *err)
{
    int line = 1;
    for (size_t i = 0; i < n;) {
        unsigned cp;
        size_t length = utf8_decode(text + i, n - i, &cp);
        bool control = length == 1 && (unsigned char)text[i] < 32 && !strchr("\t\r\n", text[i]);
        if (length == 0 || control || text[i] == '\0' || text[i] == 127)
            return error_set(err, "%s:%d: there is a byte 0x%02x, which is no UTF-8 text", path, line,
                             (unsigned)(unsigned char)text[i]);
        line += text[i] == '\n';
        i += length;
    }
    return 0;
}

/* Removes empty lines at both ends. */
static const char *tidy(struct buf *b)
{
    while (b->len > 0 && strchr("\n ", b->data[b->len - 1]))
        b->data[--b->len] = '\0';
    if (b->len > 0)
        buf_addch(b, '\n');
    const char *s = buf_str(b);
    return s + strspn(s, "\n");
}

static void free_pieces(struct pieces *p)
{
    buf_free(&p->body);
    for (size_t i = 0; i < HINTS_MAX; i++)
        buf_free(&p->hints[i]);
    for (size_t i = 0; i < ARRAY_LEN(p->clause_text); i++)
        free(p->clause_text[i]);
    free(p);
}

int lesson_parse(const char *path, const char *text, size_t n, struct lesson *out, struct error *err)
{
    size_t begin, length, body;
    *out = (struct lesson){.body = NULL};
    if (front_matter_split(path, text, n, &begin, &length, &body, err) || check_text(path, text, n, err))
        return -1;

    struct parser p = {.path = path, .line = 2, .pieces = xcalloc(1, sizeof *p.pieces)};
    for (size_t i = begin; i < begin + length; i++)
        p.line += text[i] == '\n';
    int result = parse(&p, text + body, n - body, err);
    buf_free(&p.sentence);
    if (result) {
        free_pieces(p.pieces);
        return -1;
    }
    out->owner = p.pieces;
    out->body = tidy(&p.pieces->body);
    out->n_clauses = p.n_clauses;
    out->clauses = xcalloc(p.n_clauses + 1, sizeof *out->clauses);
    for (size_t i = 0; i < p.n_clauses; i++)
        out->clauses[i] = (struct clause){p.pieces->clause_text[2 * i], p.pieces->clause_text[2 * i + 1]};
    for (int i = 0; i < p.hint; i++)
        out->hints[i] = tidy(&p.pieces->hints[i]);
    return 0;
}

int lesson_load(const struct course *c, const struct challenge *ch, struct lesson *out, struct error *err)
{
    autofree char *path = lesson_path(c, ch);
    struct buf text = {0};
    *out = (struct lesson){.body = NULL};
    int result;

    if (!file_exists(path))
        result = error_set(err, "%s is not yet available: it has no lesson", ch->slug);
    else
        result = file_read(path, LESSON_FILE_MAX, &text, err);
    if (result == 0)
        result = lesson_parse(path, buf_str(&text), text.len, out, err);
    buf_free(&text);
    return result;
}

void lesson_free(struct lesson *l)
{
    if (l->owner)
        free_pieces(l->owner);
    free(l->clauses);
    *l = (struct lesson){.body = NULL};
}

const struct clause *lesson_clause(const struct lesson *l, const char *id)
{
    for (size_t i = 0; i < l->n_clauses; i++)
        if (strcmp(l->clauses[i].id, id) == 0)
            return &l->clauses[i];
    return NULL;
}

char *course_handbook_page(const struct course *c, const char *name, struct error *err)
{
    if (name[0] == '\0' || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0') {
        error_set(err, "the handbook has no page \"%s\"", name);
        return NULL;
    }
    autofree char *path = xasprintf("%s/content/handbook/%s.md", c->data_dir, name);
    struct buf text = {0};
    if (!file_exists(path)) {
        error_set(err, "the handbook has no page \"%s\"", name);
        return NULL;
    }
    if (file_read(path, LESSON_FILE_MAX, &text, err) || check_text(path, buf_str(&text), text.len, err)) {
        buf_free(&text);
        return NULL;
    }
    return buf_take(&text);
}

static int is_page(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return entry->d_name[0] != '.' && n > 3 && strcmp(entry->d_name + n - 3, ".md") == 0;
}

char **course_handbook_names(const struct course *c)
{
    autofree char *dir = xasprintf("%s/content/handbook", c->data_dir);
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_page, alphasort);
    char **names = xcalloc((size_t)(n > 0 ? n : 0) + 1, sizeof *names);
    for (int i = 0; i < n; i++) {
        names[i] = xstrndup(entries[i]->d_name, strlen(entries[i]->d_name) - 3);
        free(entries[i]);
    }
    free(entries);
    return names;
}
