/* The recorder: the reader of the event stream that writes an attempt into the learner's progress. */
#ifndef COMMANDS_RECORDER_H
#define COMMANDS_RECORDER_H

#include "course/course.h"
#include "event/event.h"
#include "runner/bus.h"

#include <stdbool.h>
#include <stdint.h>

struct recorder;

/* Opens the store. Where it cannot be used, and where a later write fails, one warning goes to the bus and
 * nothing is recorded from then on. Never NULL. The strings must live as long as the recorder. partial: only
 * some of the checks were asked for. */
struct recorder *recorder_new(struct bus *bus, const struct challenge *challenge, uint64_t seed,
                              bool partial);

/* An event_handler; context is the recorder. */
void recorder_event(void *recorder, const struct event *e);

/* Whether a check of this id did not pass in the newest attempt. */
bool recorder_failed_before(const struct recorder *r, const char *check);

/* The build failed by itself: no checks will run, and the attempt ends. */
void recorder_build_failed(struct recorder *r);

/* Ends an attempt that has not ended yet as interrupted, and closes the store. NULL is fine. */
void recorder_close(struct recorder *r);

#endif
