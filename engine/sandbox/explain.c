#include "sandbox/world.h"

#include <string.h>

void explain_failure(const struct world *w, struct error *err)
{
    error_set(err, "sandbox step %d failed: %s (%s)", w->report->step, strerror(w->report->error),
              w->report->detail);
}
