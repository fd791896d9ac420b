/* lux start: makes the workspace of a challenge from a starter. */
#include "commands/commands.h"
#include "commands/standing.h"
#include "commands/table.h"

#include "base/mem.h"
#include "db/store.h"
#include "workspace/shell.h"
#include "workspace/workspace.h"

#include <stdio.h>
#include <string.h>

struct start_options {
    const char *language;
};

static const struct option options[] = {
    {.name = "lang",
     .value = "LANGUAGE",
     .help = "c, go, ...: the starter to begin with (default: your setting, or c)",
     .take = option_text,
     .offset = offsetof(struct start_options, language)},
    {0},
};

/* The learner's usual language; the caller frees. A progress that cannot be read is no reason not to start.
 */
static char *usual_language(void)
{
    autofree char *path = store_default_path();
    struct error err;
    struct store *store = store_open(path, STORE_READ, &err);
    char *language = store ? store_setting_get(store, "language") : NULL;
    store_close(store);
    return language ? language : xstrdup("c");
}

static void print_next_steps(const struct challenge *ch, const char *path)
{
    struct buf word = {0};
    shell_add_word(&word, path);
    printf("%s is ready: %s\n"
           "\n"
           "Next:\n"
           "  lux show %d     read the lesson\n"
           "  cd %s\n"
           "  lux check %d    build the program and see which checks pass\n"
           "or do all of it on one screen: luxtui\n",
           ch->title, path, ch->number, buf_str(&word), ch->number);
    buf_free(&word);
}

static int start(const struct challenge *ch, const char *language)
{
    static const enum exit_code codes[] = {
        [WORKSPACE_STARTED] = LUX_OK,
        [WORKSPACE_EXISTS] = LUX_USAGE,
        [WORKSPACE_NO_LANGUAGE] = LUX_USAGE,
        [WORKSPACE_FAILED] = LUX_FAILED,
    };
    struct error err = {""};
    autofree char *data_dir = course_data_dir(&err);
    if (!data_dir)
        return command_failed(&command_start, LUX_FAILED, "%s", err.text);
    char *path = NULL;
    enum workspace_start result = workspace_start(data_dir, ch, language, &path, &err);
    if (result == WORKSPACE_STARTED)
        print_next_steps(ch, path);
    else
        command_failed(&command_start, codes[result], "%s", err.text);
    free(path);
    return codes[result];
}

static int run(int argc, char **argv)
{
    struct start_options o = {.language = NULL};
    int rest = command_options(&command_start, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest == 0)
        return command_misused(&command_start, "which challenge?");
    if (rest > 1)
        return command_misused(&command_start, "one challenge at a time, not '%s' as well", argv[1]);
    struct course *course = command_course(&command_start);
    if (!course)
        return LUX_FAILED;
    const struct challenge *ch = command_challenge(&command_start, course, argv[0]);
    int code = LUX_USAGE;
    if (ch && !challenge_is_available(ch)) {
        command_failed(&command_start, LUX_USAGE, "%s is not yet available: it has no lesson or no checks",
                       ch->slug);
    } else if (ch) {
        autofree char *language = o.language ? xstrdup(o.language) : usual_language();
        code = start(ch, language);
    }
    course_free(course);
    return code;
}

const struct command command_start = {
    .name = "start",
    .usage = "NAME [--lang LANGUAGE]",
    .summary = "make the workspace of a challenge from a starter",
    .help =
        "Makes $LUX_HOME/NN-slug ($LUX_HOME is ~/lux unless you set it) with a first program that compiles.\n"
        "From then on the files are yours. A workspace that holds files already is never touched.\n",
    .options = options,
    .run = run,
};
