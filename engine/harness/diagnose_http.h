/* What a failure usually means when HTTP was spoken. */
#ifndef HARNESS_DIAGNOSE_HTTP_H
#define HARNESS_DIAGNOSE_HTTP_H

#include "harness/diagnose.h"

/* One of the patterns of diagnose(): false unless something fits that only HTTP has. */
bool diagnose_http(const struct symptoms *s, struct diagnosis *out);

#endif
