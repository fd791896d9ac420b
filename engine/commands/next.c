/* lux next: with which challenge to go on, and why with that one. */
#include "commands/next.h"

#include "commands/commands.h"
#include "commands/prose.h"
#include "commands/table.h"

#include "base/file.h"
#include "base/mem.h"
#include "db/store.h"
#include "workspace/workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct next_options {
    bool name;
};

static const struct option options[] = {
    {.name = "name",
     .help = "print its name alone, for scripts",
     .take = option_switch,
     .offset = offsetof(struct next_options, name)},
    {0},
};

struct choice {
    const struct challenge *challenge; /* NULL: nothing is left */
    char *why;
    bool is_begun; /* it has a workspace */
};

struct looking {
    const struct course *course;
    const struct standing *standings;
};

static const struct standing *standing_of(const struct looking *l, const struct challenge *ch)
{
    return &l->standings[ch->number - 1];
}

static bool is_open(const struct looking *l, const struct challenge *ch)
{
    return challenge_is_available(ch) && !standing_of(l, ch)->solved;
}

static bool has_workspace(const struct challenge *ch)
{
    autofree char *path = workspace_path(ch);
    return file_is_dir(path);
}

/* The challenge called `slug`; NULL if the course has none. */
static const struct challenge *by_slug(const struct course *course, const char *slug)
{
    for (size_t i = 0; i < course_challenge_count(course); i++)
        if (strcmp(course_challenge(course, i)->slug, slug) == 0)
            return course_challenge(course, i);
    return NULL;
}

/* The first of what it builds on that can be learnt and is not solved; NULL: all are. */
static const struct challenge *missing_need(const struct looking *l, const struct challenge *ch)
{
    for (const char *const *need = ch->needs; *need; need++) {
        const struct challenge *other = by_slug(l->course, *need);
        if (other && is_open(l, other))
            return other;
    }
    return NULL;
}

/* What was tried last, if it is not solved. */
static bool go_on(const struct looking *l, const char *last, struct choice *out)
{
    const struct challenge *ch = last ? by_slug(l->course, last) : NULL;
    if (!ch || !is_open(l, ch))
        return false;
    const struct standing *s = standing_of(l, ch);
    out->challenge = ch;
    out->why = s->core_total
                   ? xasprintf("You were at it: %d of %d core checks pass.", s->core_passed, s->core_total)
                   : xstrdup("You were at it: its checks have not come to a result yet.");
    return true;
}

static bool take_begun(const struct looking *l, struct choice *out)
{
    for (size_t i = 0; i < course_challenge_count(l->course); i++) {
        const struct challenge *ch = course_challenge(l->course, i);
        if (!is_open(l, ch) || !(standing_of(l, ch)->attempted || has_workspace(ch)))
            continue;
        out->challenge = ch;
        out->why = standing_of(l, ch)->attempted
                       ? xstrdup("It is the first that you have tried and not solved yet.")
                       : xstrdup("You have begun it, and its checks have never run.");
        return true;
    }
    return false;
}

/* The first whose ground is laid: after the one that was solved last, then from the beginning. */
static bool take_new(const struct looking *l, const char *last, struct choice *out)
{
    size_t n = course_challenge_count(l->course);
    const struct challenge *from = last ? by_slug(l->course, last) : NULL;
    for (size_t i = 0; i < n; i++) {
        const struct challenge *ch = course_challenge(l->course, (i + (from ? (size_t)from->number : 0)) % n);
        if (!is_open(l, ch) || missing_need(l, ch))
            continue;
        out->challenge = ch;
        out->why = !last ? xstrdup("It is where the course begins.")
                   : ch->needs[0] && by_slug(l->course, ch->needs[0])
                       ? xasprintf("It builds on %s%s.", ch->needs[0],
                                   ch->needs[1] ? " and others that are behind you" : "")
                       : xstrdup("It is the next that you have not solved, and builds on nothing else.");
        return true;
    }
    return false;
}

static bool take_any(const struct looking *l, struct choice *out)
{
    for (size_t i = 0; i < course_challenge_count(l->course); i++) {
        const struct challenge *ch = course_challenge(l->course, i);
        if (!is_open(l, ch))
            continue;
        out->challenge = ch;
        out->why = xstrdup("It is the first that is not solved.");
        return true;
    }
    return false;
}

static bool choose(const struct looking *l, const char *last, struct choice *out)
{
    return go_on(l, last, out) || take_begun(l, out) || take_new(l, last, out) || take_any(l, out);
}

const struct challenge *next_after(const struct course *course, struct standing *standings,
                                   const struct challenge *solved)
{
    const struct looking l = {course, standings};
    struct choice choice = {.challenge = NULL};
    standings[solved->number - 1].solved = true;
    choose(&l, solved->slug, &choice);
    free(choice.why);
    return choice.challenge;
}

static int print_choice(const struct choice *choice, const struct next_options *o)
{
    const struct challenge *ch = choice->challenge;
    if (!ch)
        return command_failed(&command_next, LUX_UNSOLVED,
                              "every challenge that is available is solved: well done");
    if (o->name) {
        printf("%s\n", ch->slug);
        return LUX_OK;
    }
    struct prose how = prose_for_stdout();
    struct buf text = {0};
    buf_printf(&text, "%s%d %s%s (%s)\n", how.colour ? "\033[1m" : "", ch->number, ch->title,
               how.colour ? "\033[0m" : "", ch->slug);
    prose_wrap(&text, choice->why, 0, &how);
    prose_wrap(&text, ch->summary, 0, &how);
    printf("%s\n  lux show %d    read the lesson\n", buf_str(&text), ch->number);
    if (choice->is_begun)
        printf("  lux check %d   build the program and see which checks pass\n", ch->number);
    else
        printf("  lux start %d   make its workspace\n", ch->number);
    buf_free(&text);
    return LUX_OK;
}

/* Slug of the newest attempt; the caller frees. NULL: none, or the progress cannot be read. */
static char *last_slug(void)
{
    autofree char *path = store_default_path();
    struct store *store = store_open(path, STORE_READ, NULL);
    char *slug = store ? store_last_slug(store) : NULL;
    store_close(store);
    return slug;
}

static int run(int argc, char **argv)
{
    struct next_options o = {.name = false};
    struct error err;
    int rest = command_options(&command_next, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 0)
        return command_misused(&command_next, "it takes no arguments, not '%s' either", argv[0]);
    struct course *course = command_course(&command_next);
    if (!course)
        return LUX_FAILED;
    autofree struct standing *standings = progress_read(course, &err);
    if (err.text[0])
        command_failed(&command_next, LUX_OK, "%s; nothing counts as solved", err.text);
    autofree char *last = last_slug();
    const struct looking l = {course, standings};
    struct choice choice = {.challenge = NULL};
    bool found = choose(&l, last, &choice);
    choice.is_begun = found && has_workspace(choice.challenge);
    int code = print_choice(&choice, &o);
    free(choice.why);
    course_free(course);
    return code;
}

const struct command command_next = {
    .name = "next",
    .usage = "[--name]",
    .summary = "name the challenge to go on with, and why",
    .help = "What you tried last and have not solved comes first, then what you have begun, then the next\n"
            "whose ground is laid: everything that it builds on is solved.\n"
            "\n"
            "Exit status: 0; 1 everything is solved; 2 wrong usage.\n",
    .options = options,
    .run = run,
};
