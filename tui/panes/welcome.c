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

static void language_step(const struct model *m, struct page *p)
{
    page_wrap(
        p, 2, ROLE_TEXT,
        "Here you build real programs, from an echo client to a lock service that survives its machines. You "
        "write them in your own editor; Lux runs them and watches what they do.");
    page_blank(p);
    page_wrap(p, 2, ROLE_STRONG, "In which language will you write?");
    page_blank(p);
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

static void doctor_step(const struct model *m, struct page *p)
{
    page_wrap(p, 2, ROLE_STRONG, "What this machine can do");
    page_blank(p);
    page_wrap(p, 2, ROLE_TEXT, m->doctor_text ? m->doctor_text : "Looking at it.");
}

static void draw(const struct model *m, struct area a, bool focused)
{
    static void (*const steps[WELCOME_STEPS])(const struct model *, struct page *) = {
        [WELCOME_LANGUAGE] = language_step, [WELCOME_KEY] = key_step, [WELCOME_DOCTOR] = doctor_step};
    struct page p = {0};
    page_clear(&p, a.rect.cols - 2);
    page_blank(&p);
    steps[m->welcome.step](m, &p);
    page_draw(&p, m->theme, area_sub(a, (struct rect){0, 0, a.rect.rows - 1, a.rect.cols}), m->overlay_scroll,
              0, NULL);
    page_free(&p);
    if (focused)
        draw_cursor(a, a.rect.rows - 1, 2, CURSOR_BLOCK);

    int col = 2, row = a.rect.rows - 1;
    struct style key = theme_style(m->theme, ROLE_KEY), hint = theme_style(m->theme, ROLE_HINT);
    col = draw_text(a, row, col, key, "Enter");
    col = draw_text(a, row, col, hint, m->welcome.step + 1 < WELCOME_STEPS ? " next   " : " begin   ");
    if (m->welcome.step == WELCOME_LANGUAGE) {
        col = draw_text(a, row, col, key, "Up Down");
        col = draw_text(a, row, col, hint, " choose   ");
    }
    col = draw_text(a, row, col, key, "Esc");
    draw_text(a, row, col, hint, " skip the rest");
    draw_printf(a, row, a.rect.cols - 8, theme_style(m->theme, ROLE_MUTED), "%d of %d",
                (int)m->welcome.step + 1, (int)WELCOME_STEPS);
}

/* ---- Input ---- */

static void finish(struct model *m)
{
    model_want(m, INTENT_SAVE_SETTING, "welcome=done", 0);
    model_pop_overlay(m);
    model_push_overlay(m, OVERLAY_MAP);
    if (model_next(m) < m->n_items)
        m->map_cursor = model_next(m);
    model_say(m, "This is the whole way. Enter opens the first lesson; ? shows every key, wherever you are.");
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

bool can_leave_with(const struct key *k)
{
    if (k->code >= KEYCODE_F1 && k->code <= KEYCODE_F11)
        return true;
    if (k->code >= KEYCODE_ENTER || !(k->mods & (MOD_CTRL | MOD_ALT)))
        return false;
    return !((k->mods & MOD_CTRL) && strchr("cdjmiz[", (int)k->code));
}

static bool choose_key(struct model *m, const struct key *k)
{
    char name[32];
    if (!can_leave_with(k)) {
        model_say(m, "%s is needed in a shell. Take a key with Ctrl or Alt, or one of F1 to F11.",
                  key_name(k, name));
        return true;
    }
    m->leave_key = *k;
    autofree char *setting = xasprintf("leave_key=%s", key_name(k, name));
    model_want(m, INTENT_SAVE_SETTING, setting, 0);
    next(m);
    return true;
}

static bool key(struct model *m, const struct key *k)
{
    struct welcome *w = &m->welcome;
    int n = language_count(m);
    if (k->code == KEYCODE_ESCAPE) {
        finish(m);
        return true;
    }
    if (k->code == KEYCODE_ENTER) {
        next(m);
        return true;
    }
    if (w->step == WELCOME_KEY)
        return choose_key(m, k);
    int d = k->code == KEYCODE_UP || k->code == 'k' ? -1 : k->code == KEYCODE_DOWN || k->code == 'j' ? 1 : 0;
    if (w->step == WELCOME_LANGUAGE && n > 0)
        w->language = (w->language + d + n) % n;
    else if (w->step == WELCOME_DOCTOR && m->overlay_scroll + d >= 0)
        m->overlay_scroll += d;
    return true;
}

const struct pane_ops welcome_overlay = {
    .name = "Welcome to Lux",
    .draw = draw,
    .key = key,
};
