/* Memory that does not run out quietly: the x-functions never return NULL. When the system has no more memory
 * they call the hook of mem_on_exhaustion (luxtui restores the terminal there), print one sentence and abort.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
/* Room for count items of size bytes each; a product that overflows counts as exhaustion. */
void *xreallocarray(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t max);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Called once, before the program ends for want of memory; must be async-signal-safe. NULL for none. */
void mem_on_exhaustion(void (*hook)(void));

/* `autofree char *s = ...;` frees s at the end of its scope. */
static inline void mem_free_pointer(void *p)
{
    free(*(void **)p);
}
#define autofree __attribute__((cleanup(mem_free_pointer)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
