#include "harness/syslog.h"

#include "base/mem.h"
#include "harness/compare.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"
#include "harness/unix.h"

#include <string.h>

enum { PRI_MAX = 191 };

struct reader {
    const char *at, *end;
    const char *wrong;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool next_is(struct reader *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static void wrong(struct reader *r, const char *sentence)
{
    if (!r->wrong)
        r->wrong =
            format("%s: %s", sentence,
                   r->at < r->end ? quote(bytes(r->at, (size_t)(r->end - r->at))) : "the message ends there");
}

static void take(struct reader *r, char c, const char *sentence)
{
    if (next_is(r, c))
        r->at++;
    else
        wrong(r, sentence);
}

/* "<13>": one to three digits without leading zeros, at most 191. */
static void take_priority(struct reader *r, SyslogMessage *m)
{
    int value = 0, digits = 0;
    const char *begin = r->at + 1;

    take(r, '<', "a message begins with its priority, as in \"<13>\"");
    while (!r->wrong && r->at < r->end && is_digit(*r->at) && digits++ < 3)
        value = 10 * value + (*r->at++ - '0');
    if (!r->wrong && (digits == 0 || value > PRI_MAX || (digits > 1 && *begin == '0')))
        wrong(r, format("the priority is no number from 0 to %d", PRI_MAX));
    take(r, '>', "the priority ends with \">\"");
    m->facility = value / 8;
    m->severity = value % 8;
}

/* Up to the next space, of printable bytes alone. */
static const char *take_word(struct reader *r, size_t most, const char *name)
{
    const char *begin = r->at;

    while (r->at<r->end && * r->at> ' ' && *r->at < 127)
        r->at++;
    size_t size = (size_t)(r->at - begin);
    if (!r->wrong && size == 0)
        wrong(r, format("the %s is missing", name));
    if (!r->wrong && size > most)
        wrong(r, format("the %s is longer than %zu bytes", name, most));
    return r->wrong ? "" : format("%.*s", (int)size, begin);
}

static bool matches(const char *s, size_t size, const char *pattern)
{
    for (; *pattern; pattern++, s++, size--)
        if (size == 0 || (*pattern == '0' ? !is_digit(*s) : *pattern != *s))
            return false;
    return true;
}

/* "Nov  6 09:05:01": RFC 3164, section 4.1.2. */
static void take_short_time(struct reader *r, SyslogMessage *m)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    enum { SIZE = 15 };
    size_t size = (size_t)(r->end - r->at);
    bool good = size >= SIZE && matches(r->at + 6, SIZE - 6, " 00:00:00") && r->at[3] == ' ' &&
                is_digit(r->at[5]) && (r->at[4] == ' ' || (r->at[4] >= '1' && r->at[4] <= '3')),
         month = false;

    for (int i = 0; i < 12 && good; i++)
        month = month || memcmp(r->at, months + 3 * i, 3) == 0;
    if (!good || !month) {
        wrong(r, "the time is not like \"Nov  6 09:05:01\"");
        return;
    }
    m->time = format("%.*s", SIZE, r->at);
    r->at += SIZE;
    take(r, ' ', "the time is followed by a space");
}

/* "2026-11-06T09:05:01.123456+01:00": RFC 5424, section 6.2.3. */
static bool is_long_time(const char *s)
{
    size_t size = strlen(s), at = strlen("2026-11-06T09:05:01");

    if (!matches(s, size, "0000-00-00T00:00:00"))
        return false;
    if (s[at] == '.') {
        size_t digits = strspn(s + at + 1, "0123456789");
        if (digits < 1 || digits > 6)
            return false;
        at += 1 + digits;
    }
    if (strcmp(s + at, "Z") == 0)
        return true;
    return (s[at] == '+' || s[at] == '-') && size - at == 6 && matches(s + at + 1, size - at - 1, "00:00");
}

/* "[id name="value"]...": RFC 5424, section 6.3. */
static void take_structured(struct reader *r, SyslogMessage *m)
{
    const char *begin = r->at;

    if (!next_is(r, '-') && !next_is(r, '['))
        wrong(r, "the structured data are neither \"-\" nor begin with \"[\"");
    if (next_is(r, '-')) {
        r->at++;
    }
    while (!r->wrong && next_is(r, '[')) {
        r->at++;
        while (r->at < r->end && *r->at != ' ' && *r->at != ']' && *r->at != '=' && *r->at != '"')
            r->at++;
        while (!r->wrong && next_is(r, ' ')) {
            r->at++;
            while (r->at < r->end && *r->at != '=' && *r->at != ' ' && *r->at != ']' && *r->at != '"')
                r->at++;
            take(r, '=', "a name in the structured data is not followed by \"=\"");
            take(r, '"', "a value in the structured data does not begin with a quotation mark");
            while (!r->wrong && r->at < r->end && *r->at != '"') {
                if (*r->at == ']')
                    wrong(r, "a \"]\" in a value of the structured data is not escaped");
                r->at += *r->at == '\\' && r->end - r->at > 1 ? 2 : 1;
            }
            take(r, '"', "a value in the structured data does not end");
        }
        take(r, ']', "an element of the structured data does not end with \"]\"");
    }
    m->data = r->wrong ? "" : format("%.*s", (int)(r->at - begin), begin);
}

static const char *without_nil(const char *s)
{
    return strcmp(s, "-") == 0 ? "" : s;
}

static void take_5424(struct reader *r, SyslogMessage *m)
{
    static const char mark[] = "\xef\xbb\xbf";

    take(r, '1', "the version behind the priority is not 1");
    take(r, ' ', "the version is followed by a space");
    m->time = without_nil(take_word(r, 32, "time"));
    if (!r->wrong && *m->time && !is_long_time(m->time))
        r->wrong = format("the time is not like \"2026-11-06T09:05:01.5Z\": \"%s\"", m->time);
    const struct {
        const char **out, *name;
        size_t most;
    } words[] = {{&m->host, "host name", 255},
                 {&m->app, "name of the application", 48},
                 {&m->pid, "process id", 128},
                 {&m->id, "message id", 32}};
    for (size_t i = 0; i < ARRAY_LEN(words) && !r->wrong; i++) {
        take(r, ' ', format("the %s is missing", words[i].name));
        *words[i].out = without_nil(take_word(r, words[i].most, words[i].name));
    }
    take(r, ' ', "the structured data are missing");
    if (!r->wrong)
        take_structured(r, m);
    if (!r->wrong && r->at < r->end)
        take(r, ' ', "the structured data are followed by a space");
    if (r->end - r->at >= 3 && memcmp(r->at, mark, 3) == 0)
        r->at += 3;
}

/* The tag is what precedes "[" or ":": RFC 3164, section 4.1.3. */
static void take_tag(struct reader *r, SyslogMessage *m)
{
    const char *begin = r->at;

    while (r->at<r->end && * r->at> ' ' && *r->at != '[' && *r->at != ':')
        r->at++;
    if (r->at == begin)
        wrong(r, "the tag is missing");
    m->app = format("%.*s", (int)(r->at - begin), begin);
    if (next_is(r, '[')) {
        begin = ++r->at;
        while (r->at < r->end && *r->at != ']' && *r->at != ':' && *r->at > ' ')
            r->at++;
        m->pid = format("%.*s", (int)(r->at - begin), begin);
        take(r, ']', "the process id behind the tag does not end with \"]\"");
    }
    take(r, ':', "the tag is followed by \":\"");
    if (next_is(r, ' '))
        r->at++;
}

const char *syslog_parse(Bytes message, enum syslog_kind kind, SyslogMessage *out)
{
    struct reader r = {.at = (const char *)message.data, .end = (const char *)message.data + message.size};
    SyslogMessage m = {.time = "", .host = "", .app = "", .pid = "", .id = "", .data = "-"};

    if (message.size == 0)
        return "it is empty";
    take_priority(&r, &m);
    if (kind == SYSLOG_5424 && !r.wrong)
        take_5424(&r, &m);
    if (kind != SYSLOG_5424 && !r.wrong)
        take_short_time(&r, &m);
    if (kind == SYSLOG_3164 && !r.wrong) {
        m.host = take_word(&r, 255, "host name");
        take(&r, ' ', "the host name is followed by a space");
    }
    if (kind != SYSLOG_5424 && !r.wrong)
        take_tag(&r, &m);
    m.text = bytes(r.at, (size_t)(r.end - r.at));
    *out = m;
    return r.wrong;
}

/* ---- /dev/log ------------------------------------------------------------------------------------------ */

static const char log_path[] = "/dev/log";

DatagramSocket *dev_log(void)
{
    require_own_files("to have a /dev/log");
    return unix_datagrams(log_path);
}

Listener *dev_log_stream(void)
{
    require_own_files("to have a /dev/log");
    return unix_listen(log_path);
}

SyslogMessage receive_syslog_(DatagramSocket *u, enum syslog_kind kind, const struct wait_options *w)
{
    static const char *const kinds[] = {"a message as syslog(3) writes it", "a message of RFC 3164",
                                        "a message of RFC 5424"};
    Datagram d = receive_datagram_(u, w);
    SyslogMessage m;
    const char *why = syslog_parse(d.content, kind, &m);

    if (why)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .program = program_last(),
                               .expectation = format("what comes is %s", kinds[kind]),
                               .observation = format("%s came, and %s", quote_sized(d.content), why),
                               .compares = true,
                               .received = d.content});
    return m;
}

Bytes syslog_counted(Bytes message)
{
    return join(text(format("%zu ", message.size)), message);
}
