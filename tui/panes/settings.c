/* Settings: each is a line with its value; what is chosen holds at once and is kept. */
#include "panes/pane.h"

#include "base/mem.h"

#include <string.h>

/* A value and the next one: step is 1 or -1. */
struct setting {
    const char *name, *help;
    const char *(*value)(const struct model *m, char out[32]);
    void (*step)(struct model *m, int step);
};

static void save(struct model *m, const char *name, const char *value)
{
    autofree char *setting = xasprintf("%s=%s", name, value);
    model_want(m, INTENT_SAVE_SETTING, setting, 0);
}

/* ---- Theme ---- */

static const char *theme_value(const struct model *m, char out[32])
{
    (void)out;
    if (strcmp(m->theme_choice, THEME_AUTO) != 0)
        return m->theme_choice;
    return m->light_background ? "auto (light background)" : "auto";
}

static void theme_step(struct model *m, int step)
{
    const char *const *names = theme_names();
    int n = 0, at = 0; /* 0: auto; from 1 on the themes */
    for (; names[n]; n++)
        if (strcmp(names[n], m->theme_choice) == 0)
            at = n + 1;
    at = (at + step + n + 1) % (n + 1);
    model_choose_theme(m, at == 0 ? THEME_AUTO : names[at - 1]);
    save(m, "theme", m->theme_choice);
}

/* ---- Language ---- */

static const char *language_value(const struct model *m, char out[32])
{
    (void)out;
    return *m->language ? language_title(m->language) : "none";
}

static void language_step(struct model *m, int step)
{
    int n = 0, at = 0;
    for (; m->languages[n]; n++)
        if (strcmp(m->languages[n], m->language) == 0)
            at = n;
    if (n == 0)
        return;
    m->start_language = (at + step + n) % n;
    free(m->language);
    m->language = xstrdup(m->languages[m->start_language]);
    save(m, "language", m->language);
}

/* ---- The key that leaves the shell ---- */

static const char *leave_value(const struct model *m, char out[32])
{
    return m->settings.waiting ? "press the key" : key_name(&m->leave_key, out);
}

static void leave_step(struct model *m, int step)
{
    (void)step;
    m->settings.waiting = true;
}

/* ---- Watch and mouse ---- */

static const char *watch_value(const struct model *m, char out[32])
{
    (void)out;
    return m->watch_wanted ? "on" : "off";
}

static void watch_step(struct model *m, int step)
{
    (void)step;
    m->watch_wanted = !m->watch_wanted;
    model_want(m, INTENT_WATCH, NULL, 0);
    save(m, "watch", m->watch_wanted ? "on" : "off");
}

static const char *mouse_value(const struct model *m, char out[32])
{
    (void)out;
    return m->mouse ? "Lux" : "your terminal";
}

static void mouse_step(struct model *m, int step)
{
    (void)step;
    m->mouse = !m->mouse;
    model_want(m, INTENT_MOUSE, NULL, 0);
    save(m, "mouse", m->mouse ? "on" : "off");
}

static const struct setting settings[] = {
    {"Theme",
     "auto follows your terminal: dark, or light where it tells its background. contrast has strong colours on "
     "black, mono none at all.",
     theme_value, theme_step},
    {"Language", "What a new workspace is made for. Each challenge can be written in another one.",
     language_value, language_step},
    {"Leave key",
     "In the terminal pane it leads out of the shell, and to all that Lux can do. F12 leaves as well.",
     leave_value, leave_step},
    {"Watch", "Saving a file runs the checks.", watch_value, watch_step},
    {"Mouse",
     "Who gets it: Lux, for clicks, the wheel and selecting in panes, or your terminal, for selecting as "
     "everywhere.",
     mouse_value, mouse_step},
};

static void draw(const struct model *m, struct area a, bool focused)
{
    enum { NAME = 2, VALUE = 16 };
    for (int i = 0; i < (int)ARRAY_LEN(settings); i++) {
        char text[32];
        bool here = i == m->settings.cursor;
        draw_text(a, 1 + i, NAME, theme_style(m->theme, here ? ROLE_STRONG : ROLE_TEXT), settings[i].name);
        int col = draw_text(a, 1 + i, VALUE, theme_style(m->theme, ROLE_MUTED), here ? "< " : "  ");
        col = draw_text(a, 1 + i, col, theme_style(m->theme, here ? ROLE_KEY : ROLE_TEXT),
                        settings[i].value(m, text));
        if (here)
            draw_text(a, 1 + i, col, theme_style(m->theme, ROLE_MUTED), " >");
        if (here && focused)
            draw_cursor(a, 1 + i, NAME, CURSOR_BLOCK);
    }
    struct page p = {0};
    page_clear(&p, a.rect.cols - 3);
    page_wrap(&p, NAME, ROLE_MUTED, settings[m->settings.cursor].help);
    int row = (int)ARRAY_LEN(settings) + 2;
    page_draw(&p, m->theme, area_sub(a, (struct rect){row, 0, a.rect.rows - row, a.rect.cols}), 0, 0, NULL);
    page_free(&p);
}

/* While it waits, the key that is to leave the shell; one that cannot do that is refused, and it waits on. */
static void text(struct model *m, const struct key *k)
{
    if (m->settings.waiting && choose_leave_key(m, k))
        m->settings.waiting = false;
}

static bool request(struct model *m, enum request r)
{
    switch (r) {
    case REQUEST_BACK:
        if (!m->settings.waiting)
            model_pop_overlay(m);
        m->settings.waiting = false;
        return true;
    case REQUEST_ENTER:
    case REQUEST_RIGHT:
        settings[m->settings.cursor].step(m, 1);
        return true;
    case REQUEST_LEFT:
        settings[m->settings.cursor].step(m, -1);
        return true;
    default:
        return cursor_request(r, &m->settings.cursor, (int)ARRAY_LEN(settings), (int)ARRAY_LEN(settings));
    }
}

static bool mouse(struct model *m, const struct mouse *e)
{
    if (e->action != MOUSE_PRESS || e->row < 1 || e->row > (int)ARRAY_LEN(settings))
        return false;
    if (m->settings.cursor == e->row - 1)
        settings[m->settings.cursor].step(m, 1);
    m->settings.cursor = e->row - 1;
    return true;
}

const struct pane_ops settings_overlay = {
    .name = "Settings",
    .hints = (const struct hint[]){{"up", NULL},
                                   {"down", "choose"},
                                   {"left", NULL},
                                   {"right", "change"},
                                   {"keep-key", "keeps the key"},
                                   {"close", "closes"},
                                   {NULL, NULL}},
    .draw = draw,
    .request = request,
    .text = text,
    .mouse = mouse,
};
