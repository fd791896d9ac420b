/* lux reset: a workspace as it was at the start, or, with --undo, as it was before that.
 *
 * Nothing is lost: what is removed or replaced is in a snapshot that the database holds before the first file
 * is touched. Undoing takes such a snapshot too, so that it can be undone in turn. What a snapshot leaves out
 * (large files, hidden ones, links) stays where it is. */
#include "commands/commands.h"
#include "commands/lock.h"
#include "commands/notice.h"
#include "commands/subject.h"
#include "commands/table.h"

#include "base/mem.h"
#include "runner/interrupt.h"
#include "snapshot/snapshot.h"
#include "workspace/toolchain.h"
#include "workspace/workspace.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct reset_options {
    bool yes, undo;
    const char *language, *dir;
};

static const struct option options[] = {
    {.name = "yes",
     .help = "do not ask",
     .take = option_switch,
     .offset = offsetof(struct reset_options, yes)},
    {.name = "undo",
     .help = "bring back what the last reset (or undo) replaced",
     .take = option_switch,
     .offset = offsetof(struct reset_options, undo)},
    {.name = "lang",
     .value = "LANGUAGE",
     .help = "the starter's language (default: that of the program that is there)",
     .take = option_text,
     .offset = offsetof(struct reset_options, language)},
    {.name = "dir",
     .value = "DIR",
     .help = "the program's directory (default: its workspace)",
     .take = option_text,
     .offset = offsetof(struct reset_options, dir)},
    {0},
};

struct reset {
    struct reset_options options;
    const struct challenge *challenge;
    char *data_dir, *dir;
    struct store *store;
    struct source_tree now, then; /* what is there, and what is to be there */
};

/* ---- What is to be there ---- */

static char *language_of(const struct reset *r)
{
    struct error err;
    if (r->options.language)
        return xstrdup(r->options.language);
    struct toolchains *all = toolchains_load(r->data_dir, &err);
    const struct toolchain *tc = all ? toolchains_recognise(all, r->dir, &err) : NULL;
    char *language = xstrdup(tc ? toolchain_language(tc) : "c");
    toolchains_free(all);
    return language;
}

static bool has_starter(const struct reset *r, const char *language)
{
    char **languages = workspace_starter_languages(r->data_dir, r->challenge);
    bool found = false;
    for (char **l = languages; *l; l++)
        found |= strcmp(*l, language) == 0;
    free(languages);
    return found;
}

static int find_starter(struct reset *r)
{
    struct error err;
    autofree char *language = language_of(r);
    autofree char *path = xasprintf("%s/assets/starters/%s/%s", r->data_dir, language, r->challenge->slug);
    if (!has_starter(r, language))
        return command_failed(
            &command_reset, LUX_USAGE,
            "there is no starter in %s for %s; --lang LANGUAGE takes that of another language", language,
            r->challenge->slug);
    if (source_read(path, NULL, &r->then, &err))
        return command_failed(&command_reset, LUX_FAILED, "%s", err.text);
    return LUX_OK;
}

static int find_undo(struct reset *r)
{
    struct error err;
    int64_t snapshot = store_snapshot_before_change(r->store, r->challenge->slug, r->dir);
    if (!snapshot)
        return command_failed(&command_reset, LUX_UNSOLVED,
                              "%s was never reset: there is nothing to bring back", r->dir);
    if (snapshot_read(r->store, snapshot, &r->then, &err))
        return command_failed(&command_reset, LUX_FAILED, "%s", err.text);
    return LUX_OK;
}

/* ---- Asking ---- */

static bool has_file(const struct source_tree *t, const char *path)
{
    for (size_t i = 0; i < t->n_files; i++)
        if (strcmp(t->files[i].path, path) == 0)
            return true;
    return false;
}

static void print_plan(const struct reset *r)
{
    fprintf(stderr, "In %s:\n", r->dir);
    for (size_t i = 0; i < r->now.n_files; i++)
        if (!has_file(&r->then, r->now.files[i].path))
            fprintf(stderr, "  remove   %s\n", r->now.files[i].path);
    for (size_t i = 0; i < r->then.n_files; i++)
        fprintf(stderr, "  %s %s\n", has_file(&r->now, r->then.files[i].path) ? "replace " : "write   ",
                r->then.files[i].path);
    for (char *line = r->now.left_out; line && *line; line = strchr(line, '\n') + 1)
        fprintf(stderr, "  leave    %.*s\n", (int)strcspn(line, "\n"), line);
}

static int ask(const struct reset *r)
{
    char answer[16];
    if (r->options.yes)
        return LUX_OK;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return command_failed(
            &command_reset, LUX_USAGE,
            "it asks before it changes %s, and there is no terminal to ask on: --yes answers", r->dir);
    print_plan(r);
    fprintf(stderr, "A snapshot is taken first: lux reset --undo %d brings all of it back.\nGo on? [y/N] ",
            r->challenge->number);
    if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return LUX_OK;
    return command_failed(&command_reset, LUX_UNSOLVED, "nothing was changed");
}

/* ---- Changing ---- */

static int change(struct reset *r)
{
    struct error err;
    int64_t snapshot =
        snapshot_take(r->store, r->challenge->slug, r->dir, r->challenge->binary, 0, NULL, &err);
    if (snapshot < 0)
        return command_failed(&command_reset, LUX_FAILED,
                              "no snapshot can be taken, so nothing was changed: %s", err.text);
    /* What the snapshot holds, and nothing that was saved since, may be replaced. */
    source_free(&r->now);
    if (snapshot_read(r->store, snapshot, &r->now, &err))
        return command_failed(&command_reset, LUX_FAILED, "%s; nothing was changed", err.text);
    if (source_replace(r->dir, &r->now, r->then.files, r->then.n_files, &err))
        return command_failed(&command_reset, LUX_FAILED,
                              "%s (lux reset --undo %d brings back what was there)", err.text,
                              r->challenge->number);
    printf("%s is as it was %s. lux reset --undo %d takes this back.\n", r->dir,
           r->options.undo ? "before the last change" : "at the start", r->challenge->number);
    return LUX_OK;
}

/* Asks first, so that nobody waits for the workspace while a person thinks. */
static int ask_and_change(struct reset *r)
{
    struct error err;
    struct bus bus;
    autofree char *path = store_default_path();
    r->store = store_open(path, STORE_WRITE, &err);
    if (!r->store)
        return command_failed(&command_reset, LUX_FAILED,
                              "no snapshot can be taken, so nothing was changed: %s", err.text);
    int code = r->options.undo ? find_undo(r) : find_starter(r);
    if (code == LUX_OK && source_read(r->dir, r->challenge->binary, &r->now, &err))
        code = command_failed(&command_reset, LUX_FAILED, "%s", err.text);
    if (code == LUX_OK)
        code = ask(r);
    if (code != LUX_OK)
        return code;
    bus_init(&bus);
    bus_add(&bus, notice_event, (void *)(uintptr_t)&command_reset);
    int interrupt_fd = interrupt_watch(&err);
    if (interrupt_fd < 0)
        return command_failed(&command_reset, LUX_FAILED, "%s", err.text);
    int lock = lock_workspace(r->dir, interrupt_fd, &bus);
    if (lock == LOCK_INTERRUPTED)
        interrupt_die(interrupt_signal());
    code = change(r); /* short, and goes on to its end when a signal comes */
    if (lock >= 0)
        close(lock);
    return code;
}

static int run(int argc, char **argv)
{
    struct reset r = {.challenge = NULL};
    struct error err;
    int rest = command_options(&command_reset, &r.options, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest > 1)
        return command_misused(&command_reset, "one challenge at a time, not '%s' as well", argv[1]);
    if (rest == 0)
        return command_misused(&command_reset, "which challenge?");
    if (r.options.undo && r.options.language)
        return command_misused(&command_reset, "--undo brings back what was there, in whatever language");
    struct course *course = command_course(&command_reset);
    if (!course)
        return LUX_FAILED;
    r.challenge = command_challenge(&command_reset, course, argv[0]);
    int code = LUX_USAGE;
    if (r.challenge) {
        r.data_dir = course_data_dir(&err);
        r.dir = r.data_dir ? workspace_find(r.challenge, r.options.dir, &err) : NULL;
        code = r.dir ? ask_and_change(&r) : command_failed(&command_reset, LUX_USAGE, "%s", err.text);
    }
    store_close(r.store);
    source_free(&r.now);
    source_free(&r.then);
    free(r.data_dir);
    free(r.dir);
    course_free(course);
    return code;
}

const struct command command_reset = {
    .name = "reset",
    .usage = "NAME [--undo] [--yes] [--lang LANGUAGE] [--dir DIR]",
    .summary = "begin a challenge anew, after a snapshot; or undo that",
    .help =
        "Makes the workspace what `lux start` had made it, after a question. A snapshot of the source is\n"
        "taken first, and --undo brings it back; undoing can be undone, too. Files that no snapshot keeps\n"
        "(larger than 256 KiB, hidden, links) and what a build has made stay as they are.\n"
        "\n"
        "Exit status: 0; 1 nothing was changed; 2 wrong usage; 5 it could not be done.\n",
    .options = options,
    .run = run,
};
