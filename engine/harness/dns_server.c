#include "harness/dns.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "harness/compare.h"
#include "harness/conn.h"
#include "harness/datagram_socket.h"
#include "harness/failure.h"
#include "harness/level.h"
#include "harness/program.h"
#include "harness/replace.h"

#include <stdlib.h>
#include <string.h>

enum { DNS_PORT = 53 };

struct rule {
    struct rule *next;
    const char *name;
    int type; /* 0: any */
    struct dns_rule how;
    int asked;
};

struct asked {
    DnsQuestion question;
    Datagram sender; /* of UDP */
    Conn *conn;      /* of TCP */
    bool answered;   /* or not to be answered */
};

struct dns_server {
    const char *name;
    UdpSocket *udp, *stranger; /* stranger: answers from another port */
    Listener *listener;
    struct rule *rules;
    struct asked **asked;
    size_t n_asked, n_tcp;
};

/* ---- Answering ----------------------------------------------------------------------------------------- */

static Bytes raw_message(const struct dns_query *q, const struct dns_rule *r)
{
    Bytes head = dns_reply_bytes(q, &(struct dns_reply){.rcode = r->rcode, .count_off_by = r->raw_answers});

    return join(head, r->raw);
}

static Bytes message_for(const struct asked *a, const struct dns_rule *r)
{
    const struct dns_query *q = &a->question.query;
    Bytes b = r->raw.size ? raw_message(q, r)
                          : dns_reply_bytes(q, &(struct dns_reply){.rcode = r->rcode,
                                                                   .answers = r->answers,
                                                                   .authorities = r->authorities,
                                                                   .additionals = r->additionals,
                                                                   .truncated = r->truncated_udp && !a->conn,
                                                                   .uncompressed = r->uncompressed});

    if (r->cut)
        b = slice(b, 0, r->cut);
    if (!a->conn && (int)b.size > q->udp_size)
        world_broken(0, "The check answers a query over UDP with %zu bytes, and %d may be sent", b.size,
                     q->udp_size);
    return b;
}

static Bytes with_length(Bytes b)
{
    uint8_t length[2] = {(uint8_t)(b.size >> 8), (uint8_t)b.size};

    return join(bytes(length, sizeof length), b);
}

/* What somebody else might send to deceive the resolver, before the answer: RFC 5452, section 9. */
static void send_deceptions(DnsServer *s, const struct asked *a, const struct dns_rule *r)
{
    const char *const lie[] = {format("%s A 203.0.113.66", a->question.query.name), NULL};
    const struct {
        bool wanted;
        struct dns_reply reply;
        const char *words;
    } lies[] = {
        {r->wrong_id, {.answers = lie, .id_off_by = 1}, "with another id"},
        {r->wrong_question,
         {.answers = (const char *const[]){"other.invalid A 203.0.113.66", NULL}, .about = "other.invalid"},
         "about another name"},
        {r->wrong_kind, {.answers = lie, .is_query = true}, "that is a query"},
        {r->wrong_source, {.answers = lie}, "from another port"},
    };

    for (size_t i = 0; i < ARRAY_LEN(lies) && !a->conn; i++) {
        if (!lies[i].wanted)
            continue;
        bool strange = lies[i].reply.about == NULL && lies[i].reply.id_off_by == 0 && !lies[i].reply.is_query;
        if (strange && !s->stranger)
            s->stranger = udp_open();
        step("%s → %s  a message %s, to be ignored", s->name, a->question.from, lies[i].words);
        send_quietly(strange ? s->stranger : s->udp, a->sender,
                     dns_reply_bytes(&a->question.query, &lies[i].reply));
    }
}

static const char *words_of(const struct dns_rule *r, bool truncated)
{
    static const char *const codes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    struct buf words = {0};

    if (truncated)
        return "truncated (TC)";
    if (r->raw.size)
        return format("a message made by hand, %s", count_bytes(r->raw.size));
    buf_addstr(&words, codes[r->rcode]);
    for (size_t i = 0; r->answers && r->answers[i]; i++)
        buf_printf(&words, "%s %s", i ? "," : ":", r->answers[i]);
    return buf_take(&words);
}

static void answer(DnsServer *s, struct asked *a, const struct dns_rule *r)
{
    a->answered = true;
    if (r->silent) {
        step("%s does not answer", s->name);
        return;
    }
    send_deceptions(s, a, r);
    Bytes b = message_for(a, r);
    step("%s → %s  %s%s", s->name, a->question.from, words_of(r, r->truncated_udp && !a->conn),
         r->cut ? format(", cut after %s", count_bytes(r->cut)) : "");
    if (!a->conn) {
        send_quietly(s->udp, a->sender, b);
        return;
    }
    Bytes all = with_length(b);
    for (size_t at = 0; at < all.size; at += r->piece ? r->piece : all.size) {
        outbox_add(&a->conn->out, slice(all, at, r->piece ? r->piece : all.size));
        conn_flush(a->conn);
    }
}

static struct rule *rule_for(DnsServer *s, const struct dns_query *q, bool *name_is_known)
{
    struct rule *any = NULL;

    *name_is_known = false;
    for (struct rule *r = s->rules; r; r = r->next) {
        bool is_any = strcmp(r->name, "*") == 0;
        if (!is_any && !dns_same_name(r->name, q->name))
            continue;
        *name_is_known |= !is_any;
        if (r->type != 0 && r->type != q->type)
            continue;
        if (!is_any)
            return r;
        if (!any)
            any = r;
    }
    return *name_is_known ? NULL : any;
}

static void answer_by_rule(DnsServer *s, struct asked *a)
{
    bool name_is_known;
    struct rule *r = rule_for(s, &a->question.query, &name_is_known);

    if (!r && name_is_known)
        answer(s, a, &(struct dns_rule){0});
    if (!r)
        return;
    if (r->asked++ < r->how.ignored)
        answer(s, a, &(struct dns_rule){.silent = true});
    else
        answer(s, a, &r->how);
}

/* ---- Asking -------------------------------------------------------------------------------------------- */

static void take_query(DnsServer *s, Bytes message, struct asked from)
{
    struct asked *a = xcalloc(1, sizeof *a);
    Bytes kept = join(message, text(""));
    const char *wrong;

    *a = from;
    if ((wrong = dns_parse_query(kept, &a->question.query)) != NULL)
        fail(&(struct failing){
            .cause = CAUSE_WRONG,
            .program = program_last(),
            .expectation = format("what is sent to %s is a DNS query (RFC 1035, section 4.1)", s->name),
            .observation = format("%s: %s", wrong, quote_sized(kept)),
            .compares = true,
            .received = kept});
    a->question.at = world_seconds(clock_now_ns());
    a->question.tcp = a->conn != NULL;
    if ((s->n_asked & (s->n_asked - 1)) == 0)
        s->asked = xreallocarray(s->asked, s->n_asked ? 2 * s->n_asked : 1, sizeof(struct asked *));
    s->asked[s->n_asked++] = a;
    s->n_tcp += a->question.tcp;
    step("%s → %s  %s %s?%s", a->question.from, s->name, a->question.query.name,
         dns_type_name(a->question.query.type), a->conn ? " (over TCP)" : "");
    answer_by_rule(s, a);
}

static void on_datagram(DatagramSocket *u, Bytes content, Datagram from)
{
    take_query(u->owner, content,
               (struct asked){.question = {.from = from.from, .port = from.port}, .sender = from});
}

static void on_input(Conn *c)
{
    DnsServer *s = c->owner;

    for (;;) {
        Bytes b = inbox_unread(&c->in);
        size_t size = b.size < 2 ? 0 : (size_t)b.data[0] << 8 | b.data[1];
        if (b.size < 2 || b.size - 2 < size)
            break;
        Bytes message = join(slice(b, 2, size), text(""));
        inbox_take(&c->in, 2 + size);
        take_query(s, message,
                   (struct asked){.question = {.from = endpoint_words(&c->remote), .port = c->remote.port},
                                  .conn = c});
    }
    if (c->in.ended)
        conn_close(c);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    DnsServer *s = poll->data;
    Conn *c;

    (void)status, (void)events;
    while ((c = listener_take(s->listener)) != NULL) {
        c->owner = s;
        c->on_input = on_input;
        step("%s connects to %s: %s", c->peer_name, s->name, c->name);
    }
}

/* ---- For checks ---------------------------------------------------------------------------------------- */

void use_nameservers_(const char *const *addresses)
{
    struct buf content = {0};

    for (size_t i = 0; addresses[i]; i++)
        buf_printf(&content, "nameserver %s\n", addresses[i]);
    replace_file("/etc/resolv.conf", bytes(content.data, content.len),
                 "to name a server in /etc/resolv.conf");
    step("/etc/resolv.conf holds %s", quote(bytes(content.data, content.len)));
}

DnsServer *dns_server_(const struct dns_server_options *o)
{
    DnsServer *s = xcalloc(1, sizeof *s);
    const char *host = o->host ? o->host : "127.0.0.1";
    int port = o->port ? o->port : DNS_PORT;

    require_bindable(port);
    s->name = o->name ? o->name : "the name server";
    s->udp = udp_open(.host = host, .port = port);
    s->udp->owner = s;
    s->udp->on_datagram = on_datagram;
    s->listener = tcp_listen(.host = host, .port = port);
    s->listener->poll.data = s;
    uv_poll_start(&s->listener->poll, UV_READABLE, on_connection);
    if (!o->unlisted)
        use_nameservers(host);
    return s;
}

void dns_answer_(DnsServer *s, const char *name, const char *type, const struct dns_rule *how)
{
    struct rule *r = xcalloc(1, sizeof *r);

    *r = (struct rule){.next = s->rules, .name = name, .how = *how};
    r->type = strcmp(type, "*") == 0 ? 0 : dns_type_named(type);
    if (r->type == 0 && strcmp(type, "*") != 0)
        world_broken(0, "The check names the DNS type \"%s\", which is none", type);
    s->rules = r;
}

static struct asked *unanswered(DnsServer *s)
{
    for (size_t i = 0; i < s->n_asked; i++)
        if (!s->asked[i]->answered)
            return s->asked[i];
    return NULL;
}

DnsQuestion *accept_query_(DnsServer *s, const struct wait_options *o)
{
    struct wait w = wait_start(o, "a query", format("at %s", s->name));
    Program *p = program_last();
    struct asked *a;

    while ((a = unanswered(s)) == NULL) {
        bool gone = programs_all_gone();
        if (gone)
            w.last_look = true;
        if (!wait_more(&w))
            fail(&(struct failing){.cause = gone ? CAUSE_WRONG : CAUSE_TIMEOUT,
                                   .program = p,
                                   .expectation = format("%s asks %s", p ? p->name : "the program", s->name),
                                   .observation = gone && program_endings()
                                                      ? format("no query came: %s", program_endings())
                                                      : "no query came",
                                   .wait = gone ? NULL : &w});
    }
    a->answered = true; /* by whoever has it now */
    return &a->question;
}

void answer_query_(DnsServer *s, DnsQuestion *q, const struct dns_rule *r)
{
    for (size_t i = 0; i < s->n_asked; i++)
        if (&s->asked[i]->question == q)
            answer(s, s->asked[i], r);
}

size_t dns_queries(DnsServer *s)
{
    return s->n_asked;
}

DnsQuestion *dns_query_at(DnsServer *s, size_t i)
{
    return i < s->n_asked ? &s->asked[i]->question : NULL;
}

size_t dns_queries_over_tcp(DnsServer *s)
{
    return s->n_tcp;
}
