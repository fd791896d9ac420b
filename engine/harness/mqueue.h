/* POSIX message queues, to be included by challenges beside check.h: mq_overview(7). The sandbox has queues of its own;
 * a check is skipped where the machine has none. */
#ifndef HARNESS_MQUEUE_H
#define HARNESS_MQUEUE_H

#include "harness/check.h"

typedef struct message_queue MessageQueue;

struct mqueue_options {
    int messages; /* mq_maxmsg; 0: 10 */
    int size;     /* mq_msgsize in bytes; 0: 8192 */
    int mode;     /* permissions; 0: 0600 */
};
/* A name that nothing has, "/q-48151". A check that uses only such names runs without files of its own, too, and
 * what has them is removed at its end; with any other name it is skipped there. */
const char *mqueue_name(void);
/* Makes the queue: mqueue_create("/q", .messages = 4). */
#define mqueue_create(name, ...) mqueue_create_(name, &(const struct mqueue_options){__VA_ARGS__})
MessageQueue *mqueue_create_(const char *name, const struct mqueue_options *o);
/* Waits until a program has made it. */
#define mqueue_open(name, ...) mqueue_open_(name, WAIT_(__VA_ARGS__))
MessageQueue *mqueue_open_(const char *name, const struct wait_options *w);
void mqueue_remove(const char *name);
/* Until there is no such queue. */
#define expect_no_mqueue(name, ...) expect_no_mqueue_(name, WAIT_(__VA_ARGS__))
void expect_no_mqueue_(const char *name, const struct wait_options *w);

/* Sends without blocking; the check is broken if the queue is full. */
void mqueue_send(MessageQueue *q, Bytes b, unsigned priority);
/* Messages that wait in it at this moment, what it has room for, and its permissions. */
int mqueue_waiting(MessageQueue *q);
int mqueue_room(MessageQueue *q);
int mqueue_message_size(MessageQueue *q);
int mqueue_permissions(MessageQueue *q);
/* The next message in the queue is this, with this priority. */
#define expect_message(q, b, priority, ...) expect_message_(q, b, priority, WAIT_(__VA_ARGS__))
void expect_message_(MessageQueue *q, Bytes b, unsigned priority, const struct wait_options *w);
/* Until somebody has taken everything. */
#define expect_mqueue_empty(q, ...) expect_mqueue_empty_(q, WAIT_(__VA_ARGS__))
void expect_mqueue_empty_(MessageQueue *q, const struct wait_options *w);

#endif
