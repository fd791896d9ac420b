/* What a check needs of its sandbox beyond what every level has: sandbox/sandbox.h. It is skipped where that is
 * missing, and never fails for it. Every verb that touches what could be the host's asks here first. */
#ifndef HARNESS_LEVEL_H
#define HARNESS_LEVEL_H

#include <stdbool.h>

bool has_own_network(void);
bool has_own_files(void);

/* Each skips the check where its sandbox has none. The purpose completes "This check needs a network of its own
 * ...": require_own_network("to say which ports the kernel gives to connections"). */
void require_own_network(const char *purpose);
void require_own_files(const char *purpose); /* mounts, so that a file can be replaced for it alone */
void require_own_pids(const char *purpose);  /* pids and a /proc, and programs may have their own in turn */
void require_root(void); /* programs may be root of it, as those of an .as_root check are */
/* Skips it where a program could not bind this port, because it is below 1024. */
void require_bindable(int port);

/* Takes the port for this check, as long as it runs: false if it has taken it before, or, where the network is shared,
 * another check has it. */
bool claim_port(int port);

#endif
