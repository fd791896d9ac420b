/* The table of all screens, for golden tests. */
#ifndef TESTS_SCREENS_H
#define TESTS_SCREENS_H

#include "model/model.h"

struct screen {
    const char *name;
    void (*set_up)(struct model *m); /* NULL: as it is after the start */
    int rows, cols;                  /* 0: at all three sizes */
};
extern const struct screen screens[];
extern const size_t screen_count;

#endif
