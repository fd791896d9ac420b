/* What the commands share: messages, help, and finding the course and its challenges. */
#include "commands/commands.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void complain(const struct command *c, const char *format,
                                                           va_list args)
{
    fprintf(stderr, "lux %s: ", c->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

int command_misused(const struct command *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(c, format, args);
    va_end(args);
    fprintf(stderr, "usage: lux %s%s%s\nMore: lux help %s\n", c->name, *c->usage ? " " : "", c->usage,
            c->name);
    return LUX_USAGE;
}

int command_failed(const struct command *c, enum exit_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(c, format, args);
    va_end(args);
    return code;
}

void command_print_help(const struct command *c)
{
    printf("usage: lux %s%s%s\n", c->name, *c->usage ? " " : "", c->usage);
    if (c->help)
        printf("\n%s%s", c->help, c->help[strlen(c->help) - 1] == '\n' ? "" : "\n");
    printf("\nOptions:\n");
    for (const struct option *o = c->options; o && o->name; o++) {
        autofree char *left = xasprintf("--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        printf("  %-20s  %s", left, o->help);
        for (const char *const *choice = o->choices; choice && *choice; choice++)
            printf("%s%s", choice == o->choices ? ": " : ", ", *choice);
        printf("\n");
    }
    printf("  %-20s  %s\n", "--help", "show this");
}

const struct command *command_find(const char *name)
{
    for (const struct command *const *c = command_table; *c; c++)
        if (!strcmp((*c)->name, name))
            return *c;
    return NULL;
}

struct course *command_course(const struct command *c)
{
    struct error err = {0};
    autofree char *data_dir = course_data_dir(&err);
    struct course *course = data_dir ? course_load(data_dir, &err) : NULL;
    if (!course)
        command_failed(c, LUX_FAILED, "%s", err.text);
    return course;
}

const struct challenge *command_challenge(const struct command *c, const struct course *course,
                                          const char *name)
{
    struct error err = {0};
    const struct challenge *found = course_find(course, name, &err);
    if (!found)
        command_failed(c, LUX_USAGE, "%s (lux list shows all)", err.text);
    return found;
}
