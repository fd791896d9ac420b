/* failure_text [--update] GOLDEN MUTANT CHECK EVENTS: holds what a learner reads of a failed check to the golden file.
 *
 * EVENTS is the event stream of a run, GOLDEN a file of forms (forms.h). With --update the text becomes one of MUTANT's
 * forms; without, another text than these is printed, after the first of them.
 *
 * Left out is what is of one run alone: steps, process states, output, bytes in hexadecimal, commands with seeds.
 *
 * Exits 0: is as it was, or has been taken over; 1: reads otherwise; 2: cannot tell. */
#include "forms.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "event/event.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

enum { EXCERPT_MAX = 72 };

struct wanted {
    const char *check;
    char *text; /* of its last failure */
};

static void line(struct buf *out, const char *label, const char *value)
{
    if (!value || !*value)
        return;
    buf_printf(out, "%-10s ", label);
    for (const char *p = value; *p; p++)
        buf_addch(out, *p == '\n' ? ' ' : *p);
    buf_addch(out, '\n');
}

static void excerpt(struct buf *out, const char *label, const struct excerpt *x)
{
    if (!x->text)
        return;
    size_t len = strlen(x->text), shown = len <= EXCERPT_MAX ? len : EXCERPT_MAX;
    while (shown < len &&
           ((unsigned char)x->text[shown] & 0xc0) == 0x80) /* not within a character of UTF-8 */
        shown--;
    buf_printf(out, "%s ", label);
    for (size_t i = 0; i < shown; i++) {
        if (x->text[i] == '\n')
            buf_addstr(out, "\\n");
        else
            buf_addch(out, x->text[i]);
    }
    buf_addstr(out, shown < len ? " ...\n" : "\n");
}

static char *failure_text(const struct event_check_end *end)
{
    const struct failure *f = end->failure;
    struct buf out = {0};
    autofree char *verdict = xasprintf("%s, %s", end->check, cause_name(end->cause));
    autofree char *contract = xasprintf("%s: %s", f->clause ? f->clause : "?", f->clause_sentence);
    line(&out, "fails", verdict);
    line(&out, "contract", contract);
    line(&out, "expected", f->expectation);
    line(&out, "but", f->observation);
    excerpt(&out, "-", &f->expected);
    excerpt(&out, "+", &f->received);
    line(&out, "wait", f->wait);
    line(&out, "diagnosis", f->diagnosis);
    line(&out, "see", f->see);
    autofree char *text = buf_take(&out);
    return form_normalise(text);
}

static void look(void *context, const struct event *e)
{
    struct wanted *w = context;
    if (e->type != EVENT_CHECK_END || !e->check_end.failure || strcmp(e->check_end.check, w->check) != 0)
        return;
    free(w->text);
    w->text = failure_text(&e->check_end);
}

/* What a learner reads of the check's failure; NULL with the reason. The caller frees. */
static char *read_events(const char *path, const char *check, struct error *err)
{
    enum { EVENTS_MAX = 1 << 28 };
    struct buf file = {0};
    struct wanted w = {.check = check};
    if (file_read(path, EVENTS_MAX, &file, err) == 0) {
        struct event_reader *reader = event_reader_new(look, &w);
        event_reader_feed(reader, buf_str(&file), file.len);
        event_reader_end(reader);
        event_reader_free(reader);
        if (!w.text)
            error_set(err, "%s has no failure of %s", path, check);
    }
    buf_free(&file);
    return w.text;
}

/* Several may be at the file at once: the lock is on its directory, for the file itself is replaced. It is held until
 * the end of the process. */
static int lock_beside(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    autofree char *dir = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) < 0)
        return error_errno(err, "cannot lock %s", dir);
    return fd;
}

static int update(const char *path, const char *name, const char *text, struct error *err)
{
    struct golden g = {0};
    int result = -1;
    if (lock_beside(path, err) >= 0 && golden_read(path, &g, err) == 0)
        result = golden_learn(&g, name, text) ? golden_write(path, &g, err) : 0;
    golden_free(&g);
    return result;
}

/* 0: is one of the forms; 1: is none, and both have been printed. */
static int compare(const char *path, const char *name, const char *text, struct error *err)
{
    struct golden g;
    int result = -1;
    if (golden_read(path, &g, err) == 0) {
        struct section *s = golden_find(&g, name);
        result = 1;
        for (size_t i = 0; s && i < s->n_forms; i++)
            result &= !form_matches(s->forms[i], text);
        if (result)
            printf("%s%s--- reads now\n%s", s ? "--- is kept as\n" : "--- is not kept\n",
                   s ? s->forms[0] : "", text);
    }
    golden_free(&g);
    return result;
}

int main(int argc, char **argv)
{
    bool updates = argc > 1 && !strcmp(argv[1], "--update");
    char **args = argv + 1 + updates;
    if (argc - updates != 5) {
        fprintf(stderr, "usage: failure_text [--update] GOLDEN MUTANT CHECK EVENTS\n");
        return 2;
    }
    struct error err = {""};
    autofree char *text = read_events(args[3], args[2], &err);
    int result = -1;
    if (text)
        result = updates ? update(args[0], args[1], text, &err) : compare(args[0], args[1], text, &err);
    if (result < 0)
        fprintf(stderr, "failure_text: %s\n", err.text);
    return result < 0 ? 2 : result;
}
