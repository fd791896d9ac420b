/* What a failure usually means when a datagram was expected. */
#ifndef HARNESS_DIAGNOSE_DATAGRAM_H
#define HARNESS_DIAGNOSE_DATAGRAM_H

#include "harness/diagnose.h"

/* One of the patterns of diagnose(): false unless a datagram was expected and something fits. */
bool diagnose_datagram(const struct symptoms *s, struct diagnosis *out);

#endif
