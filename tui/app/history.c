/* The past out of the database: attempts, days, what changed in the source; and a source put back. */
#include "app/program.h"

#include "base/file.h"
#include "base/mem.h"
#include "db/history.h"
#include "db/snapshot.h"
#include "model/diff.h"
#include "snapshot/snapshot.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void take_attempt(void *context, const struct past_attempt *a)
{
    struct history_view *v = context;
    v->rows = xreallocarray(v->rows, (size_t)v->n + 1, sizeof *v->rows);
    struct attempt_row *r = &v->rows[v->n++];
    *r = (struct attempt_row){.id = a->id,
                              .number = a->number,
                              .ms = a->ms,
                              .outcome = xstrdup(a->outcome ? a->outcome : ""),
                              .language = a->language ? xstrdup(a->language) : NULL,
                              .partial = a->partial,
                              .has_source = a->has_source,
                              .passed = a->passed,
                              .total = a->total,
                              .core_passed = a->core_passed,
                              .core_total = a->core_total};
    struct tm t;
    time_t at = (time_t)a->started_at;
    if (localtime_r(&at, &t))
        strftime(r->when, sizeof r->when, "%b %d %H:%M", &t);
}

static void take_day(void *context, const struct day *d)
{
    struct stats_view *v = context;
    int year, month, day;
    if (!d->date || sscanf(d->date, "%d-%d-%d", &year, &month, &day) != 3)
        return;
    v->days = xreallocarray(v->days, (size_t)v->n + 1, sizeof *v->days);
    v->days[v->n++] = (struct stats_day){day_of(year, month, day), d->attempts, d->solved};
}

void history_load(struct program *p)
{
    struct model *m = p->m;
    struct error err = {0};
    int64_t at = m->history.cursor < m->history.n ? m->history.rows[m->history.cursor].id : 0;
    bool at_newest = m->history.cursor == 0;
    history_clear(&m->history);
    stats_clear(&m->stats);
    time_t now = time(NULL);
    struct tm t;
    if (localtime_r(&now, &t))
        m->stats.today = day_of(t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
    if (p->store && (store_attempts(p->store, model_open_item(m)->info->slug, HISTORY_MAX, take_attempt,
                                    &m->history, &err) < 0 ||
                     store_days(p->store, STATS_DAYS_MAX, take_day, &m->stats, &err) < 0))
        model_complain(m, "%s", err.text);
    for (int i = 0; !at_newest && i < m->history.n; i++)
        if (m->history.rows[i].id == at)
            m->history.cursor = i;
    program_changed(p);
}

/* ---- What has changed ---- */

static const struct source_file *find_file(const struct source_tree *t, const char *path)
{
    for (size_t i = 0; i < t->n_files; i++)
        if (strcmp(t->files[i].path, path) == 0)
            return &t->files[i];
    return NULL;
}

static bool is_text(const struct source_file *f)
{
    return !f || memchr(f->data, '\0', f->size) == NULL;
}

static void add_file(struct buf *out, const char *path, const struct source_file *before,
                     const struct source_file *after)
{
    autofree char *a = xstrndup(before ? before->data : "", before ? before->size : 0);
    autofree char *b = xstrndup(after ? after->data : "", after ? after->size : 0);
    if (before && after && before->size == after->size && memcmp(before->data, after->data, after->size) == 0)
        return;
    buf_printf(out, "= %s%s\n", path, !before ? " (new)" : !after ? " (removed)" : "");
    if (is_text(before) && is_text(after))
        diff_texts(a, b, out);
    else
        buf_addstr(out, "? It is no text.\n");
}

static int read_attempt(struct program *p, int64_t attempt, struct source_tree *out, struct error *err)
{
    int64_t id = store_snapshot_of_attempt(p->store, attempt);
    if (id <= 0)
        return error_set(err, "The source of this attempt was not kept.");
    return snapshot_read(p->store, id, out, err);
}

void history_changes(struct program *p, int row)
{
    struct history_view *v = &p->m->history;
    struct source_tree after = {0}, before = {0};
    struct error err = {0};
    struct buf text = {0};
    if (row >= v->n || !p->store)
        return;
    int older = row + 1;
    while (older < v->n && !v->rows[older].has_source)
        older++;
    if (read_attempt(p, v->rows[row].id, &after, &err) < 0 ||
        (older < v->n && read_attempt(p, v->rows[older].id, &before, &err) < 0)) {
        buf_printf(&text, "? %s\n", err.text);
    } else {
        if (older == v->n)
            buf_addstr(&text, "? The first source that was kept:\n");
        for (size_t i = 0; i < after.n_files; i++)
            add_file(&text, after.files[i].path, find_file(&before, after.files[i].path), &after.files[i]);
        for (size_t i = 0; i < before.n_files; i++)
            if (!find_file(&after, before.files[i].path))
                add_file(&text, before.files[i].path, &before.files[i], NULL);
        if (text.len == 0)
            buf_printf(&text, "? Nothing: the source is that of attempt %d.\n", v->rows[older].number);
    }
    source_free(&after);
    source_free(&before);
    free(v->changes);
    v->changes = buf_take(&text);
    program_changed(p);
}

/* ---- Putting back ---- */

/* What is there is kept first: putting back can be undone, and so can undoing. */
static int replace_source(struct program *p, struct store *s, int64_t snapshot, struct error *err)
{
    const struct item *it = model_open_item(p->m);
    struct source_tree now = {0}, then = {0};
    int status = snapshot_read(s, snapshot, &then, err);
    if (status == 0)
        status = source_read(it->workspace, it->info->binary, &now, err);
    if (status == 0 && snapshot_take(s, it->info->slug, it->workspace, it->info->binary, 0, NULL, err) <= 0)
        status = -1;
    if (status == 0)
        status = source_replace(it->workspace, &now, then.files, then.n_files, err);
    source_free(&now);
    source_free(&then);
    return status;
}

void history_restore(struct program *p, const char *attempt)
{
    const struct item *it = model_open_item(p->m);
    struct error err = {0};
    int64_t snapshot = 0;
    if (it->workspace_state != WORKSPACE_PRESENT) {
        model_complain(
            p->m, "There is no workspace to put the source into: t goes to the terminal pane, which makes "
                  "one.");
        return;
    }
    struct store *s = store_open(p->store_path, STORE_WRITE, &err);
    if (s && attempt)
        snapshot = store_snapshot_of_attempt(s, strtoll(attempt, NULL, 10));
    else if (s)
        snapshot = store_snapshot_before_change(s, it->info->slug, it->workspace);
    if (s && snapshot <= 0)
        model_say(p->m, attempt ? "The source of this attempt was not kept."
                                : "Nothing was put back in this workspace yet, so there is nothing to undo.");
    else if (!s || replace_source(p, s, snapshot, &err) < 0)
        model_complain(p->m, "%s", err.text);
    else
        model_say(
            p->m,
            attempt ? "The source is as it was at that attempt; u in this list brings back what it replaced."
                    : "What was replaced is back; u once more undoes that.");
    store_close(s);
}
