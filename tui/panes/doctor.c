/* What this machine offers to the checks: the answer of `lux doctor`, what is missing first. */
#include "panes/pane.h"

#include "base/buf.h"
#include "base/mem.h"

#include <string.h>

/* A finding is a line "ok       sandbox     full: ..." that may go on in lines of blanks; what follows an
 * empty line sums up. */
enum { NAME_AT = 9, TEXT_AT = 21 };

struct finding {
    char *word, *name, *text;
};

/* In the order in which they are shown. */
static const struct {
    const char *word;
    enum sign sign;
    enum role role;
} words[] = {{"MISSING", SIGN_FAIL, ROLE_FAIL}, {"note", SIGN_SKIP, ROLE_WARN}, {"ok", SIGN_PASS, ROLE_PASS}};

/* The next line of the answer; the caller frees. NULL at the end. */
static char *next_line(const char **at)
{
    if (!**at)
        return NULL;
    size_t n = strcspn(*at, "\n");
    char *line = xstrndup(*at, n);
    *at += n + ((*at)[n] == '\n');
    return line;
}

static char *trimmed(const char *s, size_t n)
{
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n'))
        n--;
    return xstrndup(s, n);
}

/* Reads the finding at *at, with the lines that go on with it; false: there is none. */
static bool take_finding(const char **at, struct finding *out)
{
    const char *start = *at;
    autofree char *line = next_line(at);
    if (!line || strlen(line) <= TEXT_AT || *line == ' ' || line[TEXT_AT - 1] != ' ') {
        *at = start;
        return false;
    }
    struct buf text = {0};
    buf_addstr(&text, line + TEXT_AT);
    while (strncmp(*at, "          ", 10) == 0) {
        autofree char *more = next_line(at);
        buf_printf(&text, " %s", more + strspn(more, " "));
    }
    *out = (struct finding){.word = trimmed(line, NAME_AT),
                            .name = trimmed(line + NAME_AT, TEXT_AT - NAME_AT),
                            .text = buf_take(&text)};
    return true;
}

static void add_finding(struct page *p, const struct model *m, const struct finding *f, size_t kind)
{
    enum { SIGN_COLUMN = 2, NAME_COLUMN = 4, TEXT_COLUMN = 16 };
    size_t first = p->n_lines, n = strlen(m->home);
    const char *home = n > 1 ? strstr(f->text, m->home) : NULL;
    autofree char *text =
        home ? xasprintf("%.*s~%s", (int)(home - f->text), f->text, home + n) : xstrdup(f->text);
    page_wrap(p, TEXT_COLUMN, ROLE_TEXT, text);
    page_label(p, first, NAME_COLUMN, ROLE_STRONG, f->name);
    page_label(p, first, SIGN_COLUMN, words[kind].role, sign(words[kind].sign));
}

void doctor_page(struct page *p, const struct model *m)
{
    const char *answer = m->doctor_text ? m->doctor_text : "";
    struct finding *found = NULL;
    size_t n = 0;
    for (struct finding f; take_finding(&answer, &f); n++) {
        found = xreallocarray(found, n + 1, sizeof *found);
        found[n] = f;
    }
    page_wrap(p, 2, ROLE_STRONG, "What this machine offers");
    page_blank(p);
    while (*answer == '\n')
        answer++;
    autofree char *sum = trimmed(answer, strlen(answer));
    page_wrap(p, 2, ROLE_TEXT, m->doctor_text ? sum : "Looking at it.");
    for (size_t kind = 0; kind < ARRAY_LEN(words); kind++) {
        bool any = false;
        for (size_t i = 0; i < n; i++)
            if (strcmp(found[i].word, words[kind].word) == 0) {
                if (!any)
                    page_blank(p);
                any = true;
                add_finding(p, m, &found[i], kind);
            }
    }
    for (size_t i = 0; i < n; i++) {
        free(found[i].word);
        free(found[i].name);
        free(found[i].text);
    }
    free(found);
}

/* ---- The overlay ---- */

static void prepare(struct model *m, struct rect inner)
{
    page_clear(&m->notice, inner.cols - 2);
    page_blank(&m->notice);
    doctor_page(&m->notice, m);
    page_blank(&m->notice);
    m->overlay_scroll = view_clamp(m->overlay_scroll, (int)m->notice.n_lines, inner.rows);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    page_draw(&m->notice, m->theme, a, m->overlay_scroll, 0, m->needle);
    if (focused)
        draw_cursor(a, 0, 0, CURSOR_BLOCK);
}

static bool request(struct model *m, enum request r)
{
    return page_request(m, r, &m->notice, OVERLAY_DOCTOR);
}

static bool mouse(struct model *m, const struct mouse *e)
{
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return request(m, e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN);
    return false;
}

const struct pane_ops doctor_overlay = {
    .name = "Doctor",
    .hints = (const struct hint[]){{"page-down", "on"}, {"find", "finds"}, {"close", "closes"}, {NULL, NULL}},
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .mouse = mouse,
};
