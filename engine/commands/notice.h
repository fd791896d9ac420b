/* A reader of the event stream for commands whose standard output belongs to something else: notices go to
 * standard error, and a build that fails is shown there whole. */
#ifndef COMMANDS_NOTICE_H
#define COMMANDS_NOTICE_H

#include "commands/commands.h"
#include "event/event.h"

/* An event_handler; context is the const struct command *. */
void notice_event(void *command, const struct event *e);

#endif
