#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut text must look cut: the last three characters become dots. */
static void mark_if_cut(struct error *err, int wanted)
{
    if (wanted >= ERROR_TEXT_MAX)
        memcpy(err->text + ERROR_TEXT_MAX - 4, "...", 4);
}

int error_set(struct error *err, const char *format, ...)
{
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    mark_if_cut(err, vsnprintf(err->text, sizeof err->text, format, args));
    va_end(args);
    return -1;
}

int error_errno(struct error *err, const char *format, ...)
{
    int saved = errno;
    if (!err)
        return -1;
    char what[ERROR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    error_set(err, "%s: %s", what, strerror(saved));
    errno = saved;
    return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
    if (!err)
        return -1;
    char before[ERROR_TEXT_MAX];
    struct error old = *err;
    va_list args;
    va_start(args, format);
    vsnprintf(before, sizeof before, format, args);
    va_end(args);
    return error_set(err, "%s: %s", before, old.text);
}
