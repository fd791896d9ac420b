/* Any bytes as the maps of a process: what is read of them lies within them, and more lines never make a mapping worse. */
#include "harness/maps.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum mapping whole = maps_find((Bytes){data, size}, "/dev/shm/q");

    for (size_t i = 0; i < size; i++)
        if (data[i] == '\n' && maps_find((Bytes){data, i}, "/dev/shm/q") > whole)
            abort();
    return 0;
}
