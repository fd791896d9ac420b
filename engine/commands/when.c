#include "commands/when.h"

#include <stdio.h>
#include <time.h>

const char *when_words(int64_t unix_seconds, char room[WHEN_ROOM])
{
    time_t t = (time_t)unix_seconds;
    struct tm local;
    if (unix_seconds == 0 || !localtime_r(&t, &local) || !strftime(room, WHEN_ROOM, "%Y-%m-%d %H:%M", &local))
        return "unknown time";
    return room;
}

const char *length_words(double ms, char room[WHEN_ROOM])
{
    if (ms <= 0)
        return "";
    if (ms < 60e3)
        snprintf(room, WHEN_ROOM, "%.1f s", ms / 1e3);
    else
        snprintf(room, WHEN_ROOM, "%.0f min", ms / 60e3);
    return room;
}
