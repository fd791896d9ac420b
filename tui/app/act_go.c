/* Where one goes: panes, challenges, pages, and back. See act.h. */
#include "app/act.h"

#include "base/mem.h"
#include "model/shell.h"
#include "panes/pane.h"

void act_do_request(struct model *m, int r)
{
    const struct pane_ops *ops = focused_ops(m);
    if (ops->request)
        ops->request(m, (enum request)r);
}

void act_go_to_pane(struct model *m, int pane)
{
    model_focus(m, (enum pane_id)pane);
}

void act_next_pane(struct model *m, int step)
{
    model_focus(m, (enum pane_id)(((int)m->focus + step + PANE_COUNT_) % PANE_COUNT_));
}

void act_toggle_overlay(struct model *m, int overlay)
{
    if (model_overlay(m) == (enum overlay)overlay)
        model_pop_overlay(m);
    else
        model_push_overlay(m, (enum overlay)overlay);
}

void act_notes(struct model *m, int argument)
{
    (void)argument;
    if (model_open_item(m)->workspace_state == WORKSPACE_PRESENT)
        model_want(m, INTENT_NOTES, NULL, 0);
    else
        model_complain(
            m, "The editor needs the terminal pane: t goes there, Enter makes a place for your program.");
}

void act_undo_restore(struct model *m, int argument)
{
    (void)argument;
    if (model_overlay(m) == OVERLAY_HISTORY)
        model_want(m, INTENT_RESTORE, NULL, 0);
}

void act_show_solved(struct model *m, int argument)
{
    (void)argument;
    reader_show(m, READER_SOLVED);
    model_focus(m, PANE_READER);
}

void act_show_solution(struct model *m, int argument)
{
    (void)argument;
    if (model_open_item(m)->solved)
        reader_show_solution(m);
    else
        model_ask(
            m, INTENT_SOLUTION,
            "This challenge is not solved yet, and one learns more by solving it than by reading. h gives a "
            "hint. Show our solution all the same?");
}

void act_show_handbook(struct model *m, int argument)
{
    (void)argument;
    reader_show_handbook(m);
}

/* ---- Challenges, and back ---- */

static void open_and_show(struct model *m, size_t item)
{
    model_open(m, item);
    if (m->focus == PANE_STAGES && m->layout.kind != LAYOUT_THREE)
        return;
    if (m->focus != PANE_STAGES)
        model_focus(m, PANE_READER);
}

void act_next_challenge(struct model *m, int step)
{
    if ((step < 0 && m->open == 0) || (step > 0 && m->open + 1 == m->n_items))
        model_say(m, step < 0 ? "This is the first challenge." : "This is the last challenge.");
    else
        open_and_show(m, m->open + (size_t)step);
}

/* To the challenge that Lux proposes. */
void act_go_on(struct model *m, int argument)
{
    size_t next = model_next(m);
    (void)argument;
    if (next == m->n_items) {
        model_say(m, "All that is there is solved. m shows the way you came.");
        return;
    }
    while (m->n_overlays > 0)
        model_pop_overlay(m);
    if (next == m->open)
        model_say(m, "You are where Lux would send you.");
    else
        open_and_show(m, next);
}

void act_next_stage(struct model *m, int step)
{
    int number = model_open_item(m)->info->stage->number + step;
    for (size_t i = 0; i < m->n_items; i++)
        if (m->items[i].info->stage->number == number) {
            open_and_show(m, i);
            return;
        }
    model_say(m, step < 0 ? "This is the first stage." : "This is the last stage.");
}

/* One step back: in what has the focus, else in what is being read. */
static bool step_back(struct model *m)
{
    const struct pane_ops *ops = focused_ops(m);
    if (ops->request && ops->request(m, REQUEST_BACK))
        return true;
    return m->n_overlays == 0 && reader_pane.request(m, REQUEST_BACK);
}

void act_back(struct model *m, int argument)
{
    (void)argument;
    step_back(m);
}

/* q: one step back where there is one, else the end. */
void act_back_or_quit(struct model *m, int argument)
{
    (void)argument;
    if (m->focus == PANE_TERMINAL && m->n_overlays == 0) {
        model_focus(m, m->before_terminal);
        return;
    }
    if (step_back(m))
        return;
    for (size_t i = 0; i < m->n_items; i++) {
        const struct shell *s = m->items[i].shell;
        if (s && shell_alive(s) && !shell_at_prompt(s)) {
            autofree char *question =
                xasprintf("A program is still running in the terminal of %d %s. Quit all the same?",
                          m->items[i].info->number, m->items[i].info->title);
            model_ask(m, INTENT_QUIT, question);
            return;
        }
    }
    if (m->running < m->n_items)
        model_ask(m, INTENT_QUIT, "The checks are still running. Quit all the same?");
    else
        model_want(m, INTENT_QUIT, NULL, 0);
}

void act_quit(struct model *m, int argument)
{
    (void)argument;
    model_want(m, INTENT_QUIT, NULL, 0);
}

const char *label_quit(const struct model *m)
{
    if (model_in_shell(m))
        return "leave";
    return m->n_overlays > 0 || m->focus == PANE_TERMINAL || m->reader.showing != READER_LESSON ? "back"
                                                                                                : "quit";
}

const char *label_welcome_next(const struct model *m)
{
    return m->welcome.step + 1 < WELCOME_STEPS ? "next" : "begin";
}

const char *label_welcome_move(const struct model *m)
{
    return m->welcome.step == WELCOME_LANGUAGE ? "choose" : "scroll";
}

void act_close_overlay(struct model *m, int argument)
{
    (void)argument;
    if (m->n_overlays > 0)
        model_pop_overlay(m);
    else if (*m->needle)
        m->needle[0] = '\0'; /* the found places stop standing out */
}
