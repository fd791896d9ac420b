/* Moments and lengths of time, for people. */
#ifndef COMMANDS_WHEN_H
#define COMMANDS_WHEN_H

#include <stddef.h>
#include <stdint.h>

enum { WHEN_ROOM = 32 };

/* "2024-05-31 14:03", in the local time zone; "unknown time" for 0. */
const char *when_words(int64_t unix_seconds, char room[WHEN_ROOM]);

/* "0.8 s", "2 min"; "" for 0. */
const char *length_words(double ms, char room[WHEN_ROOM]);

#endif
