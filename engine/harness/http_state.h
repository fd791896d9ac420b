/* What failures ask of HTTP connections. */
#ifndef HARNESS_HTTP_STATE_H
#define HARNESS_HTTP_STATE_H

#include "harness/check.h"

/* One of our backends has sent a whole reply on it, to the last request, and keeps it open. */
bool http_is_answered(const Conn *c);

#endif
