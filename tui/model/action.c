/* Names, keys and places of actions: see action.h. */
#include "model/action.h"

#include "base/mem.h"
#include "model/model.h"
#include "model/shell.h"

#include <stdio.h>
#include <string.h>

const char *action_group_name(enum action_group g)
{
    static const char *const names[GROUP_COUNT_] = {
        [GROUP_PROGRAM] = "Your program",
        [GROUP_MOVE] = "Moving",
        [GROUP_GO] = "Going places",
        [GROUP_TEXT] = "Text",
        [GROUP_SCREEN] = "Screen",
        [GROUP_SHELL] = "In the terminal pane",
        [GROUP_LOOK] = "Looking back in the terminal",
        [GROUP_TYPE] = "Typing a search, or in the palette",
        [GROUP_ANSWER] = "Questions and choices",
    };
    return names[g];
}

static unsigned overlay_contexts(const struct model *m)
{
    switch (model_overlay(m)) {
    case OVERLAY_CONFIRM:
        return IN_QUESTION;
    case OVERLAY_WELCOME:
        return m->welcome.step == WELCOME_KEY ? IN_WELCOME : IN_WELCOME | IN_WELCOME_LIST;
    case OVERLAY_PALETTE:
        return IN_PALETTE | IN_LINE;
    case OVERLAY_SETTINGS:
        return m->settings.waiting ? IN_KEY_CHOICE : IN_OVERLAY;
    default:
        return IN_OVERLAY;
    }
}

static unsigned shell_contexts(const struct model *m)
{
    if (m->prefix)
        return IN_PREFIX | IN_TERMINAL;
    if (m->locked)
        return IN_LOCKED;
    if (model_looking_back(m))
        return IN_LOOK;
    return shell_alive(model_open_item(m)->shell) ? IN_SHELL : IN_ENDED | IN_TERMINAL;
}

unsigned model_contexts(const struct model *m)
{
    static const unsigned panes[PANE_COUNT_] = {[PANE_STAGES] = IN_STAGES,
                                                [PANE_READER] = IN_READER,
                                                [PANE_TERMINAL] = IN_TERMINAL,
                                                [PANE_CHECKS] = IN_CHECKS};
    /* Nobody should act on what they cannot see; a shell may be typed into blindly, as in any small window.
     */
    if (m->layout.kind == LAYOUT_TOO_SMALL && !model_in_shell(m))
        return IN_SMALL;
    if (m->searching)
        return IN_SEARCH | IN_LINE;
    if (m->n_overlays > 0)
        return overlay_contexts(m);
    return model_in_shell(m) ? shell_contexts(m) : panes[m->focus];
}

const char *action_keys(const struct model *m, const struct action *a, char out[64])
{
    char leave[32];
    if (strcmp(a->keys, KEY_LEAVE) == 0)
        snprintf(out, 64, "%s", key_name(&m->leave_key, leave));
    else
        snprintf(out, 64, "%s", a->keys);
    return out;
}

const char *action_first_key(const struct model *m, const struct action *a, char out[64])
{
    action_keys(m, a, out);
    out[strcspn(out, " ")] = '\0';
    return out;
}

const struct action *model_action(const struct model *m, const char *id)
{
    for (size_t i = 0; i < m->n_actions; i++)
        if (strcmp(m->actions[i].id, id) == 0)
            return &m->actions[i];
    return NULL;
}
