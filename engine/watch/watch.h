/* Watching a workspace: tells when the learner's source has changed, however the editor saved it.
 *
 * A change is a change of the files that count: what the build makes (the binary, object files, target/ and
 * the like) and what an editor leaves for a moment (swap files, backups) does not. Where the system cannot
 * watch (no more inotify watches, some network file systems), the files are looked at twice a second instead.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { WATCH_SETTLE_MS = 40, WATCH_POLL_MS = 500 };

struct watch;

struct watch *watch_new(uv_loop_t *loop, void (*changed)(void *user), void *user);
void watch_free(struct watch *w);

/* Watches `dir` from now on; ignore: the name of the binary. Returns NULL, or why it has to poll (constant
 * text). */
const char *watch_start(struct watch *w, const char *dir, const char *ignore);
void watch_stop(struct watch *w);
/* Why it polls by now: a workspace can grow beyond what can be watched. NULL: it does not. */
const char *watch_polls(const struct watch *w);
/* The files as they are now count as seen: a check of them is about to start. */
void watch_mark_seen(struct watch *w);

/* For tests: a number that changes when a file that counts does. */
uint64_t watch_signature(const char *dir, const char *ignore);
/* Whether a name (of a file or directory) counts at all. */
bool watch_counts(const char *name, const char *ignore);

#endif
