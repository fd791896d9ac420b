/* All that the keyboard does stands in the table of actions: wherever one is, a key that the table does not
 * know there changes nothing, and what is text goes into a line or the shell. */
#include "../unit/cmocka_all.h"

#include "golden.h"
#include "scenes.h"

#include "app/actions.h"
#include "app/update.h"
#include "base/buf.h"
#include "base/mem.h"
#include "panes/pane.h"

#include <stdio.h>
#include <string.h>

/* ---- The table ---- */

static void every_key_of_the_table_is_a_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < action_count; i++) {
        autofree char *keys = xstrdup(action_table[i].keys);
        char *save = NULL;
        for (char *k = strtok_r(keys, " ", &save); k; k = strtok_r(NULL, " ", &save)) {
            struct key key;
            if (strcmp(k, KEY_LEAVE) != 0 && !key_parse(k, &key))
                fail_msg("%s: %s is no key", action_table[i].id, k);
        }
    }
}

static void a_key_has_one_meaning_in_each_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < action_count; i++)
        for (size_t k = i + 1; k < action_count; k++) {
            assert_string_not_equal(action_table[i].id, action_table[k].id);
            if (!(action_table[i].contexts & action_table[k].contexts))
                continue;
            autofree char *keys = xstrdup(action_table[i].keys);
            char *save = NULL;
            for (char *one = strtok_r(keys, " ", &save); one; one = strtok_r(NULL, " ", &save)) {
                autofree char *padded = xasprintf(" %s ", one);
                autofree char *others = xasprintf(" %s ", action_table[k].keys);
                if (strstr(others, padded))
                    fail_msg("%s means %s and %s", one, action_table[i].id, action_table[k].id);
            }
        }
}

static void every_action_is_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < action_count; i++) {
        assert_true(strlen(action_table[i].help) > 1);
        assert_int_not_equal(action_table[i].help[strlen(action_table[i].help) - 1], '.');
        assert_non_null(action_table[i].function);
        assert_ptr_equal(action_find(action_table[i].id), &action_table[i]);
    }
}

/* ---- Every key in every place ---- */

static void failed(struct model *m)
{
    scene_workspace(m);
    scene_failed(m);
}

static void build_failed(struct model *m)
{
    scene_workspace(m);
    scene_build_failed(m);
}

static void welcome(struct model *m)
{
    model_push_overlay(m, OVERLAY_WELCOME);
}

/* Somewhere on the screen, by the keys that lead there. */
static const struct place {
    const char *name;
    void (*set_up)(struct model *m);
    const char *keys;
    int rows, cols;
} places[] = {
    {"stages", failed, "1", 24, 80},
    {"lesson", failed, "2", 24, 80},
    {"failure", failed, "4 j Enter", 24, 80},
    {"handbook", failed, "K", 24, 80},
    {"result", failed, "v", 24, 80},
    {"checks", failed, "4", 24, 80},
    {"build messages", build_failed, "4", 24, 80},
    {"offer", NULL, "t", 24, 80},
    {"ended shell", failed, "t", 24, 80},
    {"help", failed, "?", 24, 80},
    {"map", failed, "m", 24, 80},
    {"history", failed, "H", 24, 80},
    {"statistics", failed, "S", 24, 80},
    {"doctor", failed, "D", 24, 80},
    {"settings", failed, ",", 24, 80},
    {"question", failed, "s", 24, 80},
    {"welcome", welcome, "", 24, 80},
    {"palette", failed, ":", 24, 80},
    {"search", failed, "2 /", 24, 80},
    {"too small", failed, "1", 10, 40},
};

/* All keys that a keyboard has, by name, one after the other. */
static bool key_number(int i, char out[16])
{
    static const char *const names[] = {"Enter", "Tab",    "S-Tab",  "Esc",    "Backspace", "Up",
                                        "Down",  "Left",   "Right",  "Home",   "End",       "PgUp",
                                        "PgDn",  "S-PgUp", "S-PgDn", "Insert", "Delete",    "Space",
                                        "S-Up",  "C-Left", "M-Left", "C-Space"};
    int n = (int)ARRAY_LEN(names);
    if (i < n)
        snprintf(out, 16, "%s", names[i]);
    else if ((i -= n) < 94)
        snprintf(out, 16, "%c", '!' + i);
    else if ((i -= 94) < 26)
        snprintf(out, 16, "C-%c", 'a' + i);
    else if ((i -= 26) < 26)
        snprintf(out, 16, "M-%c", 'a' + i);
    else if ((i -= 26) < 12)
        snprintf(out, 16, "F%d", i + 1);
    else
        return false;
    return true;
}

static struct model *go_to(const struct place *p)
{
    struct model *m = scene_new(p->rows, p->cols);
    char *text;
    if (p->set_up)
        p->set_up(m);
    scene_keys(m, p->keys);
    model_hush(m);
    update_settle(m);
    while (scene_intent(m, &text) >= 0)
        free(text);
    return m;
}

static char *screen_of(const struct model *m)
{
    struct buf text = {0};
    struct surface *s = scene_draw(m);
    golden_dump(s, &text);
    surface_free(s);
    return buf_take(&text);
}

static bool is_text(const struct key *k, unsigned contexts)
{
    return (contexts & IN_LINE) && k->code < KEYCODE_ENTER && !(k->mods & (MOD_CTRL | MOD_ALT));
}

static void a_key_that_the_table_does_not_know_changes_nothing(void **state)
{
    char name[16];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct model *m = go_to(&places[i]);
        unsigned contexts = model_contexts(m);
        autofree char *before = screen_of(m);
        int unknown = 0;
        for (int n = 0; key_number(n, name); n++) {
            struct key k;
            assert_true(key_parse(name, &k));
            if (action_for_key(m, &k, contexts) || is_text(&k, contexts))
                continue;
            unknown++;
            scene_key(m, name);
            autofree char *after = screen_of(m);
            char *text;
            if (strcmp(before, after) != 0 || scene_intent(m, &text) >= 0)
                fail_msg("%s: %s does something, and no action says what", places[i].name, name);
        }
        assert_true(unknown > 20);
        scene_free(m);
    }
}

static void every_action_can_be_asked_for_somewhere(void **state)
{
    static const struct place more[] = {{"shell", failed, "t C-g", 24, 80},
                                        {"key", failed, ", Down Down Enter", 24, 80}};
    unsigned seen = IN_SHELL | IN_LOCKED | IN_LOOK; /* need a process: see the tests of the terminal pane */
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places) + ARRAY_LEN(more); i++) {
        struct model *m = go_to(i < ARRAY_LEN(places) ? &places[i] : &more[i - ARRAY_LEN(places)]);
        seen |= model_contexts(m);
        scene_free(m);
    }
    for (size_t i = 0; i < action_count; i++)
        if ((action_table[i].contexts & seen) == 0)
            fail_msg("no place is known in which %s can be asked for", action_table[i].id);
}

/* Help, with all its lines. */
static void help_names_every_action_with_its_keys(void **state)
{
    (void)state;
    struct model *m = scene_new(60, 200);
    scene_key(m, "?");
    for (size_t i = 0; i < action_count; i++) {
        const struct action *a = &action_table[i];
        char keys[64];
        autofree char *start = xstrndup(a->help, 40);
        bool found = false;
        action_keys(m, a, keys);
        for (size_t n = 0; n < m->help.n_lines && !found; n++) {
            autofree char *line = page_line_text(&m->help, n);
            found = strstr(line, start) && strstr(line, keys);
        }
        if (!found)
            fail_msg("help does not say that %s is %s", keys, a->help);
    }
    scene_free(m);
}

static void hints_of_overlays_are_actions(void **state)
{
    (void)state;
    struct model *m = scene_new(24, 80);
    for (int o = OVERLAY_NONE + 1; o <= OVERLAY_LAST; o++) {
        const struct hint *h = overlay_ops_of((enum overlay)o)->hints;
        assert_non_null(h); /* every overlay says how to leave it */
        for (; h->action; h++)
            if (!model_action(m, h->action))
                fail_msg("%s: there is no action %s", overlay_ops_of((enum overlay)o)->name, h->action);
    }
    scene_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_the_table_is_a_key),
        cmocka_unit_test(a_key_has_one_meaning_in_each_place),
        cmocka_unit_test(every_action_is_explained),
        cmocka_unit_test(a_key_that_the_table_does_not_know_changes_nothing),
        cmocka_unit_test(every_action_can_be_asked_for_somewhere),
        cmocka_unit_test(help_names_every_action_with_its_keys),
        cmocka_unit_test(hints_of_overlays_are_actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
