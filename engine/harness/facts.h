/* The report of a puppet as bytes: "report", lines of a name and a value with a space between, "end". */
#ifndef HARNESS_FACTS_H
#define HARNESS_FACTS_H

#include "harness/check.h"

enum { FACTS_MAX = 8192 }; /* lines of a report; one with more is no report */

struct one_fact {
    char *name, *value; /* value: "" if there is none */
};

struct facts {
    const char *teller; /* "the command of ./container": who says so, in failures */
    struct one_fact *all;
    size_t n;
};

enum facts_progress {
    FACTS_MORE, /* so far it is a report */
    FACTS_WHOLE,
    FACTS_BAD /* it cannot become one */
};

/* Reads a report at the beginning of the bytes. Of a whole one, and only then, *out (empty before) has the facts and *used
 * the length. */
enum facts_progress facts_parse(Bytes b, struct facts *out, size_t *used);
/* Checks need not: they end with their process. */
void facts_free(struct facts *f);

#endif
