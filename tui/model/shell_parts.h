/* What a shell is made of. Private to shell.c (the child, its bytes and keys) and shell_look.c (looking back
 * at what has passed, selecting). */
#ifndef MODEL_SHELL_PARTS_H
#define MODEL_SHELL_PARTS_H

#include "model/shell.h"

#include "base/buf.h"
#include "vt/pty.h"
#include "vt/terminal.h"

struct shell {
    struct terminal *terminal;
    struct pty *pty; /* NULL: never started, or its end was told */
    char end_text[96];
    bool in_command;    /* a command has the terminal, as far as was seen when it last wrote */
    bool command_title; /* and it has set the title itself */
    bool rang;
    bool refused;         /* the child does not read: something that was meant for it is lost */
    struct buf clipboard; /* what a program has put there, until somebody takes it */
    bool has_clipboard;

    struct terminal_view view; /* while looking back its top is a line and stays there */
    struct terminal_selection selection;
    bool selecting;

    bool looking;
    bool leave_at_end; /* begun with the wheel: the wheel ends it, too */
    bool backwards;    /* the direction of the search */
    bool alternate;    /* the screen on which it began */
    long seen_end;     /* the end of the lines when it began */
    struct terminal_pos cursor;
};

/* Ends it where what is looked at is there no more. */
void shell_look_check(struct shell *s);

#endif
