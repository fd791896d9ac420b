/* Machines as the verbs of links.h see them: the checker goes to one, makes or looks at something, and comes home. A
 * Node that is NULL is the programs' one, which is home. */
#ifndef HARNESS_NODES_H
#define HARNESS_NODES_H

#include "harness/links.h"
#include "harness/world.h"

void node_go(const Node *node);
void node_go_home(void);
const char *node_name(const Node *node);
/* The descriptor of its network namespace. */
int node_namespace(const Node *node);
/* Whether an interface there has one of these flags, IFF_UP or another: netdevice(7). */
bool node_has_flag(Node *node, const char *interface, unsigned flag);

#endif
