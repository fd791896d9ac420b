/* lux show: a lesson, its contract or a hint, as text. */
#include "commands/commands.h"
#include "commands/nearest.h"
#include "commands/prose.h"
#include "commands/standing.h"
#include "commands/table.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char handbook[] = "handbook/";

struct show_options {
    bool contract, raw;
    int hint;
};

static const struct option options[] = {
    {.name = "contract",
     .help = "the contract alone: what the checks hold the program to",
     .take = option_switch,
     .offset = offsetof(struct show_options, contract)},
    {.name = "hint",
     .value = "N",
     .help = "a hint: 1 is a nudge, 2 a plan, 3 the shape of the code",
     .take = option_count,
     .offset = offsetof(struct show_options, hint)},
    {.name = "raw",
     .help = "the text in markdown, as it is",
     .take = option_switch,
     .offset = offsetof(struct show_options, raw)},
    {0},
};

static void print_markdown(const char *markdown, const struct show_options *o)
{
    struct prose how = prose_for_stdout();
    struct buf text = {0};
    if (o->raw)
        buf_addstr(&text, markdown);
    else
        prose_add(&text, markdown, &how);
    fwrite(buf_str(&text), 1, text.len, stdout);
    buf_free(&text);
}

static void add_facts(struct buf *out, const struct challenge *ch)
{
    buf_printf(out, "Challenge %d, stage %d (%s), difficulty %d of 5, about %d minutes.\n", ch->number,
               ch->stage->number, ch->stage->title, ch->difficulty, ch->minutes);
    for (const char *const *need = ch->needs; *need; need++)
        buf_printf(out, "%s%s", need == ch->needs ? "It builds on " : need[1] ? ", " : " and ", *need);
    buf_addstr(out, ch->needs[0] ? ".\n\n" : "\n");
}

static int show_lesson(const struct challenge *ch, const struct lesson *lesson, const struct show_options *o)
{
    struct buf text = {0};
    const char *body = lesson->body;

    if (!o->raw && strncmp(body, "# ", 2) == 0) { /* the facts come below the title */
        size_t title = strcspn(body, "\n");
        buf_add(&text, body, title);
        buf_addstr(&text, "\n\n");
        add_facts(&text, ch);
        body += title;
        body += strspn(body, "\n");
    }
    buf_addstr(&text, body);
    print_markdown(buf_str(&text), o);
    if (!o->raw && lesson->hints[0])
        printf(
            "\nHints: lux show %d --hint 1, then 2 and 3.  A page of the handbook: lux show handbook/PAGE\n"
            "To begin: lux start %d, with --lang for another language than C\n",
            ch->number, ch->number);
    buf_free(&text);
    return LUX_OK;
}

static int show_contract(const struct challenge *ch, const struct lesson *lesson,
                         const struct show_options *o)
{
    struct buf text = {0};
    buf_printf(&text, "# The contract of %s\n\n", ch->title);
    for (size_t i = 0; i < lesson->n_clauses; i++)
        buf_printf(&text, "- **%s** \u2014 %s\n", lesson->clauses[i].id, lesson->clauses[i].sentence);
    print_markdown(buf_str(&text), o);
    buf_free(&text);
    return LUX_OK;
}

static int show_hint(const struct challenge *ch, const struct lesson *lesson, const struct show_options *o)
{
    int n = 0;
    while (n < (int)ARRAY_LEN(lesson->hints) && lesson->hints[n])
        n++;
    if (o->hint > n)
        return command_failed(&command_show, LUX_USAGE, "%s has %d hint%s, and no hint %d", ch->slug, n,
                              n == 1 ? "" : "s", o->hint);
    print_markdown(lesson->hints[o->hint - 1], o);
    return LUX_OK;
}

/* The names of all pages; or, after a word that is none, the one that may have been meant. */
static void print_pages(const struct course *course, const char *word, FILE *to)
{
    char **names = course_handbook_names(course);
    size_t n = 0;
    while (names[n])
        n++;
    const char *near = word ? nearest(word, (const char *const *)names, n) : NULL;
    if (near)
        fprintf(to, "Did you mean handbook/%s?\n", near);
    else if (word)
        fputs("It has these:\n", to);
    for (size_t i = 0; i < n; i++) {
        if (!near)
            fprintf(to, "%shandbook/%s\n", word ? "  " : "", names[i]);
        free(names[i]);
    }
    free(names);
}

static int show_handbook(const struct course *course, const char *page, const struct show_options *o)
{
    struct error err;
    if (!*page) {
        print_pages(course, NULL, stdout);
        return LUX_OK;
    }
    autofree char *text = course_handbook_page(course, page, &err);
    if (!text) {
        command_failed(&command_show, LUX_USAGE, "%s", err.text);
        print_pages(course, page, stderr);
        return LUX_USAGE;
    }
    if (o->contract || o->hint)
        return command_misused(&command_show, "a page of the handbook has no contract and no hints");
    print_markdown(text, o);
    return LUX_OK;
}

static int show_challenge(const struct course *course, const char *name, const struct show_options *o)
{
    const struct challenge *ch = command_challenge(&command_show, course, name);
    struct error err;
    struct lesson lesson;
    if (!ch)
        return LUX_USAGE;
    if (!challenge_is_available(ch))
        return command_failed(&command_show, LUX_USAGE, "%s (%s) is not yet available: %s", ch->slug,
                              ch->usage, ch->summary);
    if (lesson_load(course, ch, &lesson, &err))
        return command_failed(&command_show, LUX_FAILED, "%s", err.text);
    int code = o->contract ? show_contract(ch, &lesson, o)
               : o->hint   ? show_hint(ch, &lesson, o)
                           : show_lesson(ch, &lesson, o);
    lesson_free(&lesson);
    return code;
}

static int run(int argc, char **argv)
{
    struct show_options o = {.hint = 0};
    int rest = command_options(&command_show, &o, argc, argv);
    if (rest < 0)
        return LUX_USAGE;
    if (rest == 0)
        return command_misused(&command_show, "which challenge?");
    if (rest > 1)
        return command_misused(&command_show, "one challenge at a time, not '%s' as well", argv[1]);
    if (o.contract && o.hint)
        return command_misused(&command_show, "either the contract or a hint");
    struct course *course = command_course(&command_show);
    if (!course)
        return LUX_FAILED;
    bool is_page = strncmp(argv[0], handbook, strlen(handbook)) == 0;
    int code = is_page || strcmp(argv[0], "handbook") == 0
                   ? show_handbook(course, is_page ? argv[0] + strlen(handbook) : "", &o)
                   : show_challenge(course, argv[0], &o);
    course_free(course);
    return code;
}

const struct command command_show = {
    .name = "show",
    .usage = "NAME [--contract | --hint N] [--raw]",
    .summary = "print a lesson, its contract or a hint",
    .help = "Prints the lesson of a challenge, wrapped for the terminal. NAME is a slug, a number (2), a\n"
            "section (4.2), the beginning of a slug, or handbook/PAGE for a page of the handbook; the word\n"
            "handbook alone lists its pages.\n"
            "The hints are not part of the lesson: ask for them one by one.\n",
    .options = options,
    .run = run,
};
