/* Any bytes as the report of a puppet: what is read of them lies within them, and a report that is cut anywhere may
 * still become one. */
#include "harness/facts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct facts f = {0};
    size_t used, length = 0;
    enum facts_progress progress = facts_parse((Bytes){data, size}, &f, &used);

    for (size_t i = 0; i < f.n; i++)
        length += strlen(f.all[i].name) + strlen(f.all[i].value);
    if (used > size || length > size || (progress == FACTS_WHOLE) != (used > 0) || f.n > FACTS_MAX ||
        (progress != FACTS_WHOLE && f.n))
        abort();
    facts_free(&f);
    if (progress == FACTS_WHOLE && used > 1) {
        if (facts_parse((Bytes){data, data[0] % used}, &f, &used) != FACTS_MORE)
            abort();
    }
    return 0;
}
