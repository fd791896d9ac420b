/* libcyaml says what is wrong by its log: one line with the reason, then a backtrace whose first line has the
 * place. Both are collected here and made into one sentence. */
#include "course/yamlfile.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct complaint {
    char reason[512]; /* what the library said first; longer reasons are cut */
    char field[128];  /* of the innermost mapping; "" outside of one */
    int line;         /* 0: not known */
};

__attribute__((format(printf, 3, 0))) static void collect(cyaml_log_t level, void *context,
                                                          const char *format, va_list arguments)
{
    struct complaint *c = context;
    char text[512];
    (void)level;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';

    const char *place = strstr(text, "(line: ");
    if (place) {
        if (c->line == 0) {
            c->line = (int)strtol(place + strlen("(line: "), NULL, 10);
            const char *quote = strchr(text, '\'');
            size_t n = quote && quote < place ? strcspn(quote + 1, "'") : 0;
            if (n > 0 && n < sizeof c->field)
                snprintf(c->field, sizeof c->field, "%.*s", (int)n, quote + 1);
        }
        return;
    }
    const char *reason = text;
    for (const char *const *prefix = (const char *const[]){"Load: ", "libyaml: ", NULL}; *prefix; prefix++)
        if (strncmp(reason, *prefix, strlen(*prefix)) == 0)
            reason += strlen(*prefix);
    if (c->reason[0] == '\0' && strncmp(reason, "Backtrace", 9) != 0)
        snprintf(c->reason, sizeof c->reason, "%s", reason);
}

/* For a key that it does not know the library names the line of the key before: looks for the key from there
 * on. */
static int line_of_key(const char *text, size_t n, const struct complaint *c)
{
    static const char unexpected[] = "Unexpected key: ";
    if (strncmp(c->reason, unexpected, strlen(unexpected)) != 0)
        return c->line;
    const char *key = c->reason + strlen(unexpected);
    size_t length = strlen(key);
    int line = 1;
    for (size_t at = 0; at < n; line++) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t next = end ? (size_t)(end - text) + 1 : n;
        size_t start = at;
        while (start < next && (text[start] == ' ' || text[start] == '-'))
            start++;
        if (line >= c->line && next - start > length && memcmp(text + start, key, length) == 0 &&
            text[start + length] == ':')
            return line;
        at = next;
    }
    return c->line;
}

static cyaml_config_t config_with(struct complaint *c)
{
    return (cyaml_config_t){
        .log_fn = collect,
        .log_ctx = c,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

int yamlfile_parse(const char *name, int first_line, const char *text, size_t n,
                   const cyaml_schema_value_t *schema, void **out, struct error *err)
{
    struct complaint complaint = {.line = 0};
    cyaml_config_t config = config_with(&complaint);
    cyaml_data_t *data = NULL;

    *out = NULL;
    if (n > 0 && memchr(text, '\0', n))
        return error_set(err, "%s holds a NUL byte: it is no text", name);
    cyaml_err_t result = cyaml_load_data((const uint8_t *)text, n, &config, schema, &data, NULL);
    if (result == CYAML_OK && data) {
        *out = data;
        return 0;
    }
    if (result == CYAML_OK)
        return error_set(err, "%s:%d: there is nothing in it", name, first_line);
    const char *reason = complaint.reason[0] ? complaint.reason : cyaml_strerror(result);
    if (complaint.line == 0)
        return error_set(err, "%s:%d: %s", name, first_line, reason);
    int line = line_of_key(text, n, &complaint) + first_line - 1;
    if (complaint.field[0] && !strstr(reason, complaint.field))
        return error_set(err, "%s:%d: %s: %s", name, line, complaint.field, reason);
    return error_set(err, "%s:%d: %s", name, line, reason);
}

int yamlfile_read(const char *path, const cyaml_schema_value_t *schema, void **out, struct error *err)
{
    struct buf text = {0};
    int result = -1;

    if (file_read(path, YAMLFILE_MAX, &text, err) == 0)
        result = yamlfile_parse(path, 1, buf_str(&text), text.len, schema, out, err);
    buf_free(&text);
    return result;
}

void yamlfile_free(const cyaml_schema_value_t *schema, void *data)
{
    struct complaint complaint = {.line = 0};
    cyaml_config_t config = config_with(&complaint);

    if (data)
        cyaml_free(&config, schema, data, 0);
}
