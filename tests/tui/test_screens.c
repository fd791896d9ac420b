/* What stands on every screen, at three sizes and in every theme. All themes must show the same characters, so
 * those are kept once, and the looks for each theme. */
#include "../unit/cmocka_all.h"

#include "golden.h"
#include "scenes.h"
#include "screens.h"

#include "app/update.h"
#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static struct surface *draw_in(const struct screen *screen, const char *theme, int rows, int cols)
{
    struct model *m = scene_new(rows, cols);
    m->theme = theme_find(theme); /* and not by the setting, which settings show */
    if (screen->set_up)
        screen->set_up(m);
    update_settle(m);
    struct surface *s = scene_draw(m);
    scene_free(m);
    return s;
}

static void assert_same_characters(const char *name, const char *theme, const struct surface *a,
                                   const struct surface *b)
{
    for (int row = 0; row < a->rows; row++)
        for (int col = 0; col < a->cols; col++)
            if (surface_at(a, row, col)->ch != surface_at(b, row, col)->ch)
                fail_msg("%s: %s has another character at %d,%d", name, theme, row, col);
}

static void check_size(const struct screen *screen, int rows, int cols)
{
    autofree char *name = xasprintf("%s-%dx%d", screen->name, cols, rows);
    struct surface *plain = draw_in(screen, "default", rows, cols);
    struct buf all = {0};
    golden_dump(plain, &all);
    for (const char *const *theme = theme_names(); *theme; theme++) {
        if (strcmp(*theme, "default") == 0)
            continue;
        struct surface *s = draw_in(screen, *theme, rows, cols);
        assert_same_characters(name, *theme, plain, s);
        buf_printf(&all, "\n%s\n", *theme);
        golden_styles(s, &all);
        surface_free(s);
    }
    golden_check(name, &all);
    buf_free(&all);
    surface_free(plain);
}

static void a_screen_looks_as_it_did(void **state)
{
    const struct screen *screen = *state;
    ui_set_unicode(true);
    if (screen->rows > 0) {
        check_size(screen, screen->rows, screen->cols);
        return;
    }
    check_size(screen, 24, 80);
    check_size(screen, 40, 120);
    check_size(screen, 60, 200);
}

static const struct screen *screen_called(const char *name)
{
    for (size_t i = 0; i < screen_count; i++)
        if (strcmp(screens[i].name, name) == 0)
            return &screens[i];
    fail_msg("there is no screen %s", name);
    return NULL;
}

/* What draws characters of its own in ASCII. */
static void without_utf8_there_is_ascii_alone(void **state)
{
    static const char *const names[] = {"failed",     "failure",          "map",
                                        "statistics", "welcome-language", "solved"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct model *m = scene_new(24, 80);
        ui_set_unicode(false);
        m->reader.lesson_of = m->n_items; /* was laid out before */
        screen_called(names[i])->set_up(m);
        update_settle(m);
        struct surface *s = scene_draw(m);
        autofree char *name = xasprintf("%s-ascii-80x24", names[i]);
        struct buf all = {0};
        golden_dump(s, &all);
        golden_check(name, &all);
        buf_free(&all);
        for (int row = 0; row < s->rows; row++)
            for (int col = 0; col < s->cols; col++)
                if (surface_at(s, row, col)->ch >= 128)
                    fail_msg("%s: U+%04X at %d,%d", name, surface_at(s, row, col)->ch, row, col);
        surface_free(s);
        scene_free(m);
    }
    ui_set_unicode(true);
}

static void no_color_is_mono_and_has_no_colours(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    m->no_color = true;
    model_choose_theme(m, THEME_AUTO);
    assert_ptr_equal(m->theme, theme_find("mono"));
    for (int role = 0; role < ROLE_COUNT_; role++) {
        struct style st = theme_style(m->theme, (enum role)role);
        assert_true(st.fg == COLOR_DEFAULT && st.bg == COLOR_DEFAULT);
    }
    scene_free(m);
}

int main(void)
{
    struct CMUnitTest tests[128] = {cmocka_unit_test(without_utf8_there_is_ascii_alone),
                                    cmocka_unit_test(no_color_is_mono_and_has_no_colours)};
    size_t n = 2;
    for (size_t i = 0; i < screen_count; i++)
        tests[n++] = (struct CMUnitTest){.name = screens[i].name,
                                         .test_func = a_screen_looks_as_it_did,
                                         .initial_state = (void *)&screens[i]};
    return _cmocka_run_group_tests("screens", tests, n, NULL, NULL);
}
