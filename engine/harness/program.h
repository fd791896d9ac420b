/* A program of the learner's: a process with pipes. */
#ifndef HARNESS_PROGRAM_H
#define HARNESS_PROGRAM_H

#include "harness/inbox.h"
#include "harness/outbox.h"
#include "harness/process.h"
#include "harness/world.h"

struct pipe_end { /* our end of one of its pipes */
    Program *owner;
    int fd; /* -1: none, or closed */
    uv_poll_t poll;
    unsigned long inode; /* of the pipe: "pipe:[INODE]" */
};

struct program {
    Program *next;
    const char *name; /* "./server"; the second of that name is "./server#2" */
    int pid;
    struct pipe_end in, out, err;
    struct pipe_end inherited;     /* the reading end of the pipe whose other end it was given besides */
    struct supervisor *supervisor; /* of its system calls; NULL: none */
    struct terminal *terminal;     /* of its session; NULL: none */
    struct outbox typed;
    struct inbox printed, complained; /* stdout, stderr */
    bool in_ends;                     /* stdin is closed, or will be once everything is typed */
    bool out_unread;
    bool ended;
    int status; /* as from waitpid(2) */
    uint64_t started_ns, ended_ns;
    uint64_t signals_sent; /* by the check: a bit for each */
    const char *command;   /* as one would type it */
    /* What the check asked about, so that a failed claim can be explained. */
    bool asked_zombies, asked_idle;
    struct open_file *first_files; /* at the first open_files_of() */
    size_t n_first_files;
};

/* Called when a child was reaped. True if it is one of our programs. */
bool program_ended(int pid, int status);
/* True if it died of a signal that the check did not send. */
bool program_crashed(const Program *p);
/* All programs have ended, and no process that they left behind lives. */
bool programs_all_gone(void);
/* The one that was started last and is not the other end of something else; NULL if none was started. */
Program *program_last(void);
/* "./server ended with status 1", for the program that matters most when something does not come; NULL: all
 * run. */
const char *program_endings(void);

/* Is it the only one that the check has started? */
bool program_is_alone(const Program *p);
/* Reads what the pipes hold at this moment. */
void program_drain(Program *p);
/* The program that has this process, itself or a descendant; NULL if none. */
Program *program_of_pid(int pid);

#endif
