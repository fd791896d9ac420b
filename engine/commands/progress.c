/* lux progress: how far the learner is, stage by stage and day by day. */
#include "commands/commands.h"
#include "commands/prose.h"
#include "commands/standing.h"
#include "commands/table.h"

#include "base/mem.h"
#include "db/exchange.h"
#include "db/history.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { DAYS_SHOWN = 7, DAYS_MAX = 10000 };

struct progress_options {
    bool class;
    const char *format;
};

static const char *const formats[] = {"pretty", "json", NULL};

static const struct option options[] = {
    {.name = "class",
     .help = "the learners whose attempts were imported, instead",
     .take = option_switch,
     .offset = offsetof(struct progress_options, class)},
    {.name = "format",
     .value = "FORMAT",
     .help = "the form",
     .take = option_text,
     .offset = offsetof(struct progress_options, format),
     .choices = formats},
    {0},
};

struct totals {
    int solved, begun, available, attempts, days, days_shown;
};

/* ---- For people ---- */

static void print_bar(const struct prose *how, int solved, int n)
{
    enum { WIDTH = 20, REST = 46 }; /* of the line, besides the bar */
    int width = how->width - REST < WIDTH ? how->width - REST : WIDTH;
    int full = n && width > 0 ? solved * width / n : 0;
    printf("%s", how->colour ? "\033[32m" : "");
    for (int i = 0; i < full; i++)
        putchar('#');
    printf("%s", how->colour ? "\033[0m" : "");
    for (int i = full; i < width; i++)
        putchar('.');
}

static void print_stages(const struct course *course, const struct standing *standings,
                         const struct prose *how)
{
    for (size_t i = 0; i < course_stage_count(course); i++) {
        const struct stage *stage = course_stage(course, i);
        int solved = 0, n = stage->last - stage->first + 1;
        for (int k = stage->first; k <= stage->last; k++)
            solved += standings[k - 1].solved;
        printf("%d  %-32s ", stage->number, stage->title);
        print_bar(how, solved, n);
        printf("  %d of %d\n", solved, n);
    }
}

static void print_begun(const struct course *course, const struct standing *standings)
{
    bool any = false;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        const struct standing *s = &standings[i];
        const struct challenge *ch = course_challenge(course, i);
        if (!s->attempted || s->solved)
            continue;
        printf("%s%4d  %-32s %d of %d core checks\n", any ? "" : "\nBegun:\n", ch->number, ch->title,
               s->core_passed, s->core_total);
        any = true;
    }
}

static void print_day(void *context, const struct day *d)
{
    struct totals *t = context;
    t->days++;
    t->attempts += d->attempts;
    if (t->days_shown++ >= DAYS_SHOWN)
        return;
    printf("%s  %s  %3d attempt%s at %d challenge%s", t->days_shown == 1 ? "\nDays:\n" : "", d->date,
           d->attempts, d->attempts == 1 ? " " : "s", d->challenges, d->challenges == 1 ? "" : "s");
    if (d->solved)
        printf(", %d solved", d->solved);
    printf("\n");
}

static int print_pretty(const struct course *course, const struct standing *standings, struct store *store,
                        struct totals *t)
{
    struct error err;
    struct prose how = prose_for_stdout();
    printf("%d of %zu challenges solved, %d begun\n\n", t->solved, course_challenge_count(course), t->begun);
    print_stages(course, standings, &how);
    print_begun(course, standings);
    if (store && store_days(store, DAYS_MAX, print_day, t, &err))
        return command_failed(&command_progress, LUX_FAILED, "%s", err.text);
    if (t->days > DAYS_SHOWN)
        printf("  and %d days before; %d attempts in all\n", t->days - DAYS_SHOWN, t->attempts);
    if (t->solved < t->available)
        printf("\nlux next names the challenge to go on with.\n");
    return LUX_OK;
}

/* ---- For programs ---- */

static void add_day(void *context, const struct day *d)
{
    json_array_append_new(context, json_pack("{s:s, s:i, s:i, s:i}", "day", d->date, "attempts", d->attempts,
                                             "challenges", d->challenges, "solved", d->solved));
}

static int print_json(const struct course *course, const struct standing *standings, struct store *store)
{
    struct error err;
    json_t *challenges = json_array(), *days = json_array();
    int failed = store ? store_days(store, DAYS_MAX, add_day, days, &err) : 0;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        const struct standing *s = &standings[i];
        const struct challenge *ch = course_challenge(course, i);
        if (s->attempted)
            json_array_append_new(challenges, json_pack("{s:i, s:s, s:b, s:i, s:i}", "number", ch->number,
                                                        "slug", ch->slug, "solved", s->solved, "core_passed",
                                                        s->core_passed, "core_total", s->core_total));
    }
    json_t *all = json_pack("{s:o, s:o}", "challenges", challenges, "days", days);
    json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(all);
    return failed ? command_failed(&command_progress, LUX_FAILED, "%s", err.text) : LUX_OK;
}

/* ---- A class ---- */

struct roll {
    json_t *list;
    char *learner; /* of the sums below; NULL: none yet */
    int attempts, tried, solved;
};

static void print_learner(struct roll *r)
{
    if (r->learner)
        printf("%-24s %3d solved  %3d tried  %5d attempts\n", r->learner, r->solved, r->tried, r->attempts);
    free(r->learner);
    *r = (struct roll){.list = r->list};
}

static void add_learner(void *context, const struct learner_progress *p)
{
    struct roll *r = context;
    if (!*p->learner)
        return;
    json_array_append_new(r->list, json_pack("{s:s, s:s, s:i, s:b, s:i, s:i}", "learner", p->learner, "slug",
                                             p->slug, "attempts", p->attempts, "solved", p->solved,
                                             "core_passed", p->core_passed, "core_total", p->core_total));
}

static void sum_learner(void *context, const struct learner_progress *p)
{
    struct roll *r = context;
    if (!*p->learner)
        return;
    if (!r->learner || strcmp(r->learner, p->learner) != 0) {
        print_learner(r);
        r->learner = xstrdup(p->learner);
    }
    r->attempts += p->attempts;
    r->tried++;
    r->solved += p->solved;
}

static int print_class(struct store *store, bool as_json)
{
    struct error err;
    struct roll r = {.list = json_array()};
    int failed = store_learners(store, as_json ? add_learner : sum_learner, &r, &err);
    if (as_json) {
        json_dumpf(r.list, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_learner(&r);
    }
    json_decref(r.list);
    return failed ? command_failed(&command_progress, LUX_FAILED, "%s", err.text) : LUX_OK;
}

static int run(int argc, char **argv)
{
    struct progress_options o = {.format = "pretty"};
    struct error err = {0};
    struct totals t = {.solved = 0};
    int rest = command_options(&command_progress, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 0)
        return command_misused(&command_progress, "it takes no arguments, not '%s' either", argv[0]);
    struct course *course = command_course(&command_progress);
    if (!course)
        return LUX_FAILED;
    autofree char *path = store_default_path();
    autofree struct standing *standings = progress_read(course, &err);
    struct store *store = err.text[0] ? NULL : store_open(path, STORE_READ, &err);
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        t.solved += standings[i].solved;
        t.begun += standings[i].attempted && !standings[i].solved;
        t.available += challenge_is_available(course_challenge(course, i));
    }
    int code = !store                          ? command_failed(&command_progress, LUX_FAILED, "%s", err.text)
               : o.class                       ? print_class(store, strcmp(o.format, "json") == 0)
               : strcmp(o.format, "json") == 0 ? print_json(course, standings, store)
                                               : print_pretty(course, standings, store, &t);
    store_close(store);
    course_free(course);
    return code;
}

const struct command command_progress = {
    .name = "progress",
    .usage = "[--class] [--format FORMAT]",
    .summary = "show how far you are",
    .help = "Shows what is solved in each stage, what is begun, and the last days. lux history NAME has the\n"
            "attempts at one challenge. --format json prints an object with challenges and days.\n"
            "--class shows everybody whose attempts lux import --learner or --each took in.\n"
            "\n"
            "Exit status: 0; 2 wrong usage; 5 the progress cannot be read.\n",
    .options = options,
    .run = run,
};
