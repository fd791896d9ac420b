/* Strict little readers of the formats that lux writes for other programs. Each returns NULL when the text is
 * what it should be, otherwise what is wrong with it and where. */
#ifndef TESTS_WELLFORMED_H
#define TESTS_WELLFORMED_H

#include <stddef.h>

/* One XML element with a declaration before it: tags that match, attributes quoted and unique, only the five
 * entities and decimal references, only characters that XML 1.0 allows. */
const char *xml_error(const char *text, size_t len);

/* TAP version 14 without subtests: version line, one plan, points numbered from 1, as many as planned unless
 * it bails out, YAML blocks closed. */
const char *tap_error(const char *text);

/* NDJSON of the event stream: every line decodes, run_start comes before its checks, run_end is last. */
const char *ndjson_error(const char *text);

#endif
