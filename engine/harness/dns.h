/* A DNS server of the checker, over UDP and TCP, to be included by challenges beside check.h.
 *
 *     DnsServer *dns = dns_server();                          (at 127.0.0.1, port 53, and /etc/resolv.conf says so)
 *     dns_answer(dns, "www.test", "A", .answers = DNS_RECORDS("www.test CNAME host.test", "host.test A 192.0.2.1"));
 *     Program *p = start("www.test");
 *
 * Queries for which there is a rule are answered in the background; every other one waits until the check takes it with
 * accept_query() and answers it. Queries are read strictly: a malformed one is a failure. */
#ifndef HARNESS_DNS_H
#define HARNESS_DNS_H

#include "harness/check.h"
#include "harness/dnsmessage.h"

typedef struct dns_server DnsServer;

struct dns_server_options {
    const char *host; /* default "127.0.0.1" */
    int port;         /* default 53; below 1024 the check is skipped where that needs a privilege */
    const char *name; /* what steps call it; default "the name server" */
    bool unlisted;    /* /etc/resolv.conf stays as it is */
};
#define dns_server(...) dns_server_(&(const struct dns_server_options){__VA_ARGS__})
DnsServer *dns_server_(const struct dns_server_options *o);
/* From now on /etc/resolv.conf names these, in this order: use_nameservers("127.0.0.2", "127.0.0.3"). Skips the check
 * where the file cannot be replaced. */
#define use_nameservers(...) use_nameservers_((const char *const[]){__VA_ARGS__, NULL})
void use_nameservers_(const char *const *addresses);

#define DNS_RECORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* How a query is answered: a reply (dnsmessage.h), and what goes wrong on the way. */
struct dns_rule {
    enum dns_rcode rcode;
    const char *const *answers, *const *authorities, *const *additionals;
    bool truncated_udp; /* over UDP only TC comes, and no records: who wants them asks over TCP */
    bool uncompressed;
    bool silent; /* no answer at all */
    int ignored; /* so many first queries are not answered */
    /* Each answer over UDP comes after one that a resolver must not take: */
    bool wrong_id;       /* with another id */
    bool wrong_question; /* about another name */
    bool wrong_source;   /* from another port */
    bool wrong_kind;     /* that is a query, QR = 0; the C library takes it nevertheless */
    /* Instead of the records: these bytes behind the header and the question of the query, and how many answers the
     * header counts. A pointer to the name that was asked for is c0 0c. */
    Bytes raw;
    int raw_answers;
    size_t cut;   /* the message ends after so many bytes; 0: it is whole */
    size_t piece; /* over TCP: in segments of so many bytes; 0: as TCP likes */
};
/* From now on queries for this name and type are answered like this. "*" is any name, or any type. The rule that was
 * made last wins; a name with a rule of another type only has no data. */
#define dns_answer(server, name, type, ...) \
    dns_answer_(server, name, type, &(const struct dns_rule){__VA_ARGS__})
void dns_answer_(DnsServer *s, const char *name, const char *type, const struct dns_rule *r);

typedef struct dns_question { /* a query that came */
    struct dns_query query;
    bool tcp;
    const char *from; /* "127.0.0.1:40000" */
    int port;         /* from which it came */
    double at;        /* seconds since the check began */
} DnsQuestion;

/* The next query that no rule answers. */
#define accept_query(s, ...) accept_query_(s, WAIT_(__VA_ARGS__))
DnsQuestion *accept_query_(DnsServer *s, const struct wait_options *w);
#define answer_query(s, question, ...) answer_query_(s, question, &(const struct dns_rule){__VA_ARGS__})
void answer_query_(DnsServer *s, DnsQuestion *q, const struct dns_rule *r);

/* Of all that came so far, counted from 0; NULL beyond the last. */
size_t dns_queries(DnsServer *s);
DnsQuestion *dns_query_at(DnsServer *s, size_t i);
size_t dns_queries_over_tcp(DnsServer *s);

#endif
