/* lux list: the challenges, stage by stage, with what is solved. */
#include "commands/commands.h"
#include "commands/prose.h"
#include "commands/standing.h"
#include "commands/table.h"

#include "base/mem.h"
#include "harness/harness.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct list_options {
    const char *format, *checks;
};

static const char *const formats[] = {"pretty", "json", "names", NULL};

static const struct option options[] = {
    {.name = "checks",
     .value = "NAME",
     .help = "print the ids of this challenge's checks instead, as --only takes them",
     .take = option_text,
     .offset = offsetof(struct list_options, checks)},
    {.name = "format",
     .value = "FORMAT",
     .help = "the form",
     .take = option_text,
     .offset = offsetof(struct list_options, format),
     .choices = formats},
    {0},
};

static int print_json(const struct course *course, const struct standing *standings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        const struct challenge *ch = course_challenge(course, i);
        size_t checks = challenge_checks(ch);
        json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:b, s:I, s:b}", "number",
                                              ch->number, "slug", ch->slug, "title", ch->title, "stage",
                                              ch->stage->slug, "binary", ch->binary, "usage", ch->usage,
                                              "available", challenge_is_available(ch), "checks",
                                              (json_int_t)checks, "solved", standings[i].solved));
    }
    json_dumpf(list, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(list);
    return LUX_OK;
}

static int print_names(const struct course *course)
{
    for (size_t i = 0; i < course_challenge_count(course); i++)
        if (challenge_is_available(course_challenge(course, i)))
            printf("%s\n", course_challenge(course, i)->slug);
    return LUX_OK;
}

static int print_checks(const struct course *course, const char *name)
{
    const struct challenge *ch = command_challenge(&command_list, course, name);
    const struct check **checks = NULL;
    size_t n = ch ? harness_checks_of(ch->slug, &checks) : 0;
    for (size_t i = 0; i < n; i++)
        printf("%s\n", checks[i]->id);
    free(checks);
    return ch ? LUX_OK : LUX_USAGE;
}

/* ---- For people ---- */

static const char *state_of(const struct challenge *ch, const struct standing *s, char *room, size_t size)
{
    if (!challenge_is_available(ch))
        return "not yet available";
    if (s->solved)
        return "solved";
    if (!s->attempted) {
        snprintf(room, size, "%zu checks", challenge_checks(ch));
        return room;
    }
    if (s->core_total == 0)
        return "begun";
    snprintf(room, size, "%d of %d core checks", s->core_passed, s->core_total);
    return room;
}

static void print_stage(const struct course *course, const struct stage *stage,
                        const struct standing *standings, const struct prose *how)
{
    int solved = 0;
    for (int n = stage->first; n <= stage->last; n++)
        solved += standings[n - 1].solved;
    printf("%s%s%d  %s%s  (%d of %d solved)\n", stage->number > 1 ? "\n" : "", how->colour ? "\033[1m" : "",
           stage->number, stage->title, how->colour ? "\033[0m" : "", solved, stage->last - stage->first + 1);
    for (int n = stage->first; n <= stage->last; n++) {
        const struct challenge *ch = course_challenge(course, (size_t)n - 1);
        const struct standing *s = &standings[n - 1];
        bool is_available = challenge_is_available(ch);
        char room[64];
        const char *sgr = !how->colour ? "" : s->solved ? "\033[32m" : is_available ? "" : "\033[2m";
        printf("%s%4d  %-20s  %-32s  %s%s\n", sgr, n, ch->slug, ch->title, state_of(ch, s, room, sizeof room),
               sgr[0] ? "\033[0m" : "");
    }
}

static int print_pretty(const struct course *course, const struct standing *standings)
{
    struct prose how = prose_for_stdout();
    for (size_t i = 0; i < course_stage_count(course); i++)
        print_stage(course, course_stage(course, i), standings, &how);
    return LUX_OK;
}

static int run(int argc, char **argv)
{
    struct list_options o = {.format = "pretty"};
    int rest = command_options(&command_list, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 0)
        return command_misused(&command_list, "it takes no arguments, not '%s' either", argv[0]);
    struct course *course = command_course(&command_list);
    if (!course)
        return LUX_FAILED;
    struct error err;
    autofree struct standing *standings = progress_read(course, &err);
    if (err.text[0])
        command_failed(&command_list, LUX_OK, "%s; nothing is shown as solved", err.text);
    int code = o.checks                         ? print_checks(course, o.checks)
               : strcmp(o.format, "names") == 0 ? print_names(course)
               : strcmp(o.format, "json") == 0  ? print_json(course, standings)
                                                : print_pretty(course, standings);
    course_free(course);
    return code;
}

const struct command command_list = {
    .name = "list",
    .usage = "[--format FORMAT] [--checks NAME]",
    .summary = "show the challenges and which are solved",
    .help = "Shows the eight stages and their challenges: number, name, title, and how far you are.\n"
            "--format json prints an array of objects with number, slug, title, stage, binary, usage,\n"
            "available, checks and solved; --format names prints the names of what is available.\n",
    .options = options,
    .run = run,
};
