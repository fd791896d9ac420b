/* The running program: the model, and the handles through which the world reaches it. Private to loop.c
 * (events in, frames out), start.c (the model), world.c (intentions), engine.c (lux), workspace.c (files and
 * shells), progress.c (the database) and main.c. */
#ifndef APP_PROGRAM_H
#define APP_PROGRAM_H

#include "app/child.h"
#include "db/store.h"
#include "event/event.h"
#include "model/model.h"
#include "tty/tty.h"
#include "watch/watch.h"

#include <sys/types.h>
#include <time.h>
#include <uv.h>

struct program;

/* The poll of one shell's pseudo-terminal. */
struct shell_handle {
    struct program *program;
    size_t item;
    uv_poll_t *poll; /* NULL when there is nothing to poll */
    int events;      /* that it polls for now */
    char *type;      /* to be typed once the shell has shown its prompt; NULL: nothing */
};

enum { SIGNAL_STOP = 0, SIGNAL_HANDLES = 7 }; /* the place of SIGTSTP among the signals */

struct program {
    uv_loop_t loop;
    struct model *m;
    struct surface *surface;
    struct tty *tty; /* NULL before it is opened and after it is gone */
    struct input *input;
    char *engine;     /* path of lux */
    char *shell_path; /* PATH=... with the engine's directory first */
    char *shell_editor;
    bool test;           /* LUXTUI_TEST=1 */
    bool theme_is_given; /* by --theme: the setting does not count */

    struct mouse last_press; /* with the time, to know a double click */
    uint64_t last_press_ns;

    uv_poll_t tty_poll;
    int tty_events;
    uv_timer_t esc_timer, frame_timer, terminal_timer, kill_timer, store_timer;
    uv_prepare_t before_sleep;
    uv_signal_t signals[SIGNAL_HANDLES];
    int ended_by; /* a signal that ended the loop; 0: none */
    bool quitting;
    bool continued; /* after our own stop: the SIGCONT that is still to be told means nothing new */

    bool dirty;          /* the model has changed since the last frame */
    uint64_t last_frame; /* clock_now_ns */
    uint64_t last_key;   /* clock_now_ns; something came from the learner's terminal */
    size_t flood;        /* bytes of shells since the last frame */
    long sync_asked;     /* a test's barrier that is to be answered after the next frame; 0: none */

    struct shell_handle *shells; /* one an item */

    struct child *check, *list, *doctor, *start;
    struct event_reader *reader;
    size_t check_item; /* that `check` runs for */
    bool check_cancelled;
    char *next_check; /* what to run when the ending one is gone: "" all, else one id; NULL: nothing */
    size_t next_item; /* for which challenge */
    size_t start_item;
    struct buf list_answer, doctor_answer;

    struct child *manual;
    char *manual_name; /* that it fetches, or has fetched */
    struct buf manual_text;
    bool manual_is_cut;

    struct watch *watch;
    struct store *store;
    char *store_path;
    uv_fs_event_t store_watch;
    ino_t store_inode, store_dir_inode; /* of what was opened and is watched */
    bool store_polls;                   /* it cannot be watched: the timer looks whether it has changed */
    struct timespec store_changed[2];   /* when, of the database and its log */
};

/* ---- loop.c ---- */
struct program_options {
    const char *challenge; /* NULL: where the learner stopped */
    const char *theme;     /* NULL: the setting, else the default */
    bool no_mouse;
};
/* Runs until the end; the exit status. What went wrong before the screen was there goes to err, with
 * status 2. */
int program_run(const struct program_options *o, struct error *err);
/* Something that the screen shows has changed. */
void program_changed(struct program *p);
/* Sees to it that the loop polls what is there to be polled. */
void program_poll_shell(struct program *p, size_t item);

/* ---- start.c ---- */
/* Makes the model of the course that is installed, as the options say. */
int start_model(struct program *p, const struct program_options *o, struct error *err);
/* Opens the challenge that was asked for, else the one where the learner stopped. */
int start_open(struct program *p, const struct program_options *o, struct error *err);

/* ---- world.c ---- */
void world_start(struct program *p);
void world_do_intentions(struct program *p);
void world_stop(struct program *p);

/* ---- engine.c ---- */
void engine_start(struct program *p);
/* Checks the open challenge; only: one check's id, or NULL for all. A new run replaces the one before, which
 * has to be gone first: both build in the same directory. */
void engine_check(struct program *p, const char *only);
void engine_cancel(struct program *p);
void engine_doctor(struct program *p);
void engine_make_workspace(struct program *p, const char *language);
void engine_stop(struct program *p);

/* ---- workspace.c ---- */
void workspace_start(struct program *p);
/* Looks whether the challenge has a workspace by now. */
void workspace_look(struct program *p, size_t item);
/* Another challenge was opened. */
void workspace_open(struct program *p);
/* Watches the open challenge's files, if watching is on. */
void workspace_watch(struct program *p);
void workspace_shell(struct program *p, size_t item);
/* The shell has said something: it may wait for what is to be typed. */
void workspace_shell_output(struct program *p, size_t item);
/* Types into the open challenge's shell: now if it waits for a command, after its first prompt if it is new.
 */
void workspace_type(struct program *p, const char *text);
/* Opens the editor in the terminal pane; file: NULL for the main one; line: 0 for none. */
void workspace_edit(struct program *p, const char *file, int line);
/* The same with the notes on the open challenge, which are made if needed. */
void workspace_notes(struct program *p);
void workspace_stop(struct program *p);

/* ---- manual.c ---- */
/* Fetches a manual page in so many columns, instead of the one that is being fetched. */
void manual_fetch(struct program *p, const char *name, int width);
void manual_stop(struct program *p);

/* ---- history.c ---- */
void history_load(struct program *p);
/* What changed in the source before the attempt in this row of the list. */
void history_changes(struct program *p, int row);
/* Puts the source of an attempt back (its id; NULL: what the last time has replaced). */
void history_restore(struct program *p, const char *attempt);

/* ---- progress.c ---- */
void progress_start(struct program *p);
void progress_load(struct program *p);
/* Looks at the database again, and whether it is still the same file. */
void progress_refresh(struct program *p);
void progress_recall(struct program *p, size_t item);
void progress_save_setting(struct program *p, const char *name_is_value);
void progress_stop(struct program *p);

#endif
