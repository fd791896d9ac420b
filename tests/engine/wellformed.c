#include "wellformed.h"

#include "base/escape.h"
#include "event/event.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char message[512];

__attribute__((format(printf, 1, 2))) static const char *wrong(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return message;
}

/* ---- XML ---- */

enum { DEPTH_MAX = 32, ATTRIBUTES_MAX = 16, NAME_MAX_LEN = 64 };

struct xml {
    const char *at, *end, *begin;
    char open[DEPTH_MAX][NAME_MAX_LEN];
    int depth;
};

static const char *xml_wrong(const struct xml *x, const char *what)
{
    return wrong("%s at byte %zu: \"%.40s\"", what, (size_t)(x->at - x->begin), x->at);
}

static bool take_name(struct xml *x, char name[NAME_MAX_LEN])
{
    size_t n = 0;
    while (x->at < x->end && (isalnum((unsigned char)*x->at) || *x->at == '-' || *x->at == '_') &&
           n + 1 < NAME_MAX_LEN)
        name[n++] = *x->at++;
    name[n] = '\0';
    return n > 0 && isalpha((unsigned char)name[0]);
}

static void skip_space(struct xml *x)
{
    while (x->at < x->end && strchr(" \t\r\n", *x->at))
        x->at++;
}

static const char *take_entity(struct xml *x)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i]);
        if ((size_t)(x->end - x->at) >= n && !memcmp(x->at, known[i], n)) {
            x->at += n;
            return NULL;
        }
    }
    if (x->end - x->at > 3 && x->at[1] == '#') {
        char *after;
        unsigned long cp = strtoul(x->at + 2, &after, 10);
        if (after < x->end && *after == ';' &&
            (cp == 9 || cp == 10 || cp == 13 || (cp >= 32 && cp < 0xd800))) {
            x->at = after + 1;
            return NULL;
        }
    }
    return xml_wrong(x, "unknown entity");
}

/* One character of text or of an attribute. */
static const char *take_character(struct xml *x)
{
    if (*x->at == '&')
        return take_entity(x);
    unsigned cp;
    size_t n = utf8_decode(x->at, (size_t)(x->end - x->at), &cp);
    if (n == 0)
        return xml_wrong(x, "not UTF-8");
    if ((cp < 32 && cp != 9 && cp != 10 && cp != 13) || cp == 0xfffe || cp == 0xffff)
        return xml_wrong(x, "a character that XML forbids");
    x->at += n;
    return NULL;
}

static const char *take_attributes(struct xml *x)
{
    char names[ATTRIBUTES_MAX][NAME_MAX_LEN];
    for (int n = 0;; n++) {
        const char *before = x->at;
        skip_space(x);
        if (x->at == x->end || strchr("/>?", *x->at))
            return NULL;
        if (before == x->at || n == ATTRIBUTES_MAX || !take_name(x, names[n]))
            return xml_wrong(x, "an attribute was expected");
        for (int i = 0; i < n; i++)
            if (!strcmp(names[i], names[n]))
                return xml_wrong(x, "an attribute is there twice");
        if (x->end - x->at < 2 || x->at[0] != '=' || x->at[1] != '"')
            return xml_wrong(x, "=\" was expected");
        x->at += 2;
        while (x->at < x->end && *x->at != '"') {
            if (*x->at == '<' || *x->at == '\n')
                return xml_wrong(x, "must be escaped in an attribute");
            const char *bad = take_character(x);
            if (bad)
                return bad;
        }
        if (x->at == x->end)
            return xml_wrong(x, "an attribute does not end");
        x->at++;
    }
}

static const char *take_tag(struct xml *x)
{
    char name[NAME_MAX_LEN];
    bool closes = x->at[1] == '/';
    x->at += closes ? 2 : 1;
    if (!take_name(x, name))
        return xml_wrong(x, "a tag's name was expected");
    if (closes) {
        if (x->depth == 0 || strcmp(x->open[--x->depth], name) != 0)
            return xml_wrong(x, "closes a tag that is not open");
    } else {
        const char *bad = take_attributes(x);
        if (bad)
            return bad;
        if (x->at < x->end && *x->at == '/')
            x->at++;
        else if (x->depth < DEPTH_MAX)
            snprintf(x->open[x->depth++], NAME_MAX_LEN, "%s", name);
        else
            return xml_wrong(x, "too deep");
    }
    if (x->at == x->end || *x->at != '>')
        return xml_wrong(x, "> was expected");
    x->at++;
    return NULL;
}

const char *xml_error(const char *text, size_t len)
{
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    struct xml x = {.at = text, .begin = text, .end = text + len};
    if (len < sizeof declaration - 1 || memcmp(text, declaration, sizeof declaration - 1) != 0)
        return "no XML declaration";
    x.at += sizeof declaration - 1;
    int roots = 0;
    while (x.at < x.end) {
        const char *bad;
        if (*x.at == '<') {
            roots += x.depth == 0 && x.at[1] != '/';
            bad = take_tag(&x);
        } else {
            if (x.depth == 0 && !isspace((unsigned char)*x.at))
                return xml_wrong(&x, "text outside of the root");
            bad = take_character(&x);
        }
        if (bad)
            return bad;
    }
    if (x.depth)
        return wrong("<%s> is not closed", x.open[x.depth - 1]);
    return roots == 1 ? NULL : wrong("%d roots", roots);
}

/* ---- TAP ---- */

const char *tap_error(const char *text)
{
    long planned = -1, points = 0;
    bool in_yaml = false, bailed = false;
    int number = 0;
    for (const char *line = text; *line; number++) {
        size_t n = strcspn(line, "\n");
        if (line[n] != '\n')
            return wrong("line %d does not end", number + 1);
        char *after;
        if (number == 0) {
            if (strncmp(line, "TAP version 14\n", 15) != 0)
                return "no version line";
        } else if (in_yaml) {
            if (strncmp(line, "  ", 2) != 0)
                return wrong("line %d is in a YAML block, but not indented: %.*s", number + 1, (int)n, line);
            in_yaml = strncmp(line, "  ...\n", 6) != 0;
        } else if (!strncmp(line, "  ---\n", 6)) {
            if (!points)
                return wrong("line %d: a YAML block before the first point", number + 1);
            in_yaml = true;
        } else if (!strncmp(line, "1..", 3)) {
            if (planned >= 0)
                return wrong("line %d is a second plan", number + 1);
            planned = strtol(line + 3, &after, 10);
            if (after != line + n && strncmp(line, "1..0 # SKIP", 11) != 0)
                return wrong("line %d: not a plan", number + 1);
        } else if (!strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7)) {
            if (strtol(line + (*line == 'o' ? 3 : 7), &after, 10) != ++points ||
                strncmp(after, " - ", 3) != 0)
                return wrong("line %d: not point %ld: %.*s", number + 1, points, (int)n, line);
        } else if (!strncmp(line, "Bail out!", 9)) {
            bailed = true;
        } else if (*line != '#') {
            return wrong("line %d is no TAP: %.*s", number + 1, (int)n, line);
        }
        line += n + 1;
    }
    if (in_yaml)
        return "a YAML block is not closed";
    if (!bailed && planned != points)
        return wrong("%ld planned, %ld there", planned, points);
    return NULL;
}

/* ---- The event stream ---- */

const char *ndjson_error(const char *text)
{
    bool started = false, ended = false;
    int number = 0;
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        number++;
        if (line[n] != '\n')
            return wrong("line %d does not end", number);
        struct event e;
        struct error err;
        if (event_decode(line, n, &e, &err) != 0)
            return wrong("line %d: %s", number, err.text);
        enum event_type type = e.type;
        event_free(&e);
        if (ended && type != EVENT_NOTICE)
            return wrong("line %d comes after run_end", number);
        if (!started && (type == EVENT_CHECK_START || type == EVENT_STEP || type == EVENT_CHECK_END))
            return wrong("line %d comes before run_start", number);
        started |= type == EVENT_RUN_START;
        ended |= type == EVENT_RUN_END;
        line += n + 1;
    }
    return number ? NULL : "empty";
}
