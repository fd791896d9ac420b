/* What an action is. The table itself is in app/actions.c; help and footer read it through the model. */
#ifndef MODEL_ACTION_H
#define MODEL_ACTION_H

struct model;

/* Where an action can be asked for. In several places at once the first of them counts most. */
enum context {
    IN_SMALL = 1 << 0,        /* the screen is too small to show anything */
    IN_SEARCH = 1 << 1,       /* a search is being typed */
    IN_PALETTE = 1 << 2,      /* the palette */
    IN_LINE = 1 << 3,         /* in both: what edits the line */
    IN_QUESTION = 1 << 4,     /* yes or no */
    IN_WELCOME = 1 << 5,      /* the first start */
    IN_WELCOME_LIST = 1 << 6, /* those of its steps in which there is something to move in */
    IN_KEY_CHOICE = 1 << 7,   /* settings wait for the key that is to leave the shell */
    IN_PREFIX = 1 << 8,       /* after the key that leaves the shell */
    IN_LOCKED = 1 << 9,       /* the shell gets even that one */
    IN_SHELL = 1 << 10,       /* the shell gets the other keys */
    IN_ENDED = 1 << 11,       /* the shell has ended */
    IN_LOOK = 1 << 12,        /* looking back in the terminal pane */
    IN_OVERLAY = 1 << 13,     /* help, map and the like */
    IN_STAGES = 1 << 14,
    IN_READER = 1 << 15,
    IN_TERMINAL = 1 << 16, /* the pane has the focus, but no shell takes the keys; or after the prefix */
    IN_CHECKS = 1 << 17,
    IN_PANES = IN_STAGES | IN_READER | IN_TERMINAL | IN_CHECKS,
    IN_ALL = IN_PANES | IN_OVERLAY
};

/* Stands in the table for the learner's own choice: the key that leaves the shell. */
#define KEY_LEAVE "Leave"

enum action_group {
    GROUP_PROGRAM,
    GROUP_MOVE,
    GROUP_GO,
    GROUP_TEXT,
    GROUP_SCREEN,
    GROUP_SHELL,
    GROUP_LOOK,
    GROUP_TYPE,
    GROUP_ANSWER,
    GROUP_COUNT_
};

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
/* The contexts in which the next key is looked up. */
unsigned model_contexts(const struct model *m);
/* The keys of an action as they are pressed, and the first of them, into out. */
const char *action_keys(const struct model *m, const struct action *a, char out[64]);
const char *action_first_key(const struct model *m, const struct action *a, char out[64]);
/* The action with this id in the model's table; NULL if there is none. */
const struct action *model_action(const struct model *m, const char *id);

#endif
