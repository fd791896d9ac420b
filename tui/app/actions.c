/* The table of actions. */
#include "app/actions.h"

#include "base/mem.h"
#include "model/shell.h"
#include "panes/pane.h"

#include <string.h>

static void do_request(struct model *m, int r)
{
    const struct pane_ops *ops = focused_ops(m);
    if (ops->request)
        ops->request(m, (enum request)r);
}

static void go_to_pane(struct model *m, int pane)
{
    model_focus(m, (enum pane_id)pane);
}

static void next_pane(struct model *m, int step)
{
    model_focus(m, (enum pane_id)(((int)m->focus + step + PANE_COUNT_) % PANE_COUNT_));
}

static void toggle_overlay(struct model *m, int overlay)
{
    if (model_overlay(m) == (enum overlay)overlay)
        model_pop_overlay(m);
    else
        model_push_overlay(m, (enum overlay)overlay);
}

static void notes(struct model *m, int argument)
{
    (void)argument;
    if (model_open_item(m)->workspace_state == WORKSPACE_PRESENT)
        model_want(m, INTENT_NOTES, NULL, 0);
    else
        model_complain(
            m, "The editor needs the terminal pane: t goes there, Enter makes a place for your program.");
}

static void undo_restore(struct model *m, int argument)
{
    (void)argument;
    if (model_overlay(m) == OVERLAY_HISTORY)
        model_want(m, INTENT_RESTORE, NULL, 0);
}

static void show_solved(struct model *m, int argument)
{
    (void)argument;
    reader_show(m, READER_SOLVED);
    model_focus(m, PANE_READER);
}

static void show_solution(struct model *m, int argument)
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

static void show_handbook(struct model *m, int argument)
{
    (void)argument;
    reader_show_handbook(m);
}

/* ---- The program ---- */

/* Why the open challenge cannot be checked now; NULL if it can. */
static const char *no_check(const struct model *m)
{
    const struct item *it = model_open_item(m);
    if (!it->available)
        return "This challenge is not yet available: it has no checks.";
    if (it->workspace_state == WORKSPACE_MISSING)
        return "There is no program to check yet: t goes to the terminal pane, Enter makes a place for it.";
    return NULL;
}

static void run_all(struct model *m, int argument)
{
    (void)argument;
    const char *why = no_check(m);
    if (why)
        model_complain(m, "%s", why);
    else
        model_want(m, INTENT_RUN, NULL, 0);
}

static void run_selected(struct model *m, int argument)
{
    (void)argument;
    const struct run *r = model_open_item(m)->run;
    const char *why = no_check(m);
    if (why)
        model_complain(m, "%s", why);
    else if (m->checks.cursor >= (int)r->n_checks)
        model_say(m, "No check is selected: r runs all of them.");
    else if (m->focus == PANE_READER && m->reader.showing == READER_FAILURE && m->reader.failed_check)
        model_want(m, INTENT_RUN, m->reader.failed_check, 0);
    else
        model_want(m, INTENT_RUN, r->checks[m->checks.cursor].id, 0);
}

static void cancel(struct model *m, int argument)
{
    (void)argument;
    if (m->running < m->n_items)
        model_want(m, INTENT_CANCEL, NULL, 0);
    else
        model_say(m, "Nothing is running.");
}

static void toggle_watch(struct model *m, int argument)
{
    (void)argument;
    m->watch_wanted = !m->watch_wanted;
    model_want(m, INTENT_WATCH, NULL, 0);
    model_say(m, m->watch_wanted ? "Watch is on: saving a file runs the checks."
                                 : "Watch is off: r runs the checks.");
}

static const char *watch_label(const struct model *m)
{
    if (!m->watch_wanted)
        return "watch off";
    return m->watch == WATCH_POLLING ? "watch slow" : "watch on";
}

static void edit(struct model *m, int argument)
{
    (void)argument;
    const struct item *it = model_open_item(m);
    if (it->workspace_state == WORKSPACE_PRESENT)
        model_want(m, INTENT_EDIT, NULL, 0);
    else
        model_focus(m, PANE_TERMINAL);
}

static void enter_terminal(struct model *m, int argument)
{
    (void)argument;
    model_focus(m, PANE_TERMINAL);
}

static void hint(struct model *m, int argument)
{
    (void)argument;
    reader_next_hint(m);
}

static void build_output(struct model *m, int argument)
{
    (void)argument;
    if (model_open_item(m)->run->command)
        reader_show_build(m);
    else
        model_say(m, "Nothing was built yet: r builds and checks.");
}

/* Runs the commands that show the failure in the terminal. The first one repeats the check, which r and R do,
 * too: it is left out where there are others. */
static void by_hand(struct model *m, int argument)
{
    (void)argument;
    struct check_row *c =
        m->reader.failed_check ? run_find(model_open_item(m)->run, m->reader.failed_check) : NULL;
    const struct failure *f = c && c->end ? c->end->check_end.failure : NULL;
    if (m->reader.showing != READER_FAILURE || !f || f->n_by_hand == 0) {
        model_say(m, "Open a failed check first: Enter on it shows the commands that x runs.");
        return;
    }
    struct buf text = {0};
    bool repeats = f->n_by_hand > 1 && strncmp(f->by_hand[0], "lux check", 9) == 0;
    for (size_t i = repeats ? 1 : 0; i < f->n_by_hand; i++)
        buf_printf(&text, "%s\r", f->by_hand[i]);
    model_want(m, INTENT_TYPE, buf_str(&text), 0);
    buf_free(&text);
}

/* ---- Going ---- */

static void open_and_show(struct model *m, size_t item)
{
    model_open(m, item);
    if (m->focus == PANE_STAGES && m->layout.kind != LAYOUT_THREE)
        return;
    if (m->focus != PANE_STAGES)
        model_focus(m, PANE_READER);
}

static void next_challenge(struct model *m, int step)
{
    if ((step < 0 && m->open == 0) || (step > 0 && m->open + 1 == m->n_items))
        model_say(m, step < 0 ? "This is the first challenge." : "This is the last challenge.");
    else
        open_and_show(m, m->open + (size_t)step);
}

static void next_stage(struct model *m, int step)
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

static void back(struct model *m, int argument)
{
    (void)argument;
    step_back(m);
}

/* q: one step back where there is one, else the end. */
static void back_or_quit(struct model *m, int argument)
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

static const char *quit_label(const struct model *m)
{
    return m->n_overlays > 0 || m->reader.showing != READER_LESSON ? "back" : "quit";
}

static void close_overlay(struct model *m, int argument)
{
    (void)argument;
    if (m->n_overlays > 0)
        model_pop_overlay(m);
    else if (*m->needle)
        m->needle[0] = '\0'; /* the found places stop standing out */
}

/* ---- Text ---- */

static void find(struct model *m, int argument)
{
    (void)argument;
    m->searching = true;
    m->search_backwards = model_looking_back(m) && m->search_backwards;
    lineedit_clear(&m->search_line);
}

static void next_match(struct model *m, int r)
{
    const struct pane_ops *ops = focused_ops(m);
    if (!*m->needle)
        model_say(m, "Nothing is searched for: / begins a search.");
    else if (!ops->request || !ops->request(m, (enum request)r))
        model_complain(m, "Not found: %s", m->needle);
}

/* ---- The screen ---- */

static void resize_pane(struct model *m, int step)
{
    int size = (int)m->size + step;
    if (size >= 0 && size < SIZE_COUNT_)
        m->size = (enum pane_size)size;
    model_relayout(m);
}

static void zoom(struct model *m, int argument)
{
    (void)argument;
    m->size = m->size == SIZE_FULL ? SIZE_NORMAL : SIZE_FULL;
    model_relayout(m);
}

static void show_help(struct model *m, int argument)
{
    (void)argument;
    if (model_overlay(m) == OVERLAY_HELP)
        model_pop_overlay(m);
    else
        model_push_overlay(m, OVERLAY_HELP);
}

static void repaint(struct model *m, int argument)
{
    (void)argument;
    model_want(m, INTENT_REPAINT, NULL, 0);
}

static void toggle_mouse(struct model *m, int argument)
{
    (void)argument;
    m->mouse = !m->mouse;
    model_want(m, INTENT_MOUSE, NULL, 0);
    model_say(m, m->mouse ? "The mouse is Lux's: click, wheel, drag to copy."
                          : "The mouse is your terminal's: select as everywhere. M gives it back.");
}

static void suspend(struct model *m, int argument)
{
    (void)argument;
    model_want(m, INTENT_SUSPEND, NULL, 0);
}

static void lock(struct model *m, int argument)
{
    (void)argument;
    if (!model_open_item(m)->shell || m->focus != PANE_TERMINAL) {
        model_say(m, "Only the terminal pane can be locked.");
        return;
    }
    m->locked = true;
    model_say(m, "Locked: every key goes to the shell now. F12 leaves it.");
}

/* ---- The terminal pane ---- */

/* Why the terminal pane has nothing to look back at; NULL: it has. */
static struct shell *shell_or_say(struct model *m)
{
    struct shell *s = model_open_item(m)->shell;
    if (!s)
        model_say(m, "There is no shell here yet.");
    return s;
}

static void look_back(struct model *m, int what)
{
    struct shell *s = shell_or_say(m);
    if (!s)
        return;
    shell_look_begin(s);
    bool prompt = what == LOOK_PROMPT_PREVIOUS || what == LOOK_PROMPT_NEXT;
    if (prompt && !shell_look(s, (enum shell_look)what))
        model_say(m, "No other prompt is marked there: a shell has to mark them (OSC 133).");
}

static void look(struct model *m, int what)
{
    shell_look(model_open_item(m)->shell, (enum shell_look)what);
}

/* Escape puts away one thing at a time. */
static void look_leave(struct model *m, int only_selection)
{
    struct shell *s = model_open_item(m)->shell;
    if (only_selection && shell_look_state(s).selecting)
        shell_select_none(s);
    else
        shell_look_end(s);
}

static void look_copy(struct model *m, int argument)
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

static void look_find(struct model *m, int backwards)
{
    shell_search_direction(model_open_item(m)->shell, backwards);
    m->search_backwards = backwards;
    find(m, 0);
}

static void paste_copied(struct model *m, int argument)
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

static void toggle_clipboard(struct model *m, int argument)
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

#define PANES        IN_PANES
#define NOT_TERMINAL (IN_PANES & ~IN_TERMINAL)
#define LISTS        (IN_STAGES | IN_CHECKS)

/* Order: in help as here, within each group. rank: in the footer, the lower the earlier. */
const struct action action_table[] = {
    /* id, name, help, keys, contexts, group, rank, function, argument, label */
    {"run-all", "run", "Build, and run every check", "r", PANES, GROUP_PROGRAM, 2, run_all, 0, NULL},
    {"run-selected", "run this", "Run the selected check alone", "R", PANES, GROUP_PROGRAM, 0, run_selected,
     0, NULL},
    {"cancel", "cancel", "End the running checks", "c", PANES, GROUP_PROGRAM, 0, cancel, 0, NULL},
    {"watch", "watch", "Run the checks whenever a file is saved: on or off", "w", PANES, GROUP_PROGRAM, 4,
     toggle_watch, 0, watch_label},
    {"edit", "edit", "Open the program in $EDITOR, in the terminal pane", "e", PANES, GROUP_PROGRAM, 5, edit,
     0, NULL},
    {"terminal", "terminal", "Go into the terminal pane", "t i", PANES, GROUP_PROGRAM, 3, enter_terminal, 0,
     NULL},
    {"hint", "hint", "Show one more hint", "h", PANES, GROUP_PROGRAM, 6, hint, 0, NULL},
    {"output", "build output", "Show all that the build said", "o", PANES, GROUP_PROGRAM, 0, build_output, 0,
     NULL},
    {"by-hand", "by hand", "Run the commands that show the failure, in the terminal", "x", PANES,
     GROUP_PROGRAM, 0, by_hand, 0, NULL},

    {"up", "up", "Up", "Up k", IN_ALL, GROUP_MOVE, 0, do_request, REQUEST_UP, NULL},
    {"down", "down", "Down", "Down j", IN_ALL, GROUP_MOVE, 0, do_request, REQUEST_DOWN, NULL},
    {"left", "left", "Left; in the stage list: fold the stage", "Left", IN_ALL, GROUP_MOVE, 0, do_request,
     REQUEST_LEFT, NULL},
    {"right", "right", "Right; in the stage list: unfold the stage", "Right l", IN_ALL, GROUP_MOVE, 0,
     do_request, REQUEST_RIGHT, NULL},
    {"page-up", "page up", "A page up", "PgUp b", IN_ALL, GROUP_MOVE, 0, do_request, REQUEST_PAGE_UP, NULL},
    {"page-down", "page down", "A page down", "PgDn Space", IN_ALL, GROUP_MOVE, 0, do_request,
     REQUEST_PAGE_DOWN, NULL},
    {"half-up", "half a page up", "Half a page up", "C-u", IN_ALL, GROUP_MOVE, 0, do_request, REQUEST_HALF_UP,
     NULL},
    {"half-down", "half a page down", "Half a page down", "C-d", IN_ALL, GROUP_MOVE, 0, do_request,
     REQUEST_HALF_DOWN, NULL},
    {"top", "top", "To the beginning", "g Home", IN_ALL, GROUP_MOVE, 0, do_request, REQUEST_TOP, NULL},
    {"bottom", "bottom", "To the end", "G End", IN_ALL, GROUP_MOVE, 0, do_request, REQUEST_BOTTOM, NULL},

    {"enter", "open",
     "Go in: open the challenge, show why a check failed, edit at the message, follow the link", "Enter",
     IN_ALL, GROUP_GO, 0, do_request, REQUEST_ENTER, NULL},
    {"back", "back", "Back to the page before, and to the lesson", "Backspace", IN_ALL, GROUP_GO, 0, back, 0,
     NULL},
    {"next-pane", "next pane", "To the next pane", "Tab", PANES, GROUP_GO, 7, next_pane, 1, NULL},
    {"previous-pane", "previous pane", "To the previous pane", "S-Tab", PANES, GROUP_GO, 0, next_pane, -1,
     NULL},
    {"stages", "stages", "To the stage list", "1", PANES, GROUP_GO, 0, go_to_pane, PANE_STAGES, NULL},
    {"lesson", "lesson", "To the lesson", "2", PANES, GROUP_GO, 0, go_to_pane, PANE_READER, NULL},
    {"terminal-pane", "terminal", "To the terminal", "3", PANES, GROUP_GO, 0, go_to_pane, PANE_TERMINAL,
     NULL},
    {"checks", "checks", "To the checks", "4", PANES, GROUP_GO, 0, go_to_pane, PANE_CHECKS, NULL},
    {"map", "map", "The map: every challenge, what is solved, and what comes next", "m", PANES | IN_OVERLAY,
     GROUP_GO, 7, toggle_overlay, OVERLAY_MAP, NULL},
    {"result", "result", "What was reached here, what is left, what to try next", "v", PANES, GROUP_GO, 0,
     show_solved, 0, NULL},
    {"history", "attempts", "Every attempt, what changed in the source before it; puts a source back", "H",
     PANES | IN_OVERLAY, GROUP_GO, 0, toggle_overlay, OVERLAY_HISTORY, NULL},
    {"undo-restore", "undo", "In the list of attempts: bring back the source that was replaced", "u",
     IN_OVERLAY, GROUP_GO, 0, undo_restore, 0, NULL},
    {"statistics", "statistics", "The days, the time that challenges took, the checks over time", "S",
     PANES | IN_OVERLAY, GROUP_GO, 0, toggle_overlay, OVERLAY_STATS, NULL},
    {"notes", "notes", "Your notes on the challenge, in $EDITOR", "a", PANES, GROUP_GO, 0, notes, 0, NULL},
    {"solution", "our solution", "Our solution, to compare with; before yours, after a question", "s", PANES,
     GROUP_GO, 0, show_solution, 0, NULL},
    {"handbook", "handbook", "The handbook: what many challenges need", "K", PANES, GROUP_GO, 0,
     show_handbook, 0, NULL},
    {"previous-stage", "previous stage", "To the previous stage", "[", NOT_TERMINAL, GROUP_GO, 0, next_stage,
     -1, NULL},
    {"next-stage", "next stage", "To the next stage", "]", NOT_TERMINAL, GROUP_GO, 0, next_stage, 1, NULL},
    {"previous-challenge", "previous challenge", "To the previous challenge", "{", NOT_TERMINAL, GROUP_GO, 0,
     next_challenge, -1, NULL},
    {"next-challenge", "next challenge", "To the next challenge", "}", NOT_TERMINAL, GROUP_GO, 0,
     next_challenge, 1, NULL},

    {"next-link", "links", "To the next link of the page; Enter follows it, Backspace leads back", "f",
     IN_READER, GROUP_TEXT, 7, do_request, REQUEST_NEXT_LINK, NULL},
    {"previous-link", "previous link", "To the previous link of the page", "F", IN_READER, GROUP_TEXT, 0,
     do_request, REQUEST_PREVIOUS_LINK, NULL},
    {"find", "find", "Find text in what has the focus", "/", IN_ALL, GROUP_TEXT, 8, find, 0, NULL},
    {"next-match", "next", "To the next place found", "n", IN_ALL, GROUP_TEXT, 0, next_match,
     REQUEST_NEXT_MATCH, NULL},
    {"previous-match", "previous", "To the previous place found", "N", IN_ALL, GROUP_TEXT, 0, next_match,
     REQUEST_PREVIOUS_MATCH, NULL},
    {"copy", "copy", "Copy: the code in sight, the command of a failure, a check's name", "y", PANES,
     GROUP_TEXT, 0, do_request, REQUEST_COPY, NULL},

    {"look-back", "look back", "Look back at what has passed, with the keys of vi", "[", IN_TERMINAL,
     GROUP_LOOK, 0, look_back, 0, NULL},
    {"look-prompt-previous", "previous prompt", "Look back at the command before", "{", IN_TERMINAL | IN_LOOK,
     GROUP_LOOK, 0, look_back, LOOK_PROMPT_PREVIOUS, NULL},
    {"look-prompt-next", "next prompt", "To the next command", "}", IN_TERMINAL | IN_LOOK, GROUP_LOOK, 0,
     look_back, LOOK_PROMPT_NEXT, NULL},
    {"paste", "paste", "Paste what was copied last", "]", IN_TERMINAL | IN_LOOK, GROUP_LOOK, 0, paste_copied,
     0, NULL},
    {"clipboard", "clipboard", "Let programs in the terminal set the clipboard, or not", "C", IN_TERMINAL,
     GROUP_LOOK, 0, toggle_clipboard, 0, NULL},
    {"look-left", "left", "Left", "Left h Backspace", IN_LOOK, GROUP_LOOK, 0, look, LOOK_LEFT, NULL},
    {"look-right", "right", "Right", "Right l Space", IN_LOOK, GROUP_LOOK, 0, look, LOOK_RIGHT, NULL},
    {"look-up", "up", "Up", "Up k", IN_LOOK, GROUP_LOOK, 0, look, LOOK_UP, NULL},
    {"look-down", "down", "Down", "Down j", IN_LOOK, GROUP_LOOK, 0, look, LOOK_DOWN, NULL},
    {"look-word-next", "next word", "To the next word", "w", IN_LOOK, GROUP_LOOK, 0, look, LOOK_WORD_NEXT,
     NULL},
    {"look-word-previous", "previous word", "To the word before", "b", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_WORD_PREVIOUS, NULL},
    {"look-word-end", "end of word", "To the end of the word", "e", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_WORD_END, NULL},
    {"look-line-start", "start of line", "To the start of the line", "0 Home", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_LINE_START, NULL},
    {"look-line-text", "start of text", "To the first character of the line", "^", IN_LOOK, GROUP_LOOK, 0,
     look, LOOK_LINE_TEXT, NULL},
    {"look-line-end", "end of line", "To the end of the line", "$ End", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_LINE_END, NULL},
    {"look-top", "top", "To the oldest line", "g", IN_LOOK, GROUP_LOOK, 0, look, LOOK_TOP, NULL},
    {"look-bottom", "bottom", "To the newest line", "G", IN_LOOK, GROUP_LOOK, 0, look, LOOK_BOTTOM, NULL},
    {"look-view-top", "top of view", "To the first line in sight", "H", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_VIEW_TOP, NULL},
    {"look-view-middle", "middle of view", "To the middle line in sight", "M", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_VIEW_MIDDLE, NULL},
    {"look-view-bottom", "bottom of view", "To the last line in sight", "L", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_VIEW_BOTTOM, NULL},
    {"look-page-up", "page up", "A page up", "PgUp S-PgUp C-b", IN_LOOK, GROUP_LOOK, 0, look, LOOK_PAGE_UP,
     NULL},
    {"look-page-down", "page down", "A page down", "PgDn S-PgDn C-f", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_PAGE_DOWN, NULL},
    {"look-half-up", "half a page up", "Half a page up", "C-u", IN_LOOK, GROUP_LOOK, 0, look, LOOK_HALF_UP,
     NULL},
    {"look-half-down", "half a page down", "Half a page down", "C-d", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_HALF_DOWN, NULL},
    {"look-scroll-up", "scroll up", "The view a line up", "C-y", IN_LOOK, GROUP_LOOK, 0, look, LOOK_SCROLL_UP,
     NULL},
    {"look-scroll-down", "scroll down", "The view a line down", "C-e", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_SCROLL_DOWN, NULL},
    {"look-select", "select", "Begin a selection, or end it", "v", IN_LOOK, GROUP_LOOK, 2, look, LOOK_SELECT,
     NULL},
    {"look-select-lines", "lines", "The same with whole lines", "V", IN_LOOK, GROUP_LOOK, 4, look,
     LOOK_SELECT_LINES, NULL},
    {"look-select-block", "block", "The same with a block", "C-v", IN_LOOK, GROUP_LOOK, 5, look,
     LOOK_SELECT_BLOCK, NULL},
    {"look-other-end", "other end", "To the other end of the selection", "o", IN_LOOK, GROUP_LOOK, 0, look,
     LOOK_OTHER_END, NULL},
    {"look-copy", "copy", "Copy the selection, and back to the shell", "y Enter", IN_LOOK, GROUP_LOOK, 3,
     look_copy, 0, NULL},
    {"look-find", "find", "Find towards the end", "/", IN_LOOK, GROUP_LOOK, 6, look_find, 0, NULL},
    {"look-find-back", "find back", "Find towards the beginning", "?", IN_LOOK, GROUP_LOOK, 7, look_find, 1,
     NULL},
    {"look-next", "next", "To the next place found", "n", IN_LOOK, GROUP_LOOK, 0, next_match,
     REQUEST_NEXT_MATCH, NULL},
    {"look-previous", "previous", "To the place found before", "N", IN_LOOK, GROUP_LOOK, 0, next_match,
     REQUEST_PREVIOUS_MATCH, NULL},
    {"look-leave", "back", "Back to the shell", "q i", IN_LOOK, GROUP_LOOK, 1, look_leave, 0, NULL},
    {"look-escape", "back", "End the selection, else back to the shell", "Esc", IN_LOOK, GROUP_LOOK, 0,
     look_leave, 1, NULL},

    {"help", "keys", "Show these keys", "?", IN_ALL, GROUP_SCREEN, 1, show_help, 0, NULL},
    {"zoom", "zoom", "Give the whole screen to the pane, and back", "z", PANES, GROUP_SCREEN, 9, zoom, 0,
     NULL},
    {"larger", "larger", "Make the pane larger", "+", PANES, GROUP_SCREEN, 0, resize_pane, 1, NULL},
    {"smaller", "smaller", "Make the pane smaller", "_", PANES, GROUP_SCREEN, 0, resize_pane, -1, NULL},
    {"lock", "lock", "Give the shell even the key that leaves it", "L", IN_TERMINAL, GROUP_SCREEN, 0, lock, 0,
     NULL},
    {"palette", "palette", "Find an action or a challenge by a few letters of its name", ":",
     PANES | IN_OVERLAY, GROUP_SCREEN, 8, toggle_overlay, OVERLAY_PALETTE, NULL},
    {"settings", "settings", "Theme, language, the key that leaves the shell, watch, mouse", ",",
     PANES | IN_OVERLAY, GROUP_SCREEN, 0, toggle_overlay, OVERLAY_SETTINGS, NULL},
    {"mouse", "mouse", "Give the mouse to your terminal, for selecting; and back", "M", IN_ALL, GROUP_SCREEN,
     0, toggle_mouse, 0, NULL},
    {"repaint", "repaint", "Draw the whole screen again", "C-l", IN_ALL, GROUP_SCREEN, 0, repaint, 0, NULL},
    {"suspend", "suspend", "Back to the shell that started luxtui, until fg", "C-z", IN_ALL, GROUP_SCREEN, 0,
     suspend, 0, NULL},
    {"close", "close", "Close what lies over the panes", "Esc", IN_ALL, GROUP_SCREEN, 0, close_overlay, 0,
     NULL},
    {"quit", "quit", "Back; from the panes: quit, after a question if something still runs", "q", IN_ALL,
     GROUP_SCREEN, 10, back_or_quit, 0, quit_label},
};
const size_t action_count = ARRAY_LEN(action_table);

static bool has_key(const struct action *a, const struct key *k)
{
    const char *s = a->keys;
    while (*s) {
        size_t n = strcspn(s, " ");
        autofree char *name = xstrndup(s, n);
        struct key one;
        if (key_parse(name, &one) && key_equal(&one, k))
            return true;
        s += n;
        s += strspn(s, " ");
    }
    return false;
}

const struct action *action_for_key(const struct key *k, unsigned context)
{
    for (size_t i = 0; i < action_count; i++)
        if ((action_table[i].contexts & context) && has_key(&action_table[i], k))
            return &action_table[i];
    return NULL;
}

const struct action *action_find(const char *id)
{
    for (size_t i = 0; i < action_count; i++)
        if (strcmp(action_table[i].id, id) == 0)
            return &action_table[i];
    return NULL;
}
