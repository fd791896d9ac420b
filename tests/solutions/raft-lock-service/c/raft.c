/* Raft, after figure 2 of "In Search of an Understandable Consensus Algorithm (Extended Version)", with what its
 * section 8 says of clients. Messages between servers are lines:
 *
 *     VOTE term last-index last-term                       VOTED term granted
 *     APPEND term prev-index prev-term commit [entry-term command]
 *     APPENDED term success match-index
 *
 * An APPEND carries one entry or none. Reads go through the log as well: what they see is what a majority agrees on.
 * A leader that a majority has not answered for a while steps down, and tells its clients that it does not know. */
#include "lockd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEARTBEAT_MS = 100, ELECTION_MS = 600 /* to twice that */, IN_FLIGHT = 32 };

enum role { FOLLOWER, CANDIDATE, LEADER };

struct peer {
    uint64_t next, match; /* as in the paper */
    int64_t heard;        /* when it last answered this leader */
    bool granted;
};

struct waiting { /* a client that waits for the entry at an index */
    struct waiting *next;
    uint64_t index, connection;
};

static struct store store;
static int self, servers;
static enum role role;
static int leader;
static uint64_t commit, applied;
static int64_t election_at, heartbeat_at;
static struct peer peers[SERVERS_MAX + 1];
static struct waiting *waiting;

static void send_append(int to);

/* ---- Roles ---- */

static void put_off_election(void)
{
    election_at = now_ms() + ELECTION_MS + rand() % ELECTION_MS;
}

/* Whoever waits is told that nobody knows: what was proposed may be carried out yet, or never. */
static void disappoint_clients(void)
{
    while (waiting) {
        struct waiting *w = waiting;
        waiting = w->next;
        net_to_client(w->connection, "UNKNOWN");
        free(w);
    }
}

static void become_follower(uint64_t term, int of)
{
    if (term > store.term)
        store_set_term(&store, term, 0);
    if (role == LEADER)
        put_off_election();
    role = FOLLOWER;
    leader = of;
    disappoint_clients();
}

static void become_candidate(void)
{
    char line[LINE_SIZE];

    role = CANDIDATE;
    leader = 0;
    store_set_term(&store, store.term + 1, self);
    store_sync(&store);
    put_off_election();
    for (int i = 1; i <= servers; i++)
        peers[i].granted = i == self;
    snprintf(line, sizeof line, "VOTE %" PRIu64 " %" PRIu64 " %" PRIu64, store.term, store.last,
             store.log[store.last].term);
    for (int i = 1; i <= servers; i++)
        if (i != self)
            net_to_peer(i, line);
}

static void become_leader(void)
{
    role = LEADER;
    leader = self;
    locks_begin_leases(now_ms());
    for (int i = 1; i <= servers; i++)
        peers[i] = (struct peer){.next = store.last + 1, .heard = now_ms()};
    store_put(&store, store.last + 1, store.term, ""); /* what is older commits with it: section 5.4.2 */
    heartbeat_at = 0;
}

/* ---- Replication ---- */

static void apply_committed(void)
{
    char answer[ANSWER_MAX];

    while (applied < commit) {
        applied++;
        locks_apply(store.log[applied].command, answer);
        for (struct waiting **w = &waiting; *w;) {
            if ((*w)->index != applied) {
                w = &(*w)->next;
                continue;
            }
            struct waiting *done = *w;
            *w = done->next;
            net_to_client(done->connection, answer);
            free(done);
        }
    }
}

/* The highest index that a majority has. Entries of earlier terms are never counted by themselves. */
static void advance_commit(void)
{
    for (uint64_t n = store.last; n > commit && store.log[n].term == store.term; n--) {
        int have = 1;
        for (int i = 1; i <= servers; i++)
            have += i != self && peers[i].match >= n;
        if (2 * have > servers) {
            commit = n;
            break;
        }
    }
    apply_committed();
}

static void send_append(int to)
{
    struct peer *p = &peers[to];
    char line[LINE_SIZE];
    uint64_t prev = p->next - 1;
    store_sync(&store); /* nobody may have what we could lose */
    int n = snprintf(line, sizeof line, "APPEND %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, store.term, prev,
                     store.log[prev].term, commit);

    if (p->next <= store.last)
        snprintf(line + n, sizeof line - (size_t)n, " %" PRIu64 " %s", store.log[p->next].term,
                 store.log[p->next].command);
    net_to_peer(to, line);
}

/* New entries go out at once, some of them before earlier ones are answered; what gets lost is sent again with the
 * next heartbeat. */
static void send_new(int to)
{
    struct peer *p = &peers[to];
    while (p->next <= store.last && p->next <= p->match + IN_FLIGHT) {
        send_append(to);
        p->next++;
    }
}

static void hear_append(int from, const char *line)
{
    uint64_t term, prev, prev_term, leader_commit, entry_term;
    int at = 0, entry_at = 0;
    char reply[LINE_SIZE];
    bool success = false;
    uint64_t match = 0;

    if (sscanf(line, "APPEND %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n", &term, &prev, &prev_term,
               &leader_commit, &at) != 4)
        return;
    if (term >= store.term) {
        if (term > store.term || role != FOLLOWER || leader != from)
            become_follower(term, from);
        put_off_election();
        success = prev <= store.last && store.log[prev].term == prev_term;
    }
    if (success) {
        match = prev;
        if (sscanf(line + at, " %" SCNu64 " %n", &entry_term, &entry_at) == 1 && entry_at > 0) {
            match = prev + 1;
            if (match > store.last || store.log[match].term != entry_term) /* never cut what is there already */
                store_put(&store, match, entry_term, line + at + entry_at);
        }
        if (leader_commit > commit && match > commit)
            commit = leader_commit < match ? leader_commit : match;
    } else {
        match = prev > store.last ? store.last : prev > 0 ? prev - 1 : 0; /* where to try next */
    }
    store_sync(&store); /* before anybody is told */
    snprintf(reply, sizeof reply, "APPENDED %" PRIu64 " %d %" PRIu64, store.term, success, match);
    net_to_peer(from, reply);
    apply_committed();
}

static void hear_appended(int from, const char *line)
{
    uint64_t term, match;
    int success;

    if (sscanf(line, "APPENDED %" SCNu64 " %d %" SCNu64, &term, &success, &match) != 3)
        return;
    if (term > store.term)
        become_follower(term, 0);
    if (role != LEADER || term < store.term)
        return;
    struct peer *p = &peers[from];
    p->heard = now_ms();
    if (!success) {
        if (match >= p->match && match < p->next) {
            p->next = match + 1;
            send_append(from);
        }
        return;
    }
    if (match > p->match)
        p->match = match;
    if (p->next <= p->match)
        p->next = p->match + 1;
    advance_commit();
    send_new(from);
}

/* ---- Elections ---- */

static void hear_vote(int from, const char *line)
{
    uint64_t term, last, last_term;
    char reply[LINE_SIZE];

    if (sscanf(line, "VOTE %" SCNu64 " %" SCNu64 " %" SCNu64, &term, &last, &last_term) != 3)
        return;
    if (term > store.term)
        become_follower(term, 0);
    uint64_t own = store.log[store.last].term;
    bool up_to_date = last_term > own || (last_term == own && last >= store.last);
    bool granted = term == store.term && role == FOLLOWER && (store.vote == 0 || store.vote == from) && up_to_date;
    if (granted) {
        store_set_term(&store, term, from);
        put_off_election();
    }
    store_sync(&store);
    snprintf(reply, sizeof reply, "VOTED %" PRIu64 " %d", store.term, granted);
    net_to_peer(from, reply);
}

static void win_if_elected(void)
{
    int votes = 0;
    for (int i = 1; i <= servers; i++)
        votes += peers[i].granted;
    if (role == CANDIDATE && 2 * votes > servers)
        become_leader();
}

static void hear_voted(int from, const char *line)
{
    uint64_t term;
    int granted;

    if (sscanf(line, "VOTED %" SCNu64 " %d", &term, &granted) != 2)
        return;
    if (term > store.term)
        become_follower(term, 0);
    if (role == CANDIDATE && term == store.term && granted) {
        peers[from].granted = true;
        win_if_elected();
    }
}

void raft_hear(int from, const char *line)
{
    hear_append(from, line);
    hear_appended(from, line);
    hear_vote(from, line);
    hear_voted(from, line);
}

/* ---- Time ---- */

static bool has_majority(void)
{
    int there = 1;
    for (int i = 1; i <= servers; i++)
        there += i != self && now_ms() - peers[i].heard < 2 * ELECTION_MS;
    return 2 * there > servers;
}

static void end_leases(int64_t now)
{
    char command[COMMAND_MAX];
    while (locks_next_expired(now, command))
        store_put(&store, store.last + 1, store.term, command);
}

int64_t raft_tick(void)
{
    int64_t now = now_ms();

    if (role != LEADER && now >= election_at) {
        become_candidate();
        win_if_elected(); /* a cluster of one */
    }
    if (role == LEADER && !has_majority())
        become_follower(store.term, 0);
    if (role != LEADER)
        return election_at;
    end_leases(now);
    store_sync(&store);
    advance_commit();
    bool beat = now >= heartbeat_at;
    if (beat)
        heartbeat_at = now + HEARTBEAT_MS;
    for (int i = 1; i <= servers; i++) {
        if (i == self)
            continue;
        if (beat) {
            if (peers[i].next > peers[i].match + 1) /* not answered since the last one: perhaps lost */
                peers[i].next = peers[i].match + 1;
            if (peers[i].next > store.last)
                send_append(i);
        }
        send_new(i);
    }
    int64_t end = locks_next_end();
    return end < heartbeat_at ? end : heartbeat_at;
}

/* ---- Clients ---- */

void raft_propose(uint64_t connection, const char *command)
{
    char answer[ANSWER_MAX];

    if (role != LEADER) {
        snprintf(answer, sizeof answer, "NOTLEADER %d", leader);
        net_to_client(connection, answer);
        return;
    }
    struct waiting *w = calloc(1, sizeof *w);
    if (!w)
        give_up("memory");
    store_put(&store, store.last + 1, store.term, command);
    w->index = store.last;
    w->connection = connection;
    w->next = waiting;
    waiting = w;
}

void raft_role(char answer[ANSWER_MAX])
{
    static const char *const names[] = {"FOLLOWER", "CANDIDATE", "LEADER"};
    snprintf(answer, ANSWER_MAX, "%s %" PRIu64, names[role], store.term);
}

void raft_start(const char *directory, int id, int count)
{
    self = id;
    servers = count;
    srand((unsigned)(now_ms() * 31 + id));
    store_open(&store, directory);
    put_off_election();
}
