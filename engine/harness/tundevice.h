/* The /dev/net/tun of a program: the kernel's where it opens, and an emulation elsewhere. */
#ifndef HARNESS_TUNDEVICE_H
#define HARNESS_TUNDEVICE_H

#include "harness/check.h"
#include "harness/links.h"
#include "harness/supervise.h"

/* For a program on this machine: whether calls have to be supervised for it, which are then added. Skips the check where there is neither. */
bool tundevice_is_emulated(enum tun_kind kind, Node *node);
void tundevice_supervise(struct supervisor *s);

#endif
