/* YAML files with a known shape: libcyaml's schema tables in, C structs out, and errors that name file and
 * line. Aliases are refused, because a few lines of them can expand to gigabytes. */
#ifndef COURSE_YAMLFILE_H
#define COURSE_YAMLFILE_H

#include "base/error.h"

#include <cyaml/cyaml.h>
#include <stddef.h>

enum { YAMLFILE_MAX = 1 << 20 };

/* Reads the text as the schema says; *out is given back by yamlfile_free with the same schema. `name` is the
 * file for the messages, and first_line the number of the text's first line in it. Fails for an empty text.
 */
int yamlfile_parse(const char *name, int first_line, const char *text, size_t n,
                   const cyaml_schema_value_t *schema, void **out, struct error *err);

/* The same for a whole file. */
int yamlfile_read(const char *path, const cyaml_schema_value_t *schema, void **out, struct error *err);

void yamlfile_free(const cyaml_schema_value_t *schema, void *data);

#endif
