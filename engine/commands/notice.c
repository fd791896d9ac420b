#include "commands/notice.h"

#include <stdio.h>

void notice_event(void *command, const struct event *e)
{
    const struct command *c = command;
    if (e->type == EVENT_NOTICE)
        fprintf(stderr, "lux %s: %s\n", c->name, e->notice.text);
}
