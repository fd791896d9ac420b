/* lux history: the attempts at a challenge, one of them in detail, and the source as it was then. */
#include "commands/commands.h"
#include "commands/prose.h"
#include "commands/subject.h"
#include "commands/table.h"
#include "commands/when.h"

#include "base/file.h"
#include "base/mem.h"
#include "db/history.h"
#include "snapshot/snapshot.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SHOWN = 20, ALL = 1000000 };

struct history_options {
    int attempt;
    const char *to, *format;
    bool all;
};

static const char *const formats[] = {"pretty", "json", NULL};

static const struct option options[] = {
    {.name = "all",
     .help = "all attempts, not the newest 20 alone",
     .take = option_switch,
     .offset = offsetof(struct history_options, all)},
    {.name = "attempt",
     .value = "N",
     .help = "the results of the attempt of this number",
     .take = option_count,
     .offset = offsetof(struct history_options, attempt)},
    {.name = "to",
     .value = "DIR",
     .help = "with --attempt: write the source as it was then into this new directory",
     .take = option_text,
     .offset = offsetof(struct history_options, to)},
    {.name = "format",
     .value = "FORMAT",
     .help = "the form",
     .take = option_text,
     .offset = offsetof(struct history_options, format),
     .choices = formats},
    {0},
};

struct attempts { /* copies, the newest first */
    struct past_attempt *list;
    size_t n;
};

static char *copy(const char *s)
{
    return s ? xstrdup(s) : NULL;
}

static void keep_attempt(void *context, const struct past_attempt *a)
{
    struct attempts *all = context;
    all->list = xreallocarray(all->list, all->n + 1, sizeof *all->list);
    struct past_attempt *kept = &all->list[all->n++];
    *kept = *a;
    kept->outcome = copy(a->outcome);
    kept->language = copy(a->language);
    kept->dir = copy(a->dir);
    kept->seed = copy(a->seed);
    kept->build_message = copy(a->build_message);
}

static void free_attempts(struct attempts *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const char *const texts[] = {all->list[i].outcome, all->list[i].language, all->list[i].dir,
                                     all->list[i].seed, all->list[i].build_message};
        for (size_t k = 0; k < ARRAY_LEN(texts); k++)
            free((char *)(uintptr_t)texts[k]);
    }
    free(all->list);
}

/* ---- The list ---- */

static void print_attempt(const struct past_attempt *a)
{
    char when[WHEN_ROOM], length[WHEN_ROOM], counts[64] = "";
    if (a->total)
        snprintf(counts, sizeof counts, "%d of %d passed%s", a->passed, a->total,
                 a->partial ? " (some alone)" : "");
    printf("%4d  %s  %-12s  %-24s  %-6s  %6s\n", a->number, when_words(a->started_at, when), a->outcome,
           counts, a->language ? a->language : "", length_words(a->ms, length));
}

static int print_list(const struct challenge *ch, const struct attempts *all)
{
    printf("%d %s: %d attempt%s\n\n", ch->number, ch->title, all->list[0].number,
           all->list[0].number == 1 ? "" : "s");
    for (size_t i = all->n; i-- > 0;)
        print_attempt(&all->list[i]);
    if (all->n < (size_t)all->list[0].number)
        printf("\nlux history %d --all shows the older ones.\n", ch->number);
    printf("%slux history %d --attempt %d has the results of the newest.\n",
           all->n < (size_t)all->list[0].number ? "" : "\n", ch->number, all->list[0].number);
    return LUX_OK;
}

static int print_json(const struct attempts *all)
{
    json_t *list = json_array();
    for (size_t i = all->n; i-- > 0;) {
        const struct past_attempt *a = &all->list[i];
        json_array_append_new(
            list, json_pack("{s:i, s:I, s:s, s:s*, s:s*, s:s*, s:b, s:i, s:i, s:i, s:i, s:f, s:b}", "attempt",
                            a->number, "started_at", (json_int_t)a->started_at, "outcome", a->outcome,
                            "language", a->language, "dir", a->dir, "seed", a->seed, "partial", a->partial,
                            "passed", a->passed, "total", a->total, "core_passed", a->core_passed,
                            "core_total", a->core_total, "ms", a->ms, "has_source", a->has_source));
    }
    json_dumpf(list, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(list);
    return LUX_OK;
}

/* ---- One attempt ---- */

static void print_check(void *context, const struct last_check *c)
{
    (void)context;
    bool failed = strcmp(c->verdict, "fail") == 0;
    printf("  %-8s %s%s%s%s\n", failed ? "FAILED" : c->verdict, c->title, failed && c->cause ? " (" : "",
           failed && c->cause ? c->cause : "", failed && c->cause ? ")" : "");
}

static int print_source_file(void *context, const struct source_file *f, struct error *err)
{
    (void)context;
    (void)err;
    printf("  %8zu  %s\n", f->size, f->path);
    return 0;
}

static void print_source(struct store *store, const struct challenge *ch, const struct past_attempt *a)
{
    int64_t snapshot = store_snapshot_of_attempt(store, a->id);
    if (!snapshot) {
        printf("\nThe source was not kept.\n");
        return;
    }
    printf("\nThe source as it was (bytes, file):\n");
    store_snapshot_files(store, snapshot, print_source_file, NULL, NULL);
    autofree char *left_out = store_snapshot_left_out(store, snapshot);
    if (left_out)
        printf("Not kept:\n%s", left_out);
    printf("\nlux history %d --attempt %d --to DIR writes it into a new directory.\n", ch->number, a->number);
}

static int print_one(struct store *store, const struct challenge *ch, const struct past_attempt *a)
{
    struct error err;
    char when[WHEN_ROOM], length[WHEN_ROOM];
    printf("%d %s, attempt %d: %s\n", ch->number, ch->title, a->number, a->outcome);
    printf("%s%s%s, in %s, seed %s\n", when_words(a->started_at, when), a->ms > 0 ? ", " : "",
           length_words(a->ms, length), a->dir, a->seed);
    if (a->build_message)
        printf("The build failed: %s\n", a->build_message);
    printf("\n");
    if (store_attempt_checks(store, a->id, print_check, NULL, &err))
        return command_failed(&command_history, LUX_FAILED, "%s", err.text);
    print_source(store, ch, a);
    return LUX_OK;
}

static int write_source(struct store *store, const struct past_attempt *a, const char *to)
{
    struct error err;
    struct source_tree then, nothing = {.files = NULL};
    int64_t snapshot = store_snapshot_of_attempt(store, a->id);
    if (!snapshot)
        return command_failed(&command_history, LUX_UNSOLVED, "the source of attempt %d was not kept",
                              a->number);
    if (snapshot_read(store, snapshot, &then, &err))
        return command_failed(&command_history, LUX_FAILED, "%s", err.text);
    int code = LUX_OK;
    if (mkdir(to, 0755))
        code = command_failed(&command_history, LUX_USAGE, "cannot make the directory %s: %s", to,
                              strerror(errno));
    else if (source_replace(to, &nothing, then.files, then.n_files, &err))
        code = command_failed(&command_history, LUX_FAILED, "%s", err.text);
    else
        printf("%zu file%s written to %s\n", then.n_files, then.n_files == 1 ? "" : "s", to);
    source_free(&then);
    return code;
}

/* ---- The command ---- */

static int tell(struct store *store, const struct challenge *ch, const struct history_options *o)
{
    struct error err;
    struct attempts all = {.list = NULL};
    const struct past_attempt *one = NULL;
    int code = LUX_FAILED;
    if (store_attempts(store, ch->slug, o->all || o->attempt ? ALL : SHOWN, keep_attempt, &all, &err)) {
        free_attempts(&all);
        return command_failed(&command_history, LUX_FAILED, "%s", err.text);
    }
    for (size_t i = 0; i < all.n; i++)
        if (all.list[i].number == o->attempt)
            one = &all.list[i];
    if (o->attempt && !one)
        code = command_failed(&command_history, LUX_USAGE, "%s has no attempt %d; lux history %d lists them",
                              ch->slug, o->attempt, ch->number);
    else if (one)
        code = o->to ? write_source(store, one, o->to) : print_one(store, ch, one);
    else if (strcmp(o->format, "json") == 0)
        code = print_json(&all);
    else if (all.n)
        code = print_list(ch, &all);
    else
        code = command_failed(&command_history, LUX_UNSOLVED, "%s was never tried: lux check %d does",
                              ch->slug, ch->number);
    free_attempts(&all);
    return code;
}

static int run(int argc, char **argv)
{
    struct history_options o = {.format = "pretty"};
    struct error err;
    int rest = command_options(&command_history, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_history, "one challenge at a time, not '%s' as well", argv[1]);
    if (o.to && !o.attempt)
        return command_misused(&command_history, "--to needs --attempt N: the source of which one?");
    struct course *course = command_course(&command_history);
    if (!course)
        return LUX_FAILED;
    const struct challenge *ch = subject_challenge(&command_history, course, rest ? argv[0] : NULL);
    int code = LUX_USAGE;
    autofree char *path = store_default_path();
    struct store *store = ch ? store_open(path, STORE_READ, &err) : NULL;
    if (ch && !store)
        code = command_failed(&command_history, LUX_FAILED, "%s", err.text);
    else if (ch)
        code = tell(store, ch, &o);
    store_close(store);
    course_free(course);
    return code;
}

const struct command command_history = {
    .name = "history",
    .usage = "[NAME] [--all | --attempt N [--to DIR]] [--format FORMAT]",
    .summary = "show the attempts at a challenge, and the source as it was",
    .help =
        "Lists the attempts at a challenge: when, what they came to, how many checks passed. --attempt N\n"
        "shows the results of one of them and which source files were kept with it; --to DIR brings those\n"
        "back, beside your workspace, which is not touched. NAME may be left out inside a workspace.\n"
        "\n"
        "Kept with each attempt are files of up to 256 KiB, 4 MiB and 500 files together; not the binary,\n"
        "what a build makes, hidden files and links. What is left out is told.\n"
        "\n"
        "Exit status: 0; 1 there is nothing to show; 2 wrong usage; 5 the progress cannot be read.\n",
    .options = options,
    .run = run,
};
