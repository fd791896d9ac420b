/* The model: everything that the screen shows, and nothing that it does not. update() changes it, draw()
 * reads it.
 *
 * It holds no descriptor, starts no process and knows no clock; what should happen in the world is put into
 * the queue of intentions (model/intent.h). The one exception is a struct shell, which its owner, the loop,
 * puts in. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/buf.h"
#include "course/course.h"
#include "model/history.h"
#include "model/intent.h"
#include "model/layout.h"
#include "model/page.h"
#include "model/run.h"
#include "tty/input.h"
#include "ui/lineedit.h"
#include "ui/theme.h"

#include <stdbool.h>
#include <stddef.h>

struct action; /* model/action.h */
struct shell;  /* model/shell.h */

enum workspace_state { WORKSPACE_UNKNOWN, WORKSPACE_MISSING, WORKSPACE_MAKING, WORKSPACE_PRESENT };

/* A challenge with what is known of the learner's way through it. */
struct item {
    const struct challenge *info;
    bool available; /* it has checks */
    int n_checks;   /* 0: not known yet */
    bool solved;
    int attempts, passed, total, core_passed, core_total; /* of the last attempt */
    int64_t first_attempt_at, solved_at;                  /* unix seconds; 0: never, or not known yet */
    char *workspace;                                      /* path */
    enum workspace_state workspace_state;
    struct run *run;     /* never NULL */
    struct shell *shell; /* NULL until it was entered for the first time */
    char *
        by_hand_end; /* the command that ends what the commands of a failure left running there; NULL: none */
    bool lesson_loaded;
    struct lesson lesson;
    int scroll;   /* the lesson's first visible line */
    size_t place; /* where that is in the text, whatever the width */
    int placed;   /* the scroll position as it was last set from the place, or taken for it */
    int chosen,
        chosen_width; /* what the learner scrolled to, and at which width: exact again when that comes back */
    int hints_shown;  /* 0 to 3 */
};

/* The list of stages and challenges. A row is a stage (challenge == -1) or a challenge below it. */
struct stage_row {
    int stage, challenge;
};
struct stages_view {
    bool *unfolded; /* one a stage */
    struct stage_row *rows;
    int n_rows;
    int cursor, top;
};

enum reader_page {
    READER_LESSON,
    READER_FAILURE,
    READER_BUILD,
    READER_SOLVED,   /* what was reached, and what to try next */
    READER_SOLUTION, /* our reference; name: of the file; text: markdown */
    READER_HANDBOOK, /* name: of the page, "" for the list of them; text: markdown */
    READER_MANUAL,   /* name: "poll(2)"; text: what man(1) printed, with overstrikes */
    READER_PAGE_COUNT_
};

/* A page that was left by a link, to come back to. */
struct reader_place {
    enum reader_page showing;
    char *name, *text;
    int text_width, scroll, left, link;
};
enum { READER_TRAIL_MAX = 64 }; /* further back the first places are forgotten */

/* What is read: the lesson, or the failure of one check, or the build's output, or what a link leads to. */
struct reader_view {
    enum reader_page showing;
    struct page lesson, other;
    char *name, *text; /* of what a link leads to; text: NULL while it is being fetched */
    int text_width;    /* that the text was asked for in; 0: it fits any */
    int link;          /* the chosen one of the page; 0: none */
    struct reader_place *trail;
    size_t n_trail;
    /* What the pages were made from; they are made again when one of these changes. */
    size_t lesson_of;
    int lesson_hints, lesson_left;
    char *failed_check; /* id */
    bool fresh;         /* `other` is still made from another page */
    bool new_text;      /* the text has changed since `other` was made */
    int other_left;
    int other_scroll, left; /* left: columns that are scrolled out of sight */
};

struct checks_view {
    int cursor, top; /* cursor: an index of run->checks, or of run->messages after a failed build */
    bool unfolded;   /* the learner wants to see each blocked check */
};

enum overlay {
    OVERLAY_NONE,
    OVERLAY_HELP,
    OVERLAY_WELCOME,
    OVERLAY_CONFIRM,
    OVERLAY_MAP,
    OVERLAY_HISTORY,
    OVERLAY_STATS,
    OVERLAY_PALETTE,
    OVERLAY_SETTINGS,
    OVERLAY_DOCTOR,
    OVERLAY_LAST = OVERLAY_DOCTOR
};
enum { OVERLAY_MAX = 4 };

struct palette_hit {
    bool is_action; /* else a challenge */
    size_t index;
    int score;
};
struct palette_view {
    struct lineedit line;
    struct palette_hit *hits; /* NULL: to be looked for */
    int n, cursor, top;
};

struct settings_view {
    int cursor;
    bool waiting; /* for the key that is to leave the shell */
};

enum welcome_step { WELCOME_LANGUAGE, WELCOME_KEY, WELCOME_DOCTOR, WELCOME_STEPS };
struct welcome {
    enum welcome_step step;
    int language;
    int line; /* of the page in which one is */
    bool doctor_asked;
};

/* A question with yes and no. */
struct confirm {
    char *question;
    struct intent yes;
};

/* Text that the mouse has been drawn over, in one pane or overlay, in places of the screen. (The terminal pane
 * has a selection of its own.) */
struct selection {
    bool pressed; /* the button is down */
    bool active;  /* it has moved since */
    struct rect within;
    int row, col, to_row, to_col;
    struct mouse press; /* how it began: a click, if it never moves */
};
int selection_rows(const struct selection *s);
/* The i-th row of it, from above. */
struct rect selection_row(const struct selection *s, int i);

/* Whether programs in the terminal pane may put text on the learner's clipboard. */
enum clipboard_right { CLIPBOARD_ASK, CLIPBOARD_ALLOWED, CLIPBOARD_REFUSED };

/* Where everything was when the line of a search was opened. */
struct search_origin {
    size_t open;
    int lesson, page; /* scroll positions of the reader */
    struct checks_view checks;
    int stages_cursor, stages_top;
    bool *unfolded; /* NULL: no search has begun yet */
    int overlay, history;
    size_t map_cursor;
};

enum watch_state { WATCH_OFF, WATCH_EVENTS, WATCH_POLLING };

struct model {
    int rows, cols;
    struct layout layout;
    enum pane_id focus;
    enum pane_id before_terminal; /* where leaving the terminal leads */
    enum pane_size size;
    const struct theme *theme;
    const char *theme_choice; /* constant: THEME_AUTO, or the name of a theme */
    bool no_color;            /* NO_COLOR is set */
    bool light_background;    /* the terminal has said so */

    struct course *course; /* owned */
    struct item *items;
    size_t n_items, open; /* open: always valid */
    size_t running;       /* the item that the engine checks now; n_items: none */

    struct stages_view stages;
    struct reader_view reader;
    struct checks_view checks;

    enum overlay overlays[OVERLAY_MAX];
    int n_overlays;
    struct page help;
    int overlay_scroll;
    size_t map_cursor; /* an item */
    struct palette_view palette;
    struct settings_view settings;
    struct history_view history;
    struct stats_view stats;
    char *doctor_text;  /* what `lux doctor` said; NULL: not yet */
    struct page notice; /* the text of the welcome or of the doctor */
    struct welcome welcome;
    struct confirm confirm;

    bool searching;        /* the line for a search is being typed */
    bool search_backwards; /* only while looking back in the terminal: ? began it */
    struct lineedit search_line;
    struct search_origin origin;
    char *needle; /* "" when nothing is searched for */

    struct selection selection;

    char *message; /* "" when there is none */
    bool message_is_error;

    struct key pressed;   /* the key that is being acted upon */
    struct key leave_key; /* the prefix of the terminal pane */
    bool prefix;          /* it was pressed, and what follows decides */
    bool locked;          /* even the prefix goes to the shell; F12 alone leaves */
    bool mouse;
    struct buf paste; /* a text that is not yet pasted: it has not come whole, or was not yet agreed to */
    bool paste_begun, paste_held;
    char *copied; /* what was copied last; NULL: nothing */
    enum clipboard_right clipboard;
    char *clipboard_asked; /* what a program wanted there without being allowed to; NULL: nothing */
    enum watch_state watch;
    bool watch_wanted;

    char *home;         /* to write paths as ~ */
    char *language;     /* the learner's choice */
    char **languages;   /* that there are starters in, NULL-terminated; owned */
    int start_language; /* index into languages: what the panel of a missing workspace proposes */

    const struct action *actions; /* the table, for help and footer */
    size_t n_actions;

    struct intent *intents;
    size_t n_intents;
};

/* Takes the course. languages: NULL-terminated, copied. */
struct model *model_new(struct course *course, const char *const *languages);
void model_free(struct model *m);

struct item *model_open_item(const struct model *m);
/* Opens a challenge: its lesson, shell and checks come into sight. */
void model_open(struct model *m, size_t item);
size_t model_find(const struct model *m, const char *slug); /* n_items if there is none */
enum item_state {
    ITEM_SOLVED,
    ITEM_BEGUN,
    ITEM_READY,      /* what prepares for it is solved */
    ITEM_LATER,      /* something that prepares for it is not solved; it can be opened all the same */
    ITEM_UNAVAILABLE /* it has no checks yet */
};
enum item_state model_state(const struct model *m, size_t item);
/* The challenge to go on with, as `lux next` has it: one that was begun, the open one before others; else the first
 * for which one is prepared, behind the open one if that is solved; n_items if all are solved. */
size_t model_next(const struct model *m);
/* Why that one: half a sentence; the caller frees. */
char *model_why(const struct model *m, size_t item);
int model_solved(const struct model *m);
/* The failed check to look at next: the chosen one, or the one after that if its failure is being read, going
 * round; run->n_checks if none has failed. */
size_t model_next_failure(const struct model *m);

/* The theme that follows the terminal; "mono" where NO_COLOR is set. */
#define THEME_AUTO "auto"
/* An unknown name changes nothing. */
void model_choose_theme(struct model *m, const char *name);

/* Types a key's text into a line; false if it has none. */
bool line_type(struct lineedit *e, const struct key *k);

void model_resize(struct model *m, int rows, int cols);
void model_relayout(struct model *m);
/* Gives the focus to a pane. */
void model_focus(struct model *m, enum pane_id pane);
/* Whether keys go to the shell now. */
bool model_in_shell(const struct model *m);
/* Whether they move about in what has passed there. */
bool model_looking_back(const struct model *m);
/* Pastes a part of a text into the open challenge's shell, which is alive; asks first where that is wise. */
void model_paste(struct model *m, const char *text, size_t n, bool last);
/* Takes what the open challenge's shell has to say besides its output: the clipboard, lost keys. */
void model_hear_shell(struct model *m, size_t item);

void model_say(struct model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void model_complain(struct model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void model_hush(struct model *m);

void model_want(struct model *m, enum intent_type type, const char *text, int number);
/* Takes the oldest intention out of the queue; false if there is none. The caller frees out->text. */
bool model_take_intent(struct model *m, struct intent *out);

void model_push_overlay(struct model *m, enum overlay o);
void model_pop_overlay(struct model *m);
enum overlay model_overlay(const struct model *m); /* the topmost */
void model_ask(struct model *m, enum intent_type yes, const char *question);
/* The same for an intention with a text. */
void model_ask_for(struct model *m, enum intent_type yes, const char *text, const char *question);

/* Leads the reader to another page; the one that it shows can be come back to. text: taken; NULL: it is to
 * come. */
void reader_go(struct model *m, enum reader_page page, const char *name, char *text);
/* Leads back to the page before; false if there is none. */
bool reader_return(struct model *m);
/* Forgets the way and what is on the page. */
void reader_forget(struct model *m);
/* Shows a page of the open challenge: the lesson, or one that has the lesson before it. */
void reader_show(struct model *m, enum reader_page page);

/* Remembers where things are for a search that begins, and brings them back there: each further letter looks
 * from the beginning again, and what fewer letters found leaves no trace. */
void origin_keep(struct model *m);
void origin_restore(struct model *m);

/* Makes the rows of the stage list anew, and keeps the cursor on its challenge or stage. */
void stages_rebuild(struct model *m);
/* Unfolds the stage of a challenge and moves the cursor there. */
void stages_show(struct model *m, size_t item);

/* Keeps a cursor within 0..n-1 and the window's top so that the cursor is in sight. */
void view_follow(int *top, int *cursor, int n, int height);
/* Keeps a scroll position within what there is. */
int view_clamp(int top, int n, int height);

/* The path with the home directory as ~; the caller frees. */
char *model_tilde(const struct model *m, const char *path);

#endif
