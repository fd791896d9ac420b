/* lockd in five parts: the log on disk (store.c), the locks (locks.c), Raft (raft.c), connections (net.c), and the program
 * that joins them (main.c). Times are milliseconds of the monotonic clock. */
#ifndef LOCKD_H
#define LOCKD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SERVERS_MAX = 9, COMMAND_MAX = 256, ANSWER_MAX = 128, LINE_SIZE = 1024 };

int64_t now_ms(void);
_Noreturn void give_up(const char *what); /* with errno: a server that cannot keep its promises must not run */

/* ---- store.c: term, vote and log. Once a function is back and store_sync was called, it outlives the process. ---- */

struct entry {
    uint64_t term;
    char command[COMMAND_MAX]; /* "" does nothing: the first entry of each leader */
};

struct store {
    int fd;
    uint64_t term;
    int vote; /* in that term; 0: nobody */
    struct entry *log; /* log[0] is a sentinel of term 0; the first entry has index 1 */
    uint64_t last;
    uint64_t capacity;
    bool unsynced;
};

void store_open(struct store *s, const char *directory);
void store_set_term(struct store *s, uint64_t term, int vote);
/* Puts an entry at this index; whatever was there and behind it is gone. */
void store_put(struct store *s, uint64_t index, uint64_t term, const char *command);
void store_sync(struct store *s);

/* ---- locks.c: the state machine. The same commands in the same order give the same answers everywhere. ---- */

/* Carries out "ACQUIRE lock client seq ttl", "RELEASE lock client seq token", "STATUS lock" or "EXPIRE lock token". */
void locks_apply(const char *command, char answer[ANSWER_MAX]);
/* The times to live are no part of that: each server has a clock of its own, and the leader's counts. Begins all of
 * them anew; and the EXPIRE of a lock whose time is over, once each; false: there is none. */
void locks_begin_leases(int64_t now);
bool locks_next_expired(int64_t now, char command[COMMAND_MAX]);
int64_t locks_next_end(void);

/* ---- raft.c ---- */

void raft_start(const char *directory, int id, int servers);
/* What a peer said. */
void raft_hear(int from, const char *line);
/* Times that have passed. Returns when it wants to be called again. */
int64_t raft_tick(void);
/* A command of the client on this connection; net_to_client() is called with the answer, at once or later. */
void raft_propose(uint64_t connection, const char *command);
void raft_role(char answer[ANSWER_MAX]);

/* ---- net.c ---- */

void net_start(const char *client_port, const char *peers, int id, int *servers);
/* Waits until this time at most, and reports lines with raft_hear() and main_command(): the next one of a client when
 * the one before is answered. */
void net_wait(int64_t until);
void net_to_peer(int id, const char *line); /* lost if it cannot be reached */
void net_to_client(uint64_t connection, const char *line);

/* ---- main.c ---- */

void main_command(uint64_t connection, const char *line);

#endif
