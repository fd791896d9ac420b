/* The terminal pane: in and out of its shell, and looking back in it. See act.h. */
#include "app/act.h"

#include "base/mem.h"
#include "model/shell.h"
#include "panes/pane.h"

#include <string.h>

/* ---- In and out ---- */

void act_leave_shell(struct model *m, int argument)
{
    (void)argument;
    m->locked = false;
    if (m->size == SIZE_FULL)
        m->size = SIZE_NORMAL;
    model_focus(m, m->before_terminal);
}

/* The key that leaves: what follows decides. */
void act_prefix(struct model *m, int argument)
{
    (void)argument;
    m->prefix = true;
}

void act_send_prefix(struct model *m, int argument)
{
    (void)argument;
    shell_key(model_open_item(m)->shell, &m->pressed);
}

void act_step_out(struct model *m, int argument)
{
    (void)argument;
    model_focus(m, m->before_terminal);
}

void act_stay(struct model *m, int argument)
{
    (void)m;
    (void)argument;
}

/* To the pane that lies there. */
void act_neighbour(struct model *m, int request)
{
    int dr = request == REQUEST_UP ? -1 : request == REQUEST_DOWN ? 1 : 0;
    int dc = request == REQUEST_LEFT ? -1 : request == REQUEST_RIGHT ? 1 : 0;
    model_focus(m, layout_neighbour(&m->layout, m->focus, dr, dc));
}

void act_lock(struct model *m, int argument)
{
    (void)argument;
    if (!model_open_item(m)->shell || m->focus != PANE_TERMINAL) {
        model_say(m, "Only the terminal pane can be locked.");
        return;
    }
    m->locked = true;
    model_say(m, "Locked: every key goes to the shell now. F12 leaves it.");
}

/* ---- Looking back ---- */

/* Why the terminal pane has nothing to look back at; NULL: it has. */
static struct shell *shell_or_say(struct model *m)
{
    struct shell *s = model_open_item(m)->shell;
    if (!s)
        model_say(m, "There is no shell here yet.");
    return s;
}

void act_look_back(struct model *m, int what)
{
    struct shell *s = shell_or_say(m);
    if (!s)
        return;
    shell_look_begin(s);
    bool prompt = what == LOOK_PROMPT_PREVIOUS || what == LOOK_PROMPT_NEXT;
    if (prompt && !shell_look(s, (enum shell_look)what))
        model_say(m, "No other prompt is marked there: a shell has to mark them (OSC 133).");
}

void act_look(struct model *m, int what)
{
    shell_look(model_open_item(m)->shell, (enum shell_look)what);
}

/* Escape puts away one thing at a time. */
void act_look_leave(struct model *m, int only_selection)
{
    struct shell *s = model_open_item(m)->shell;
    if (only_selection && shell_look_state(s).selecting)
        shell_select_none(s);
    else
        shell_look_end(s);
}

void act_look_copy(struct model *m, int argument)
{
    struct shell *s = model_open_item(m)->shell;
    autofree char *text = shell_selected(s);
    (void)argument;
    if (!text) {
        model_say(m, "Nothing is selected: v begins a selection, V one of lines, C-v one of a block.");
        return;
    }
    model_want(m, INTENT_COPY, text, 0);
    shell_look_end(s);
}

void act_look_find(struct model *m, int backwards)
{
    shell_search_direction(model_open_item(m)->shell, backwards);
    m->search_backwards = backwards;
    act_find(m, 0);
}

void act_paste_copied(struct model *m, int argument)
{
    struct shell *s = shell_or_say(m);
    (void)argument;
    if (!s)
        return;
    if (!m->copied)
        model_say(m, "Nothing was copied yet.");
    else if (!shell_alive(s))
        model_say(m, "The shell has ended.");
    else
        model_paste(m, m->copied, strlen(m->copied), true);
}

void act_toggle_clipboard(struct model *m, int argument)
{
    (void)argument;
    m->clipboard = m->clipboard == CLIPBOARD_ALLOWED ? CLIPBOARD_REFUSED : CLIPBOARD_ALLOWED;
    bool allowed = m->clipboard == CLIPBOARD_ALLOWED;
    model_want(m, INTENT_SAVE_SETTING, allowed ? "clipboard=on" : "clipboard=off", 0);
    if (allowed && m->clipboard_asked)
        model_want(m, INTENT_COPY, m->clipboard_asked, 0);
    else
        model_say(m, allowed ? "Programs in the terminal may set your clipboard. They can never read it."
                             : "Programs in the terminal may not set your clipboard.");
    free(m->clipboard_asked);
    m->clipboard_asked = NULL;
}
