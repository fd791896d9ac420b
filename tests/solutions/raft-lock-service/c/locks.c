/* The locks, and what each client was answered last. */
#include "lockd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_ = 64 };

struct lock {
    struct lock *next;
    char name[NAME_MAX_ + 1], holder[NAME_MAX_ + 1];
    uint64_t token; /* of the holder; 0: it is free */
    int64_t ttl_ms, ends; /* by the clock of this server; INT64_MAX: its end is under way */
};

struct session {
    struct session *next;
    char client[NAME_MAX_ + 1];
    uint64_t seq;
    char answer[ANSWER_MAX];
};

static struct lock *locks;
static struct session *sessions;
static uint64_t last_token; /* of all locks together: it only rises */

static struct lock *lock_named(const char *name)
{
    for (struct lock *l = locks; l; l = l->next)
        if (strcmp(l->name, name) == 0)
            return l;
    struct lock *l = calloc(1, sizeof *l);
    if (!l)
        give_up("memory");
    snprintf(l->name, sizeof l->name, "%s", name);
    l->next = locks;
    return locks = l;
}

static struct session *session_of(const char *client)
{
    for (struct session *s = sessions; s; s = s->next)
        if (strcmp(s->client, client) == 0)
            return s;
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        give_up("memory");
    snprintf(s->client, sizeof s->client, "%s", client);
    s->next = sessions;
    return sessions = s;
}

static void acquire(struct lock *l, const char *client, int64_t ttl_ms, char answer[ANSWER_MAX])
{
    if (l->token) {
        snprintf(answer, ANSWER_MAX, "HELD %" PRIu64, l->token);
        return;
    }
    snprintf(l->holder, sizeof l->holder, "%s", client);
    l->token = ++last_token;
    l->ttl_ms = ttl_ms;
    l->ends = now_ms() + ttl_ms;
    snprintf(answer, ANSWER_MAX, "OK %" PRIu64, l->token);
}

static bool release(struct lock *l, uint64_t token)
{
    if (l->token == 0 || l->token != token)
        return false;
    l->token = 0;
    return true;
}

void locks_apply(const char *command, char answer[ANSWER_MAX])
{
    char verb[16], name[NAME_MAX_ + 1], client[NAME_MAX_ + 1];
    uint64_t seq, number;

    answer[0] = '\0';
    if (sscanf(command, "STATUS %64s", name) == 1) {
        struct lock *l = lock_named(name);
        if (l->token)
            snprintf(answer, ANSWER_MAX, "HELD %s %" PRIu64, l->holder, l->token);
        else
            snprintf(answer, ANSWER_MAX, "FREE");
    } else if (sscanf(command, "EXPIRE %64s %" SCNu64, name, &number) == 2) {
        release(lock_named(name), number);
    } else if (sscanf(command, "%15s %64s %64s %" SCNu64 " %" SCNu64, verb, name, client, &seq, &number) == 5) {
        struct session *s = session_of(client);
        if (seq < s->seq) {
            snprintf(answer, ANSWER_MAX, "STALE");
            return;
        }
        if (seq > s->seq) { /* otherwise it was carried out already: the same answer */
            s->seq = seq;
            if (strcmp(verb, "ACQUIRE") == 0)
                acquire(lock_named(name), client, (int64_t)number, s->answer);
            else
                snprintf(s->answer, ANSWER_MAX, "%s", release(lock_named(name), number) ? "OK" : "STALE");
        }
        snprintf(answer, ANSWER_MAX, "%s", s->answer);
    }
}

void locks_begin_leases(int64_t now)
{
    for (struct lock *l = locks; l; l = l->next)
        l->ends = now + l->ttl_ms;
}

int64_t locks_next_end(void)
{
    int64_t next = INT64_MAX;
    for (const struct lock *l = locks; l; l = l->next)
        if (l->token && l->ends < next)
            next = l->ends;
    return next;
}

bool locks_next_expired(int64_t now, char command[COMMAND_MAX])
{
    for (struct lock *l = locks; l; l = l->next)
        if (l->token && l->ends <= now) {
            l->ends = INT64_MAX;
            snprintf(command, COMMAND_MAX, "EXPIRE %s %" PRIu64, l->name, l->token);
            return true;
        }
    return false;
}
