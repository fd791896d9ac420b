/* Manual pages, by man(1). */
#include "app/program.h"

#include "app/update.h"
#include "base/buf.h"
#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { MANUAL_MAX = 4 << 20 }; /* bytes; of a longer page the rest is left out, and the last line says so */

static void on_output(void *user, const char *bytes, size_t n)
{
    struct program *p = user;
    if (!p->manual_is_cut && !buf_add(&p->manual_text, bytes, n))
        p->manual_is_cut = true;
}

/* man says on stderr what it does not have; where there is no man at all, env says so. */
static char *trouble(const char *name, int status, const char *complaint)
{
    if (status == 127)
        return xasprintf(
            "There is no program \"man\" here. Debian and Ubuntu have it in man-db, and the pages in "
            "manpages and manpages-dev.\n\nOn the web, %s is at https://man7.org/linux/man-pages/.\n",
            name);
    return xasprintf(
        "This machine has no manual page %s. Debian and Ubuntu have them in manpages, manpages-dev and "
        "manpages-posix-dev.\n\nman(1) said: %s\n",
        name, *complaint ? complaint : "nothing.");
}

static void on_done(void *user, int status, const char *complaint)
{
    struct program *p = user;
    p->manual = NULL;
    if (status != 0 || p->manual_text.len == 0) {
        autofree char *text = trouble(p->manual_name, status, complaint);
        update_manual(p->m, p->manual_name, text);
    } else {
        if (p->manual_is_cut) {
            p->manual_text.limit = 0;
            buf_addstr(&p->manual_text, "\n\n(The page goes on; man shows it whole.)\n");
        }
        update_manual(p->m, p->manual_name, buf_str(&p->manual_text));
    }
    program_changed(p);
}

void manual_fetch(struct program *p, const char *name, int width)
{
    struct error err = {0};
    size_t n = strcspn(name, "(");
    autofree char *page = xstrndup(name, n);
    autofree char *section = xstrndup(name + n + 1, strcspn(name + n + 1, ")"));
    autofree char *columns = xasprintf("MANWIDTH=%d", width);
    const char *argv[] = {"env",
                          columns,
                          "MAN_KEEP_FORMATTING=1",
                          "GROFF_NO_SGR=1",
                          "man",
                          "-P",
                          "cat",
                          "--no-hyphenation",
                          "--no-justification",
                          "--",
                          section,
                          page,
                          NULL};
    child_free(p->manual, SIGTERM);
    buf_clear(&p->manual_text);
    p->manual_text.limit = MANUAL_MAX;
    p->manual_is_cut = false;
    free(p->manual_name);
    p->manual_name = xstrdup(name);
    p->manual =
        child_spawn(&p->loop, argv, &(struct child_callbacks){.out = on_output, .done = on_done}, p, &err);
    if (!p->manual)
        update_manual(p->m, name, err.text);
}

void manual_stop(struct program *p)
{
    child_free(p->manual, SIGTERM);
    p->manual = NULL;
    buf_free(&p->manual_text);
    free(p->manual_name);
    p->manual_name = NULL;
}
