/* The language of checks, continued: clusters, which are several of the learner's programs that talk to each other.
 *
 * What one member says to another passes a proxy of the checker, which can be cut in each direction, as a cable or a
 * firewall would: the connections stay, nothing arrives, and when the link heals all of it does. The members are
 * numbered from 1. How a member is started, and how it learns of the others, is the check's to say, in one function:
 *
 *     static Program *lockd(Cluster *c, int i)
 *     {
 *         const char *env[] = {format("LOCKD_PEERS=%s", cluster_addresses(c, i)), NULL};
 *         return start_with((.env = env), cluster_port(c, i));
 *     }
 *
 *     Cluster *c = cluster(3, lockd);
 *     partition(c, "1|23");
 */
#ifndef HARNESS_CLUSTER_H
#define HARNESS_CLUSTER_H

#include "harness/check.h"

enum { CLUSTER_MAX = 9 };

typedef struct cluster Cluster;
typedef Program *member_starter(Cluster *c, int member);

/* Makes the proxies and starts all members. */
Cluster *cluster(int members, member_starter *starter);
int cluster_size(const Cluster *c);

/* ---- What a member is told ----------------------------------------------------------------------------- */

/* The port for its clients, as text. */
const char *cluster_port(Cluster *c, int member);
/* Where member `from` reaches member `to`: "127.0.0.1:9001"; of itself, where it is to listen for the others. */
const char *cluster_address(Cluster *c, int from, int to);
/* All of them, from its point of view: "1=127.0.0.1:9001,2=127.0.0.1:9002". */
const char *cluster_addresses(Cluster *c, int from);
/* A directory of its own, which is there and outlives the program. */
const char *cluster_directory(Cluster *c, int member);

/* ---- Members ------------------------------------------------------------------------------------------- */

Program *member(Cluster *c, int member);
bool member_runs(Cluster *c, int member); /* it was not killed, and has not ended */
bool member_is_paused(Cluster *c, int member);
/* SIGKILL, until it is gone. */
void kill_member(Cluster *c, int member);
/* Starts it anew, on its ports and with its directory. */
void restart_member(Cluster *c, int member);
/* SIGSTOP, until all of its threads have stopped, and SIGCONT. */
void pause_member(Cluster *c, int member);
void resume_member(Cluster *c, int member);

/* ---- Links --------------------------------------------------------------------------------------------- */

/* What `from` sends does not arrive at `to` any more, over whichever connection. And it does again. */
void cut_link(Cluster *c, int from, int to);
void heal_link(Cluster *c, int from, int to);
/* Members of different groups hear nothing of each other, those of one group do: partition(c, "12|345"). Who is not
 * named is alone. */
void partition(Cluster *c, const char *groups);
/* One against all others, in both directions. */
void isolate(Cluster *c, int member);
void heal_all(Cluster *c);
/* Resets every connection between the two. */
void break_connections(Cluster *c, int a, int b);

/* Bytes that have arrived at `to` from `from` so far. */
uint64_t bytes_between(Cluster *c, int from, int to);
/* All bytes between members so far. */
uint64_t bytes_in_cluster(Cluster *c);

#endif
