#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void (*exhaustion_hook)(void);

void mem_on_exhaustion(void (*hook)(void))
{
    exhaustion_hook = hook;
}

static void *require(void *p)
{
    static const char sentence[] = "lux: this machine has no memory left; close something and try again\n";

    if (p)
        return p;
    if (exhaustion_hook)
        exhaustion_hook();
    ssize_t ignored = write(STDERR_FILENO, sentence, sizeof sentence - 1);
    (void)ignored;
    abort();
}

void *xmalloc(size_t size)
{
    return require(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return require(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
    return require(realloc(p, size ? size : 1));
}

void *xreallocarray(void *p, size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return xrealloc(p, 1);
    return require(reallocarray(p, count, size));
}

char *xstrdup(const char *s)
{
    return require(strdup(s));
}

char *xstrndup(const char *s, size_t max)
{
    return require(strndup(s, max));
}

char *xasprintf(const char *format, ...)
{
    char *s = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&s, format, args);
    va_end(args);
    return require(n < 0 ? NULL : s);
}
