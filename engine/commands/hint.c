/* lux hint: one more hint, and the progress remembers which were given. */
#include "commands/commands.h"
#include "commands/prose.h"
#include "commands/standing.h"
#include "commands/subject.h"
#include "commands/table.h"

#include "base/mem.h"
#include "db/history.h"

#include <stdio.h>

struct hint_options {
    bool again, raw;
};

static const struct option options[] = {
    {.name = "again",
     .help = "print those that were given already, and no new one",
     .take = option_switch,
     .offset = offsetof(struct hint_options, again)},
    {.name = "raw",
     .help = "the text in markdown, as it is",
     .take = option_switch,
     .offset = offsetof(struct hint_options, raw)},
    {0},
};

static void print_hint(const struct lesson *lesson, int number, int n, const struct hint_options *o)
{
    struct prose how = prose_for_stdout();
    struct buf text = {0};
    printf("%sHint %d of %d%s\n\n", how.colour ? "\033[1m" : "", number, n, how.colour ? "\033[0m" : "");
    if (o->raw)
        buf_addstr(&text, lesson->hints[number - 1]);
    else
        prose_add(&text, lesson->hints[number - 1], &how);
    fwrite(buf_str(&text), 1, text.len, stdout);
    if (text.len && text.data[text.len - 1] != '\n')
        printf("\n");
    buf_free(&text);
}

/* What cannot be remembered is shown all the same. */
static void remember(struct store *store, const struct challenge *ch, int number, struct error *err)
{
    if (!store || store_hint_reveal(store, ch->slug, number, err))
        command_failed(&command_hint, LUX_OK,
                       "this hint is not remembered: %s; lux show %d --hint %d prints the next", err->text,
                       ch->number, number + 1);
}

static int give_hints(const struct challenge *ch, const struct lesson *lesson, const struct hint_options *o)
{
    struct error err = {0};
    autofree char *path = store_default_path();
    struct store *store = store_open(path, o->again ? STORE_READ : STORE_WRITE, &err);
    struct store *readable = store ? store : store_open(path, STORE_READ, NULL);
    int given = readable ? store_hints_revealed(readable, ch->slug) : 0, n = 0, code = LUX_OK;
    while (n < (int)ARRAY_LEN(lesson->hints) && lesson->hints[n])
        n++;
    if (given > n)
        given = n;
    if (n == 0)
        code = command_failed(&command_hint, LUX_UNSOLVED, "%s has no hints", ch->slug);
    else if (o->again && given == 0)
        code =
            command_failed(&command_hint, LUX_UNSOLVED,
                           "no hint of %s was given yet: lux hint %d gives the first", ch->slug, ch->number);
    else if (!o->again && given == n)
        code = command_failed(&command_hint, LUX_UNSOLVED,
                              "%s has no further hint: lux hint %d --again prints the %d that it has",
                              ch->slug, ch->number, n);
    for (int i = 1; code == LUX_OK && o->again && i <= given; i++)
        print_hint(lesson, i, n, o);
    if (code == LUX_OK && !o->again) {
        print_hint(lesson, given + 1, n, o);
        remember(store, ch, given + 1, &err);
    }
    if (readable != store)
        store_close(readable);
    store_close(store);
    return code;
}

static int run(int argc, char **argv)
{
    struct hint_options o = {.again = false};
    struct error err;
    struct lesson lesson;
    int rest = command_options(&command_hint, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_hint, "one challenge at a time, not '%s' as well", argv[1]);
    struct course *course = command_course(&command_hint);
    if (!course)
        return LUX_FAILED;
    const struct challenge *ch = subject_challenge(&command_hint, course, rest ? argv[0] : NULL);
    int code = LUX_USAGE;
    if (ch && !challenge_is_available(ch)) {
        command_failed(&command_hint, LUX_USAGE, "%s is not yet available: it has no lesson or no checks",
                       ch->slug);
    } else if (ch && lesson_load(course, ch, &lesson, &err)) {
        code = command_failed(&command_hint, LUX_FAILED, "%s", err.text);
    } else if (ch) {
        code = give_hints(ch, &lesson, &o);
        lesson_free(&lesson);
    }
    course_free(course);
    return code;
}

const struct command command_hint = {
    .name = "hint",
    .usage = "[NAME] [--again]",
    .summary = "give one more hint for a challenge",
    .help =
        "Each time it is asked it gives one more hint: first a nudge, then a plan, then the shape of the\n"
        "code. Which were given is remembered. NAME may be left out inside a workspace.\n"
        "\n"
        "Exit status: 0; 1 there is no hint to print; 2 wrong usage.\n",
    .options = options,
    .run = run,
};
