/* Finding what a command is about, with a message for each way in which it cannot be found. */
#include "commands/subject.h"

#include "base/buf.h"
#include "base/mem.h"
#include "commands/nearest.h"
#include "commands/next.h"
#include "workspace/workspace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The challenge in whose workspace we are. */
static const struct challenge *challenge_around(const struct course *course)
{
    char here[4096];
    if (!getcwd(here, sizeof here))
        return NULL;
    for (size_t i = 0; i < course_challenge_count(course); i++) {
        autofree char *path = workspace_path(course_challenge(course, i));
        autofree char *real = realpath(path, NULL);
        size_t len = real ? strlen(real) : 0;
        if (len && !strncmp(here, real, len) && (here[len] == '/' || !here[len]))
            return course_challenge(course, i);
    }
    return NULL;
}

const struct challenge *subject_challenge(const struct command *c, const struct course *course,
                                          const char *name)
{
    if (name)
        return command_challenge(c, course, name);
    const struct challenge *here = challenge_around(course);
    if (!here)
        command_misused(c, "which challenge? This directory is not the workspace of one");
    return here;
}

static int find_challenge(struct subject *s, const struct command *c, const char *name)
{
    s->course = command_course(c);
    if (!s->course)
        return LUX_FAILED;
    s->challenge = subject_challenge(c, s->course, name);
    if (!s->challenge)
        return LUX_USAGE;
    s->n_checks = harness_checks_of(s->challenge->slug, &s->checks);
    if (!s->n_checks)
        return command_failed(
            c, LUX_USAGE,
            "challenge %d, %s, is not available yet: it has no checks (lux list shows those that do)",
            s->challenge->number, s->challenge->slug);
    return LUX_OK;
}

/* By the id or the title, or by the beginning of one that no other begins with. */
static const struct check *check_named(const struct subject *s, const char *name)
{
    const struct check *begins = NULL;
    size_t n = 0, len = strlen(name);
    for (size_t i = 0; i < s->n_checks; i++) {
        const struct check *check = s->checks[i];
        if (!strcmp(check->id, name) || !strcasecmp(check->title, name))
            return check;
        if (len == 0 || (strncmp(check->id, name, len) != 0 && strncasecmp(check->title, name, len) != 0))
            continue;
        begins = check;
        n++;
    }
    return n == 1 ? begins : NULL;
}

void subject_print_checks(const struct subject *s)
{
    size_t widest = 0;
    for (size_t i = 0; i < s->n_checks; i++)
        widest = strlen(s->checks[i]->id) > widest ? strlen(s->checks[i]->id) : widest;
    for (size_t i = 0; i < s->n_checks; i++)
        fprintf(stderr, "  %-*s  %s\n", (int)widest, s->checks[i]->id, s->checks[i]->title);
}

static const char *quote_if_blank(const char *word)
{
    return strchr(word, ' ') ? "'" : "";
}

static int unknown_check(const struct subject *s, const struct command *c, const char *id)
{
    const char **ids = xcalloc(2 * s->n_checks, sizeof *ids);
    for (size_t i = 0; i < s->n_checks; i++) {
        ids[i] = s->checks[i]->id;
        ids[s->n_checks + i] = s->checks[i]->title;
    }
    const char *near = nearest(id, ids, 2 * s->n_checks);
    free(ids);
    if (near)
        return command_failed(c, LUX_USAGE, "%s has no check '%s'; did you mean %s%s%s?", s->challenge->slug,
                              id, quote_if_blank(near), near, quote_if_blank(near));
    command_failed(c, LUX_USAGE, "%s has no check '%s'; it has these:", s->challenge->slug, id);
    subject_print_checks(s);
    return LUX_USAGE;
}

static bool is_wanted(const struct subject *s, const struct option_list *only, const struct check *check)
{
    for (size_t i = 0; i < only->n; i++)
        if (check_named(s, only->items[i]) == check)
            return true;
    return only->n == 0;
}

static int choose_checks(struct subject *s, const struct command *c, const struct option_list *only)
{
    for (size_t i = 0; i < only->n; i++)
        if (!check_named(s, only->items[i]))
            return unknown_check(s, c, only->items[i]);
    s->chosen = xcalloc(s->n_checks, sizeof *s->chosen);
    for (size_t i = 0; i < s->n_checks; i++)
        if (is_wanted(s, only, s->checks[i]))
            s->chosen[s->n_chosen++].check = s->checks[i];
    return LUX_OK;
}

/* ---- What it needs ---- */

static int find_places(struct subject *s, const struct command *c, const char *dir)
{
    struct error err = {0};
    s->data_dir = course_data_dir(&err);
    if (!s->data_dir)
        return command_failed(c, LUX_FAILED, "%s", err.text);
    s->dir = workspace_find(s->challenge, dir, &err);
    if (!s->dir)
        return command_failed(c, LUX_USAGE, "%s", err.text);
    s->has_lesson = lesson_load(s->course, s->challenge, &s->lesson, &err) == 0;
    return LUX_OK;
}

int subject_find(struct subject *s, const struct command *c, const char *name, const char *dir,
                 const struct option_list *only)
{
    int code = find_challenge(s, c, name);
    if (code == LUX_OK)
        code = choose_checks(s, c, only);
    if (code == LUX_OK)
        code = find_places(s, c, dir);
    return code;
}

void subject_free(struct subject *s)
{
    if (s->has_lesson)
        lesson_free(&s->lesson);
    if (s->course)
        course_free(s->course);
    free(s->checks);
    free(s->chosen);
    free(s->data_dir);
    free(s->dir);
    *s = (struct subject){0};
}

/* 'path', so that a shell takes it as one word whatever is in it. */
static char *shell_word(const char *path)
{
    struct buf out = {0};
    if (!path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+~")])
        return xstrdup(path);
    buf_addch(&out, '\'');
    for (; *path; path++) {
        if (*path == '\'')
            buf_addstr(&out, "'\\''");
        else
            buf_addch(&out, *path);
    }
    buf_addch(&out, '\'');
    return buf_take(&out);
}

char *subject_paste_name(const struct subject *s, const char *dir)
{
    if (!dir)
        return xasprintf("%d", s->challenge->number);
    autofree char *word = shell_word(dir);
    return xasprintf("%d --dir %s", s->challenge->number, word);
}

char *subject_next(const struct subject *s, bool reads_progress)
{
    struct error err = {0};
    size_t n = course_challenge_count(s->course), here = (size_t)s->challenge->number - 1;
    const struct challenge *next = NULL;
    if (reads_progress) {
        autofree struct standing *standings = progress_read(s->course, &err);
        next = next_after(s->course, standings, s->challenge);
    }
    for (size_t i = 1; i < n && !next && !reads_progress; i++) {
        const struct challenge *other = course_challenge(s->course, (here + i) % n);
        if (challenge_is_available(other))
            next = other;
    }
    if (!next)
        return xstrdup("That was the last open challenge that is available so far: well done.");
    return xasprintf("Next: %d %s. lux show %d has the lesson, lux start %d begins it.", next->number,
                     next->title, next->number, next->number);
}
