/* Panes and overlays: what each of them does is one const table of functions.
 *
 * A pane changes the model in prepare, request, text and mouse; title, status and draw only read it. prepare
 * is called after every event, once the layout is known, so that draw finds pages laid out and cursors in
 * sight. */
#ifndef PANES_PANE_H
#define PANES_PANE_H

#include "base/buf.h"
#include "model/model.h"

/* What a key asks of the focused pane; the table of actions (app/actions.h) leads from keys to requests. */
enum request {
    REQUEST_UP,
    REQUEST_DOWN,
    REQUEST_LEFT,
    REQUEST_RIGHT,
    REQUEST_PAGE_UP,
    REQUEST_PAGE_DOWN,
    REQUEST_HALF_UP,
    REQUEST_HALF_DOWN,
    REQUEST_TOP,
    REQUEST_BOTTOM,
    REQUEST_ENTER,
    REQUEST_BACK,
    REQUEST_COPY,
    REQUEST_NEXT_LINK,
    REQUEST_PREVIOUS_LINK,
    REQUEST_NEXT_MATCH,
    REQUEST_PREVIOUS_MATCH,
    REQUEST_FIRST_MATCH /* while the text is being typed: from where one is */
};

/* A hint in the lower border of an overlay: the key of an action, and what it does there. */
struct hint {
    const char *action; /* id; NULL ends the list */
    const char *word;   /* "": its name; NULL: the next hint's word is meant for both keys */
};

struct pane_ops {
    const char *name;                                      /* in tabs and in help: "Stages" */
    const struct hint *hints;                              /* of an overlay; NULL: none */
    void (*title)(const struct model *m, struct buf *out); /* left in the upper border; NULL: the name */
    void (*status)(const struct model *m,
                   struct page *out); /* right in the upper border, one line; NULL: none */
    void (*prepare)(struct model *m, struct rect inner);
    void (*draw)(const struct model *m, struct area a, bool focused);
    bool (*request)(struct model *m, enum request r);   /* false: it means nothing here */
    void (*text)(struct model *m, const struct key *k); /* a key that no action has taken; NULL: none */
    bool (*mouse)(struct model *m,
                  const struct mouse *e); /* row and col from the pane's corner; NULL: none */
};

extern const struct pane_ops stages_pane, reader_pane, terminal_pane, checks_pane;
extern const struct pane_ops help_overlay, welcome_overlay, confirm_overlay, map_overlay, history_overlay,
    stats_overlay, palette_overlay, settings_overlay, doctor_overlay;

const struct pane_ops *pane_ops_of(enum pane_id pane);
const struct pane_ops *overlay_ops_of(enum overlay o); /* NULL for OVERLAY_NONE */
/* What gets requests now: the topmost overlay, else the focused pane. */
const struct pane_ops *focused_ops(const struct model *m);
/* What most overlays of text do when asked: scroll, find, close. */
bool page_request(struct model *m, enum request r, const struct page *p, enum overlay o);
/* Takes a key as the one that leaves the shell, unless it is needed there: then false, and a message. */
bool choose_leave_key(struct model *m, const struct key *k);
/* The palette's line has changed. */
void palette_changed(struct model *m);
/* What the doctor said, as a page. */
void doctor_page(struct page *p, const struct model *m);
/* Whether an overlay takes all but the top line and the last one, in which messages stand then. */
bool overlay_is_full(enum overlay o);
/* Where an overlay is drawn: the inside of its box. */
struct rect overlay_rect(const struct model *m, enum overlay o);

/* ---- The lines around the panes ---- */

void draw_top_line(const struct model *m, struct area a);
void draw_tabs(const struct model *m, struct area a);
/* The tab at a column, or PANE_COUNT_. */
enum pane_id tab_at(int col);
void draw_footer(const struct model *m, struct area a);
/* The key whose hint stands in the footer at this place of the screen; false: none does. */
bool footer_key(const struct model *m, int row, int col, struct key *out);
/* How many rows the message needs: it may grow upwards over the panes, but never hides more than a few rows.
 */
enum { MESSAGE_ROWS_MAX = 4 };
int message_rows(const struct model *m);
void draw_message(const struct model *m, struct area a);
/* All borders of the visible panes, joined where they meet, heavy around the focused one, with titles. */
void draw_frames(const struct model *m, struct area screen);
/* A box around `inner` with a title, over what is there. */
void draw_box(const struct model *m, struct area screen, struct rect inner, const char *title,
              const struct hint *hints);

/* ---- Shared by panes ---- */

/* Signs of width one, with an ASCII form where the terminal has no UTF-8. */
enum sign {
    SIGN_PASS,
    SIGN_FAIL,
    SIGN_RUNNING,
    SIGN_OPEN, /* not run, not begun */
    SIGN_SKIP,
    SIGN_BLOCKED,
    SIGN_ERROR,
    SIGN_STARTED,
    SIGN_FOLDED,
    SIGN_UNFOLDED,
    SIGN_HERE,
    SIGN_SEPARATOR, /* of a breadcrumb */
    SIGN_ELLIPSIS,
    SIGN_NEXT,
    SIGN_COUNT_
};
const char *sign(enum sign s);
/* The sign and the colour of a verdict. */
enum sign verdict_sign(const struct check_row *c);
enum role verdict_role(const struct check_row *c);

/* The sign of a challenge's state, and the colours of the sign and of the name. */
enum sign state_sign(enum item_state s);
enum role state_sign_role(enum item_state s);
enum role state_role(enum item_state s);

/* For a narrow list: the stage's slug as a word ("Network"), or as an abbreviation ("IPC"). */
char *stage_short_title(const struct stage *stage);

/* A bar of `width` columns, `done` of `total` filled. */
void draw_bar(const struct model *m, struct area a, int row, int col, int width, int done, int total);

/* "3 ms", "1.2 s", "2 min" into out. */
const char *duration_text(double ms, char out[32]);

/* "c" -> "C", "cpp" -> "C++"; a name that is not known stays itself. */
const char *language_title(const char *name);

/* Moves a scroll position as a request says; false if it is no movement. */
bool scroll_request(enum request r, int *top, int n, int height);
/* Moves a cursor in a list as a request says. */
bool cursor_request(enum request r, int *cursor, int n, int height);

/* Adds a text in markdown, each line indented, code moved `scroll` columns to the left. */
void page_markdown(struct page *p, int indent, const char *text, int scroll);

/* The pages of the reader. */
void lesson_page(struct page *p, const struct model *m, int width);
void failure_page(struct page *p, const struct model *m, const struct check_row *c, int width);
void build_page(struct page *p, const struct model *m, int width);
/* The columns in which man(1) is to print for a pane of this width. */
int manual_width(int width);
/* What was reached in the open challenge, and what to try next. */
void solved_page(struct page *p, const struct model *m, int width);
/* "2 h 10 min", "3 days" */
const char *span_text(int64_t seconds, char out[32]);
/* What man(1) printed, overstrikes and all. */
void manual_page(struct page *p, const char *name, const char *text, int width);
/* The heading of a page of the handbook; its name where it has none. The caller frees. */
char *handbook_title(const struct model *m, const char *name);
/* The list of the handbook's pages in markdown; the caller frees. */
char *handbook_index(const struct model *m);
/* Goes where a link leads. */
void follow_link(struct model *m, const char *target);
/* Leads to the failure of the check, or to what else it has to say. */
void reader_show_check(struct model *m, const struct check_row *c);
/* Whether it shows what the check has to say. */
bool reader_shows_check(const struct model *m, const struct check_row *c);
void reader_show_build(struct model *m);
void reader_show_handbook(struct model *m);
void reader_show_solution(struct model *m);
/* Scrolls the page that is shown. */
void reader_scroll_to(struct model *m, int line);
/* Shows one more hint and scrolls there. */
void reader_next_hint(struct model *m);

#endif
