/* The fields of every event as tables: one description from which an event is written and read back. */
#ifndef EVENT_SHAPE_H
#define EVENT_SHAPE_H

#include "event/event.h"

#include <stddef.h>

enum field_kind {
    FIELD_TEXT,     /* const char *; reads as "" when missing */
    FIELD_OPTIONAL, /* const char *; reads as NULL when missing */
    FIELD_TEXTS,    /* const char ** with a count */
    FIELD_INT,      /* int */
    FIELD_COUNT,    /* uint64_t, as a number */
    FIELD_SEED,     /* uint64_t, as a string of decimal digits */
    FIELD_OFFSET,   /* int64_t; -1 is none: left out, and what a missing one reads as */
    FIELD_REAL,     /* double */
    FIELD_BOOL,     /* bool */
    FIELD_STREAM,   /* bool as "stdout" (false) or "stderr" (true) */
    FIELD_TIER,     /* enum tier as a word, and so on */
    FIELD_VERDICT,
    FIELD_CAUSE,
    FIELD_OBJECT,  /* struct; left out when the text that its shape is named by is NULL */
    FIELD_POINTER, /* struct *; left out when NULL */
    FIELD_OBJECTS  /* struct * with a count */
};

struct field {
    const char *name; /* NULL ends a table */
    enum field_kind kind;
    size_t offset;             /* from the start of the struct */
    size_t count_offset;       /* of the size_t that counts, for arrays */
    const struct shape *shape; /* of the struct, for objects */
};

struct shape {
    size_t size; /* of the C struct */
    const char
        *label; /* the field that says in words what an item is: there it is said when items are left out */
    const struct field *fields;
};

struct event_shape {
    const char *type;           /* the word */
    const struct field *fields; /* offsets from the start of struct event */
};

/* By enum event_type. */
extern const struct event_shape event_shapes[EVENT_NOTICE + 1];

#endif
