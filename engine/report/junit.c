/* JUnit XML: one testsuite, written when everything is known, because its first line holds the counts. */
#include "report/format.h"

#include "base/escape.h"

#include <string.h>

struct junit {
    struct run run;
    struct buf notices; /* for system-err */
};

enum { NOTICES_MAX = 64 * 1024 };

/* XML 1.0 allows no control characters but tab, line feed and carriage return, no surrogates and no U+FFFE,
 * U+FFFF. */
static bool is_xml_char(unsigned cp)
{
    return cp == '\t' || cp == '\n' || cp == '\r' || (cp >= 0x20 && cp < 0xd800) ||
           (cp >= 0xe000 && cp < 0xfffe) || cp >= 0x10000;
}

static void add_xml(struct buf *out, const char *s)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    size_t left = strlen(s);
    while (left) {
        unsigned cp;
        size_t n = utf8_decode(s, left, &cp);
        const char *entity = *s == '&'    ? "&amp;"
                             : *s == '<'  ? "&lt;"
                             : *s == '>'  ? "&gt;"
                             : *s == '"'  ? "&quot;"
                             : *s == '\n' ? "&#10;"
                             : *s == '\t' ? "&#9;"
                             : *s == '\r' ? "&#13;"
                                          : NULL;
        if (entity)
            buf_addstr(out, entity);
        else if (n == 0 || !is_xml_char(cp))
            buf_addstr(out, replacement);
        else
            buf_add(out, s, n);
        s += n ? n : 1;
        left -= n ? n : 1;
    }
}

static void add_attribute(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    add_xml(out, value ? value : "");
    buf_addch(out, '"');
}

/* Text between tags: line feeds may stay what they are there. */
static void add_text(struct buf *out, const char *s)
{
    while (*s) {
        size_t line = strcspn(s, "\n");
        char piece[512];
        while (line) {
            size_t n = line < sizeof piece - 1 ? line : sizeof piece - 1;
            while (n > 1 && n < line && ((unsigned char)s[n] & 0xc0) == 0x80)
                n--; /* never between the bytes of one character */
            memcpy(piece, s, n);
            piece[n] = '\0';
            add_xml(out, piece);
            s += n;
            line -= n;
        }
        if (*s == '\n') {
            buf_addch(out, '\n');
            s++;
        }
    }
}

static void add_failure_text(struct buf *text, const struct failure *f)
{
    if (f->clause_sentence)
        buf_printf(text, "contract: %s\n", f->clause_sentence);
    if (f->expectation)
        buf_printf(text, "%s\n", f->expectation);
    if (f->observation)
        buf_printf(text, "%s\n", f->observation);
    if (f->expected.text)
        buf_printf(text, "expected: %s\n", f->expected.text);
    if (f->received.text)
        buf_printf(text, "received: %s\n", f->received.text);
    for (size_t i = 0; i < f->n_hex_expected; i++)
        buf_printf(text, "expected %s\n", f->hex_expected[i]);
    for (size_t i = 0; i < f->n_hex_received; i++)
        buf_printf(text, "received %s\n", f->hex_received[i]);
    if (f->wait)
        buf_printf(text, "%s\n", f->wait);
    for (size_t i = 0; i < f->n_processes; i++)
        buf_printf(text, "%s (pid %d): %s\n", f->processes[i].name, f->processes[i].pid,
                   f->processes[i].doing);
    for (size_t i = 0; i < f->n_steps; i++)
        buf_printf(text, "%8.3f s  %s\n", f->steps[i].at, f->steps[i].text);
    if (f->diagnosis)
        buf_printf(text, "diagnosis: %s\n", f->diagnosis);
    if (f->see)
        buf_printf(text, "see: %s\n", f->see);
    for (size_t i = 0; i < f->n_by_hand; i++)
        buf_printf(text, "by hand: %s\n", f->by_hand[i]);
}

static void add_output(struct buf *out, const struct event_check_end *end)
{
    struct buf text = {0};
    for (size_t i = 0; i < end->n_notes; i++)
        buf_printf(&text, "%s\n", end->notes[i]);
    const struct failure *f = end->failure;
    for (size_t i = 0; f && i < f->n_output; i++)
        buf_printf(&text, "%8.3f s  %s %s: %s\n", f->output[i].at, f->output[i].program, f->output[i].stream,
                   f->output[i].text);
    if (text.len) {
        buf_addstr(out, "      <system-out>");
        add_text(out, buf_str(&text));
        buf_addstr(out, "</system-out>\n");
    }
    buf_free(&text);
}

static void add_element(struct buf *out, const char *tag, const char *type, const char *message,
                        const char *text)
{
    buf_printf(out, "      <%s", tag);
    if (type)
        add_attribute(out, "type", type);
    add_attribute(out, "message", message);
    if (!text || !*text) {
        buf_addstr(out, "/>\n");
        return;
    }
    buf_addch(out, '>');
    add_text(out, text);
    buf_printf(out, "</%s>\n", tag);
}

static void add_verdict(struct buf *out, const struct event_check_end *end)
{
    struct buf text = {0};
    const char *message = end->reason;
    switch (end->verdict) {
    case VERDICT_FAIL:
        if (end->failure) {
            add_failure_text(&text, end->failure);
            message = end->failure->observation ? end->failure->observation : end->failure->expectation;
        }
        add_element(out, "failure", end->cause == CAUSE_NONE ? "fail" : cause_name(end->cause), message,
                    buf_str(&text));
        break;
    case VERDICT_ERROR:
        add_element(out, "error", end->unstable ? "unstable" : "error", message, NULL);
        break;
    case VERDICT_NONE:
        add_element(out, "skipped", NULL, "the run was interrupted before this check had ended", NULL);
        break;
    case VERDICT_SKIP:
    case VERDICT_BLOCKED:
        add_element(out, "skipped", NULL, message, NULL);
        break;
    case VERDICT_PASS:
        break;
    }
    buf_free(&text);
}

static void add_case(struct buf *out, const struct run *run, const struct checked *c)
{
    struct buf class_name = {0};
    buf_printf(&class_name, "%s.%s", run->challenge, tier_name(c->tier));
    buf_addstr(out, "    <testcase");
    add_attribute(out, "classname", buf_str(&class_name));
    add_attribute(out, "name", c->id);
    buf_printf(out, " time=\"%.6f\">\n", c->end.check_end.ms / 1e3);
    buf_addstr(out, "      <properties>\n        <property name=\"title\"");
    add_attribute(out, "value", c->title);
    buf_addstr(out, "/>\n        <property name=\"clause\"");
    add_attribute(out, "value", c->clause);
    buf_addstr(out, "/>\n      </properties>\n");
    struct event_check_end none = {.verdict = VERDICT_NONE};
    const struct event_check_end *end = c->verdict == VERDICT_NONE ? &none : &c->end.check_end;
    add_verdict(out, end);
    add_output(out, end);
    buf_addstr(out, "    </testcase>\n");
    buf_free(&class_name);
}

static void handle(struct report *r, const struct event *e)
{
    struct junit *j = r->state;
    j->notices.limit = NOTICES_MAX;
    run_event(&j->run, e);
    if (e->type == EVENT_NOTICE && buf_addstr(&j->notices, e->notice.text))
        buf_addch(&j->notices, '\n');
}

static void add_build_case(struct buf *out, const struct run *run)
{
    buf_printf(out, "    <testcase classname=\"build\" name=\"build\" time=\"%.6f\">\n", run->build_ms / 1e3);
    add_element(out, "error", "build", run->build_error ? run->build_error : "the program could not be built",
                buf_str(&run->build_output));
    buf_addstr(out, "    </testcase>\n");
}

static void finish(struct report *r)
{
    struct junit *j = r->state;
    struct run *run = &j->run;
    size_t failures = 0, errors = run->build_failed, skipped = 0;
    for (size_t i = 0; i < run->n_checks; i++) {
        enum verdict v = run->checks[i].verdict;
        failures += v == VERDICT_FAIL;
        errors += v == VERDICT_ERROR;
        skipped += v == VERDICT_SKIP || v == VERDICT_BLOCKED || v == VERDICT_NONE;
    }
    struct buf counts = {0};
    buf_printf(&counts, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.6f\"",
               run->n_checks + run->build_failed, failures, errors, skipped, run->end.ms / 1e3);
    buf_printf(&r->out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lux\"%s>\n  <testsuite",
               buf_str(&counts));
    add_attribute(&r->out, "name", run->challenge ? run->challenge : "lux");
    buf_printf(&r->out, "%s>\n", buf_str(&counts));
    if (run->started)
        buf_printf(&r->out,
                   "    <properties>\n      <property name=\"seed\" value=\"%llu\"/>\n    </properties>\n",
                   (unsigned long long)run->seed);
    if (run->build_failed)
        add_build_case(&r->out, run);
    for (size_t i = 0; i < run->n_checks; i++)
        add_case(&r->out, run, &run->checks[i]);
    if (j->notices.len) {
        buf_addstr(&r->out, "    <system-err>");
        add_text(&r->out, buf_str(&j->notices));
        buf_addstr(&r->out, "</system-err>\n");
    }
    buf_addstr(&r->out, "  </testsuite>\n</testsuites>\n");
    buf_free(&counts);
}

static void free_state(struct report *r)
{
    struct junit *j = r->state;
    report_run_free(&j->run);
    buf_free(&j->notices);
}

const struct format format_junit = {
    .name = "junit", .size = sizeof(struct junit), .handle = handle, .finish = finish, .free = free_state};
