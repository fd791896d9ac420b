/* Syslog messages, to be included by challenges beside check.h: what is in them, and a /dev/log of the checker's own. */
#ifndef HARNESS_SYSLOG_H
#define HARNESS_SYSLOG_H

#include "harness/check.h"
#include "harness/datagram.h"

enum syslog_kind {
    SYSLOG_LOCAL, /* as syslog(3) writes to /dev/log: "<13>Nov  6 09:05:01 tag[pid]: text" */
    SYSLOG_3164,  /* with a host between: RFC 3164, section 4.1 */
    SYSLOG_5424   /* "<13>1 2026-11-06T09:05:01.5Z host app 7 id [x a=\"b\"] text": RFC 5424, section 6 */
};

typedef struct {
    int facility, severity;
    const char *time, *host, *app, *pid, *id; /* app: the tag; "" if it is not there, or "-" */
    const char *data;                         /* the structured data, "-" if there are none; of RFC 5424 */
    Bytes text;                               /* without the byte order mark */
} SyslogMessage;

/* Reads a message, strictly; a pure function. NULL: it is one; otherwise what is wrong with it, in a sentence. What is
 * stored lives as long as the check. */
const char *syslog_parse(Bytes message, enum syslog_kind kind, SyslogMessage *out);

/* /dev/log, for programs that log: datagrams, or connections for accept_conn(). Skips the check where /dev is not its
 * own. */
DatagramSocket *dev_log(void);
Listener *dev_log_stream(void);
/* The next datagram, which is a message of this kind; a failure says where it is not. */
#define receive_syslog(u, kind, ...) receive_syslog_(u, kind, WAIT_(__VA_ARGS__))
SyslogMessage receive_syslog_(DatagramSocket *u, enum syslog_kind kind, const struct wait_options *w);

/* As it goes over TCP with octet counting, "5 hello": RFC 6587, section 3.4.1. */
Bytes syslog_counted(Bytes message);

#endif
