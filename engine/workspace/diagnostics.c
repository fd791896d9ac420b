/* Each style is a few rules: a regular expression, and which group of it is what. Where a compiler spreads a
 * message over several lines, a rule keeps what it saw and a later one completes it. */
#include "workspace/diagnostics.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"

#include <regex.h>
#include <string.h>

enum { RULES_MAX = 4, GROUPS_MAX = 8 };

struct rule {
    const char *pattern;                       /* NULL ends the rules of a style */
    int file, line, column, severity, message; /* the number of the group; 0: the rule does not say */
    bool completes; /* with this line the message is whole, if file and message are known by now */
};

struct style {
    const char *name;
    struct rule rules[RULES_MAX + 1];
};

static const struct style styles[] = {
    {"gcc",
     {
         {"^([^: ][^:]*):([0-9]+):([0-9]+): (fatal error|error|warning|note): (.*)$", 1, 2, 3, 4, 5, true},
         {"^([^: ][^:]*):([0-9]+): ((\\*\\*\\* |undefined reference|multiple definition).*)$", 1, 2, 0, 0, 3,
          true},
         {"^(.*ld: )?([^: ]+):\\([^)]*\\): ((undefined reference|multiple definition).*)$", 2, 0, 0, 0, 3,
          true},
     }},
    {"go",
     {
         {"^(vet: )?([^: ]+\\.go):([0-9]+):([0-9]+): (.*)$", 2, 3, 4, 0, 5, true},
         {"^(vet: )?([^: ]+\\.go|go\\.mod):([0-9]+): (.*)$", 2, 3, 0, 0, 4, true},
     }},
    {"rust",
     {
         {"^(error|warning)(\\[[A-Z0-9]+\\])?: (.*)$", 0, 0, 0, 1, 3, false},
         {"^ *--> ([^:]+):([0-9]+):([0-9]+)$", 1, 2, 3, 0, 0, true},
     }},
    {"python",
     {
         {"^ *File \"([^\"]+)\", line ([0-9]+)", 1, 2, 0, 0, 0, false},
         {"^([A-Za-z_.]*(Error|Exception): .*)$", 0, 0, 0, 0, 1, true},
     }},
};

struct diagnostics {
    char *dir;
    struct rule rules[RULES_MAX];
    regex_t compiled[RULES_MAX];
    size_t n_rules;
    struct diagnostic pending; /* what is known of the message that is not whole yet */
    struct diagnostic list[DIAGNOSTICS_MAX];
    size_t n;
};

static const struct style *style_named(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(styles); i++)
        if (strcmp(styles[i].name, name) == 0)
            return &styles[i];
    return NULL;
}

int diagnostics_check(const char *style, const char *pattern, struct error *err)
{
    if (style && !style_named(style))
        return error_set(err, "errors: there is no style \"%s\"; the styles are gcc, go, rust and python",
                         style);
    if (!pattern)
        return 0;
    regex_t compiled;
    int result = regcomp(&compiled, pattern, REG_EXTENDED);
    if (result) {
        char reason[128];
        regerror(result, &compiled, reason, sizeof reason);
        return error_set(err, "pattern: %s", reason);
    }
    size_t groups = compiled.re_nsub;
    regfree(&compiled);
    if (groups != 5)
        return error_set(
            err, "pattern: it has %zu groups, but file, line, column, severity and message are five", groups);
    return 0;
}

static void add_rule(struct diagnostics *d, const struct rule *rule)
{
    if (d->n_rules < RULES_MAX && regcomp(&d->compiled[d->n_rules], rule->pattern, REG_EXTENDED) == 0)
        d->rules[d->n_rules++] = *rule;
}

struct diagnostics *diagnostics_new(const char *style, const char *pattern, const char *dir)
{
    struct diagnostics *d = xcalloc(1, sizeof *d);
    const struct style *known = style_named(style);
    d->dir = xstrdup(dir);
    if (pattern && diagnostics_check(NULL, pattern, NULL) == 0)
        add_rule(d, &(struct rule){pattern, 1, 2, 3, 4, 5, true});
    for (const struct rule *rule = known ? known->rules : NULL; rule && rule->pattern; rule++)
        add_rule(d, rule);
    return d;
}

static void clear(struct diagnostic *one)
{
    free((char *)one->file);
    free((char *)one->severity);
    free((char *)one->message);
    *one = (struct diagnostic){.line = 0};
}

void diagnostics_free(struct diagnostics *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n_rules; i++)
        regfree(&d->compiled[i]);
    for (size_t i = 0; i < d->n; i++)
        clear(&d->list[i]);
    clear(&d->pending);
    free(d->dir);
    free(d);
}

/* The group's text, escaped; the caller frees. NULL when it is empty or the rule has no such group. */
static char *group(const char *line, const regmatch_t *matches, int which)
{
    if (which == 0 || matches[which].rm_so < 0 || matches[which].rm_eo <= matches[which].rm_so)
        return NULL;
    struct buf text = {0};
    escape_bytes(&text, line + matches[which].rm_so, (size_t)(matches[which].rm_eo - matches[which].rm_so));
    return buf_take(&text);
}

static void set_text(const char **field, char *take)
{
    if (take) {
        free((char *)*field);
        *field = take;
    }
}

static void set_number(int *field, const char *line, const regmatch_t *matches, int which)
{
    autofree char *text = group(line, matches, which);
    if (text && strlen(text) < 9)
        *field = (int)strtol(text, NULL, 10);
}

/* "./main.c" and "<dir>/main.c" are main.c. */
static char *relative(const struct diagnostics *d, char *take)
{
    if (!take)
        return NULL;
    size_t n = strlen(d->dir);
    const char *name = take;
    if (strncmp(name, d->dir, n) == 0 && name[n] == '/')
        name += n + 1;
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    char *result = xstrdup(name);
    free(take);
    return result;
}

static void apply(struct diagnostics *d, const struct rule *rule, const char *line, const regmatch_t *matches)
{
    struct diagnostic *p = &d->pending;
    if (!rule->completes)
        clear(p);
    set_text(&p->file, relative(d, group(line, matches, rule->file)));
    set_number(&p->line, line, matches, rule->line);
    set_number(&p->column, line, matches, rule->column);
    set_text(&p->severity, group(line, matches, rule->severity));
    set_text(&p->message, group(line, matches, rule->message));
    if (!rule->completes)
        return;
    if (!p->file || !p->message || d->n == DIAGNOSTICS_MAX) {
        clear(p);
        return;
    }
    if (!p->severity || strcmp(p->severity, "fatal error") == 0)
        set_text(&p->severity, xstrdup("error"));
    d->list[d->n++] = *p;
    *p = (struct diagnostic){.line = 0};
}

void diagnostics_line(struct diagnostics *d, const char *line)
{
    regmatch_t matches[GROUPS_MAX];

    if (strlen(line) > DIAGNOSTIC_LINE_MAX)
        return;
    for (size_t i = 0; i < d->n_rules; i++)
        if (regexec(&d->compiled[i], line, GROUPS_MAX, matches, 0) == 0) {
            apply(d, &d->rules[i], line, matches);
            return;
        }
}

struct diagnostic *diagnostics_list(const struct diagnostics *d, size_t *n)
{
    *n = d->n;
    return (struct diagnostic *)d->list;
}
