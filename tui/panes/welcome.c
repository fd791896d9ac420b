/* The first start, in three steps that can all be skipped: the language, the key that leaves the shell, and
 * what this machine can do. */
#include "panes/pane.h"

#include "base/mem.h"

#include <string.h>

static int language_count(const struct model *m)
{
    int n = 0;
    while (m->languages[n])
        n++;
    return n;
}

/* ---- Drawing ---- */

/* Returns the line of the first language. */
static int language_step(const struct model *m, struct page *p)
{
    page_wrap(
        p, 2, ROLE_TEXT,
        "Here you build real programs, from an echo client to a lock service that survives its machines. You "
        "write them in your own editor; Lux runs them and watches what they do.");
    page_blank(p);
    page_wrap(p, 2, ROLE_STRONG, "In which language will you write?");
    page_blank(p);
    int first = (int)p->n_lines;
    for (int i = 0; m->languages[i]; i++) {
        bool chosen = i == m->welcome.language;
        page_line(p);
        page_add(p, 4, chosen ? ROLE_KEY : ROLE_TEXT, 0, chosen ? sign(SIGN_HERE) : " ");
        page_add(p, 6, chosen ? ROLE_STRONG : ROLE_TEXT, 0, language_title(m->languages[i]));
    }
    page_blank(p);
    page_wrap(
        p, 2, ROLE_MUTED,
        "You can choose again for each challenge. Other languages work too: whatever makes an executable.");
    return first;
}

static void key_step(const struct model *m, struct page *p)
{
    char key[32];
    page_wrap(
        p, 2, ROLE_TEXT,
        "In the terminal pane all keys go to your shell, so that vim and everything else works as it should. One "
        "key is kept back: it leads out of the shell, and to all that Lux can do.");
    page_blank(p);
    page_wrap(p, 2, ROLE_STRONG, "Press the key that you want to leave the shell with.");
    page_blank(p);
    page_line(p);
    page_add(p, 4, ROLE_TEXT, 0, "Now it is  ");
    page_add(p, -1, ROLE_KEY, ATTR_BOLD, key_name(&m->leave_key, key));
    page_blank(p);
    page_wrap(p, 2, ROLE_MUTED, "Enter keeps it. F12 always leaves the shell as well.");
}

/* The page of the step. Returns the line in which one is. */
static int make_page(const struct model *m, struct page *p)
{
    page_blank(p);
    switch (m->welcome.step) {
    case WELCOME_LANGUAGE:
        return language_step(m, p) + m->welcome.language;
    case WELCOME_KEY:
        key_step(m, p);
        break;
    default:
        doctor_page(p, m);
        break;
    }
    return 1;
}

static void prepare(struct model *m, struct rect inner)
{
    page_clear(&m->notice, inner.cols - 2);
    m->welcome.line = make_page(m, &m->notice);
    int rows = inner.rows - 1, last = m->welcome.line - m->welcome.language + language_count(m) - 1;
    if (m->welcome.step == WELCOME_LANGUAGE) /* all that there is to choose from is in sight */
        m->overlay_scroll = last >= rows ? last - rows + 1 : 0;
    m->overlay_scroll = view_clamp(m->overlay_scroll, (int)m->notice.n_lines, rows);
}

static void draw(const struct model *m, struct area a, bool focused)
{
    page_draw(&m->notice, m->theme, area_sub(a, (struct rect){0, 0, a.rect.rows - 1, a.rect.cols}),
              m->overlay_scroll, 0, NULL);
    draw_printf(a, a.rect.rows - 1, a.rect.cols - 8, theme_style(m->theme, ROLE_MUTED), "%d of %d",
                (int)m->welcome.step + 1, (int)WELCOME_STEPS);
    if (focused)
        draw_cursor(a, m->welcome.line - m->overlay_scroll, 2, CURSOR_BLOCK);
}

/* ---- Input ---- */

static void finish(struct model *m)
{
    model_want(m, INTENT_SAVE_SETTING, "welcome=done", 0);
    model_pop_overlay(m);
    model_push_overlay(m, OVERLAY_MAP);
    model_say(m, "The whole way. Enter opens the lesson you are on; ? shows every key.");
}

static void next(struct model *m)
{
    struct welcome *w = &m->welcome;
    if (w->step == WELCOME_LANGUAGE && m->languages[0]) {
        autofree char *setting = xasprintf("language=%s", m->languages[w->language]);
        free(m->language);
        m->language = xstrdup(m->languages[w->language]);
        m->start_language = w->language;
        model_want(m, INTENT_SAVE_SETTING, setting, 0);
    }
    m->overlay_scroll = 0;
    if (++w->step == WELCOME_STEPS) {
        w->step = WELCOME_LANGUAGE;
        finish(m);
    } else if (w->step == WELCOME_DOCTOR && !w->doctor_asked) {
        w->doctor_asked = true;
        model_want(m, INTENT_DOCTOR, NULL, 0);
    }
}

/* A key that can be spared in a shell: one that types no text and is no everyday key there. */
static bool can_leave_with(const struct key *k)
{
    if (k->code >= KEYCODE_F1 && k->code <= KEYCODE_F11)
        return true;
    if (k->code >= KEYCODE_ENTER || !(k->mods & (MOD_CTRL | MOD_ALT)))
        return false;
    return !((k->mods & MOD_CTRL) && strchr("cdjmiz[", (int)k->code));
}

bool choose_leave_key(struct model *m, const struct key *k)
{
    char name[32];
    if (!can_leave_with(k)) {
        model_say(m, "%s is needed in a shell. Take a key with Ctrl or Alt, or one of F1 to F11.",
                  key_name(k, name));
        return false;
    }
    m->leave_key = *k;
    autofree char *setting = xasprintf("leave_key=%s", key_name(k, name));
    model_want(m, INTENT_SAVE_SETTING, setting, 0);
    return true;
}

static void text(struct model *m, const struct key *k)
{
    if (m->welcome.step == WELCOME_KEY && choose_leave_key(m, k))
        next(m);
}

static bool request(struct model *m, enum request r)
{
    struct welcome *w = &m->welcome;
    if (r == REQUEST_ENTER)
        next(m);
    else if (r == REQUEST_BACK)
        finish(m);
    else if (w->step == WELCOME_LANGUAGE)
        return cursor_request(r, &w->language, language_count(m), 1);
    else if (w->step == WELCOME_DOCTOR)
        return page_request(m, r, &m->notice, OVERLAY_WELCOME);
    return true;
}

/* A click on a language chooses it, one more goes on with it. */
static bool mouse(struct model *m, const struct mouse *e)
{
    if (e->action == MOUSE_WHEEL_UP || e->action == MOUSE_WHEEL_DOWN)
        return request(m, e->action == MOUSE_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN);
    int at = e->row + m->overlay_scroll - (m->welcome.line - m->welcome.language);
    if (e->action != MOUSE_PRESS || m->welcome.step != WELCOME_LANGUAGE || at < 0 || at >= language_count(m))
        return false;
    if (m->welcome.language == at)
        next(m);
    m->welcome.language = at;
    return true;
}

const struct pane_ops welcome_overlay = {
    .name = "Welcome to Lux",
    .hints = (const struct hint[]){{"welcome-up", NULL},
                                   {"welcome-down", ""},
                                   {"welcome-next", ""},
                                   {"welcome-skip", ""},
                                   {NULL, NULL}},
    .prepare = prepare,
    .draw = draw,
    .request = request,
    .text = text,
    .mouse = mouse,
};
