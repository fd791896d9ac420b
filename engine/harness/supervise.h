/* System calls of a program that wait until the checker has seen them: seccomp_unotify(2). They are counted, or answered
 * in the kernel's place; all others run at full speed. Whatever the program starts is watched, too. */
#ifndef HARNESS_SUPERVISE_H
#define HARNESS_SUPERVISE_H

#include "harness/check.h"

#include <linux/seccomp.h>

struct supervised_call {
    long number;
    bool asks_second; /* only with this second argument, of which the lower half counts */
    uint32_t second;
    long seen;
};

struct supervisor {
    struct supervised_call *calls;
    size_t n;
    /* Answers a call; false: the kernel is to do what the program has asked for. NULL: it always is. */
    bool (*answers)(struct supervisor *s, const struct seccomp_notif *call,
                    struct seccomp_notif_resp *answer);
    void *owner;  /* what answers() works for */
    int ends[2];  /* of a socket pair over which the listener comes: ours, and the child's */
    int listener; /* -1: none yet */
};

/* Before the fork. */
struct supervisor *supervisor_new(void);
void supervisor_add(struct supervisor *s, struct supervised_call call);
/* In the child, which is not allowed to gain privileges (no_new_privs): 0, or -1 with errno. Async-signal-safe. */
int supervisor_enter(const struct supervisor *s);
/* In the checker, after the fork. */
void supervisor_begin(struct supervisor *s);

#endif
