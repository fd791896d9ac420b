/* What the screen wants done in the world outside. update() only changes the model and adds intentions to its
 * queue; the loop carries them out. So every decision can be tested without a process, a file or a clock. */
#ifndef MODEL_INTENT_H
#define MODEL_INTENT_H

enum intent_type {
    INTENT_QUIT,
    INTENT_SUSPEND,
    INTENT_REPAINT, /* draw the next frame whole */
    INTENT_OPEN,    /* another challenge was opened: look at its workspace, its results, watch it */
    INTENT_RUN,     /* check the open challenge; text: one check's id, or NULL for all */
    INTENT_CANCEL,  /* end the running check */
    INTENT_START,   /* make the workspace of the open challenge; text: the language */
    INTENT_SHELL,   /* start the shell of the open challenge */
    INTENT_EDIT,  /* open the editor in the terminal pane; text: file, or NULL for the main one; number: line
                   */
    INTENT_TYPE,  /* type the text into the open challenge's shell, if it is at its prompt */
    INTENT_COPY,  /* put the text on the clipboard */
    INTENT_PASTE, /* give the shell the text that was held back */
    INTENT_WATCH, /* watching was switched on or off */
    INTENT_MOUSE, /* the mouse was switched on or off */
    INTENT_SAVE_SETTING, /* text: "name=value" */
    INTENT_MANUAL,       /* fetch a manual page; text: "poll(2)"; number: columns */
    INTENT_SOLUTION,     /* show our solution: a question about it was answered with yes */
    INTENT_NOTES,        /* open the notes on the open challenge in the editor */
    INTENT_HISTORY,      /* read the attempts of the open challenge, and the days */
    INTENT_CHANGES,      /* what changed in the source before an attempt; number: its row */
    INTENT_RESTORE,      /* put the source of an attempt back; text: its id; NULL: undo the last time */
    INTENT_DOCTOR        /* ask the engine what this machine can do */
};

struct intent {
    enum intent_type type;
    char *text; /* NULL if there is none */
    int number;
};

#endif
