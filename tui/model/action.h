/* What an action is. The table itself is in app/actions.c; help and footer read it through the model. */
#ifndef MODEL_ACTION_H
#define MODEL_ACTION_H

struct model;

/* Where an action can be asked for. */
enum context {
    IN_STAGES = 1 << 0,
    IN_READER = 1 << 1,
    IN_TERMINAL =
        1 << 2, /* the pane has the focus, but there is no shell to take the keys; or after the prefix */
    IN_CHECKS = 1 << 3,
    IN_OVERLAY = 1 << 4, /* help and the like */
    IN_LOOK = 1 << 5,    /* looking back in the terminal pane */
    IN_PANES = IN_STAGES | IN_READER | IN_TERMINAL | IN_CHECKS,
    IN_TEXT = IN_STAGES | IN_READER | IN_CHECKS | IN_OVERLAY,
    IN_ALL = IN_PANES | IN_OVERLAY
};

enum action_group { GROUP_PROGRAM, GROUP_MOVE, GROUP_GO, GROUP_TEXT, GROUP_LOOK, GROUP_SCREEN, GROUP_COUNT_ };

struct action {
    const char *id;   /* "run-all" */
    const char *name; /* for footer and palette: "run" */
    const char *help; /* one sentence without its full stop */
    const char *keys; /* separated by blanks: "Up k" */
    unsigned contexts;
    enum action_group group;
    int rank; /* in the footer: 1 comes first; 0: not there */
    void (*function)(struct model *m, int argument);
    int argument;                                /* e.g. an enum request */
    const char *(*label)(const struct model *m); /* the name as things are now ("watch on"); NULL: the name */
};

/* The names of the groups in help. */
const char *action_group_name(enum action_group g);

#endif
