/* The options of a command line, read by a command's table. */
#include "commands/commands.h"

#include "base/buf.h"
#include "base/mem.h"
#include "commands/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int option_switch(void *target, const char *value, struct error *err)
{
    (void)value;
    (void)err;
    *(bool *)target = true;
    return 0;
}

int option_text(void *target, const char *value, struct error *err)
{
    if (!*value)
        return error_set(err, "it must not be empty");
    *(const char **)target = value;
    return 0;
}

/* The whole of `value` as a number without sign; base 0 takes 0x... too. */
static int read_number(const char *value, int base, unsigned long long *out)
{
    if (*value < '0' || *value > '9')
        return -1;
    char *end;
    errno = 0;
    *out = strtoull(value, &end, base);
    return *end || errno ? -1 : 0;
}

int option_count(void *target, const char *value, struct error *err)
{
    enum { MOST = 1000000 };
    unsigned long long n;
    if (read_number(value, 10, &n) || n < 1 || n > MOST)
        return error_set(err, "'%s' is not a whole number from 1 to %d", value, MOST);
    *(int *)target = (int)n;
    return 0;
}

int option_seed(void *target, const char *value, struct error *err)
{
    struct option_seed *seed = target;
    unsigned long long n;
    int base = !strncmp(value, "0x", 2) || !strncmp(value, "0X", 2) ? 16 : 10;
    if (read_number(value, base, &n))
        return error_set(err, "'%s' is not a whole number from 0 to 18446744073709551615", value);
    *seed = (struct option_seed){.given = true, .value = n};
    return 0;
}

int option_list(void *target, const char *value, struct error *err)
{
    struct option_list *list = target;
    if (!*value)
        return error_set(err, "it must not be empty");
    if (list->n == OPTION_LIST_MAX)
        return error_set(err, "it was given more than %d times", OPTION_LIST_MAX);
    list->items[list->n++] = value;
    return 0;
}

static const struct option *find_option(const struct command *c, const char *name, size_t len)
{
    for (const struct option *o = c->options; o && o->name; o++)
        if (strlen(o->name) == len && !memcmp(o->name, name, len))
            return o;
    return NULL;
}

static int unknown_option(const struct command *c, const char *argument, size_t name_len)
{
    const char *names[64];
    size_t n = 0;
    for (const struct option *o = c->options; o && o->name && n < ARRAY_LEN(names); o++)
        names[n++] = o->name;
    autofree char *name = xstrndup(argument + 2, name_len);
    const char *near = nearest(name, names, n);
    if (near)
        return command_misused(c, "there is no option --%s; did you mean --%s?", name, near);
    return command_misused(c, "there is no option --%s", name);
}

static bool is_choice(const struct option *o, const char *value)
{
    if (!o->choices)
        return true;
    for (const char *const *choice = o->choices; *choice; choice++)
        if (!strcmp(*choice, value))
            return true;
    return false;
}

static int not_a_choice(const struct command *c, const struct option *o, const char *value)
{
    struct buf list = {0};
    for (const char *const *choice = o->choices; *choice; choice++)
        buf_printf(&list, "%s%s", choice == o->choices ? "" : choice[1] ? ", " : " or ", *choice);
    command_misused(c, "--%s must be %s, not '%s'", o->name, buf_str(&list), value);
    buf_free(&list);
    return LUX_USAGE;
}

/* Takes the option in argv[*i] with its value, which may be the next argument. 0, or nonzero after a message.
 */
static int take_option(const struct command *c, void *into, int argc, char **argv, int *i)
{
    const char *argument = argv[*i];
    size_t name_len = strcspn(argument + 2, "=");
    const struct option *o = find_option(c, argument + 2, name_len);
    if (!o)
        return unknown_option(c, argument, name_len);
    const char *value = argument[2 + name_len] == '=' ? argument + 2 + name_len + 1 : NULL;
    if (!o->value && value)
        return command_misused(c, "--%s takes no value", o->name);
    if (o->value && !value) {
        if (*i + 1 >= argc)
            return command_misused(c, "--%s needs a value: --%s %s", o->name, o->name, o->value);
        value = argv[++*i];
    }
    if (o->value && !is_choice(o, value))
        return not_a_choice(c, o, value);
    struct error err = {0};
    if (o->take((char *)into + o->offset, value, &err))
        return command_misused(c, "--%s: %s", o->name, err.text);
    return 0;
}

int command_options(const struct command *c, void *into, int argc, char **argv)
{
    int rest = 0;
    for (int i = 0; i < argc; i++) {
        const char *argument = argv[i];
        if (!strcmp(argument, "--")) {
            while (++i < argc)
                argv[rest++] = argv[i];
        } else if (!strncmp(argument, "--", 2)) {
            if (take_option(c, into, argc, argv, &i))
                return -1;
        } else if (argument[0] == '-' && argument[1]) {
            command_misused(c, "there is no option %s; options are written out, as in --help", argument);
            return -1;
        } else {
            argv[rest++] = argv[i];
        }
    }
    return rest;
}
