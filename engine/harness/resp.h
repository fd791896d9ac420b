/* The Redis serialization protocol, version 2, to be included by challenges beside check.h: values as bytes, for peers
 * that read what a client sends and answer it, and for servers that speak it. Pure. */
#ifndef HARNESS_RESP_H
#define HARNESS_RESP_H

#include "harness/check.h"

enum resp_type { RESP_SIMPLE = '+', RESP_ERROR = '-', RESP_INTEGER = ':', RESP_BULK = '$', RESP_ARRAY = '*' };

enum {
    RESP_BULK_MAX = 512 << 20, /* bytes of a bulk string */
    RESP_DEPTH_MAX = 32,       /* arrays within arrays */
    RESP_ITEMS_MAX = 1 << 20   /* of one array */
};

typedef struct resp_value {
    enum resp_type type;
    bool null;  /* "$-1", "*-1" */
    Bytes text; /* of strings and errors */
    int64_t integer;
    struct resp_value *items; /* of an array */
    size_t n;
} RespValue;

enum resp_progress { RESP_MORE, RESP_WHOLE, RESP_BAD };

/* Reads a value at the beginning of the bytes, strictly; *used is its length, *wrong a sentence about a bad one. Texts
 * point into the bytes. */
enum resp_progress resp_parse(Bytes b, RespValue *out, size_t *used, const char **wrong);

/* A command as a client has to send it, an array of bulk strings: resp_command("SET", "key", "value"). */
#define resp_command(...) resp_command_((const char *const[]){__VA_ARGS__, NULL})
Bytes resp_command_(const char *const *words);
Bytes resp_bulk(Bytes b);

/* The next value on a connection; a bad one is a failure. */
#define receive_resp(c, ...) receive_resp_(c, WAIT_(__VA_ARGS__))
RespValue receive_resp_(Conn *c, const struct wait_options *w);

#endif
