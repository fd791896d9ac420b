/* DNS messages as bytes (RFC 1035, section 4). Everything here is a pure function of its arguments. */
#ifndef HARNESS_DNSMESSAGE_H
#define HARNESS_DNSMESSAGE_H

#include "harness/check.h"

enum {
    DNS_UDP_MAX = 512, /* bytes of a message over UDP, unless EDNS says more: RFC 1035, section 2.3.4 */
    DNS_NAME_MAX = 255,
    DNS_LABEL_MAX = 63
};

enum dns_type {
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_OPT = 41
};

enum dns_rcode { DNS_NOERROR, DNS_FORMERR, DNS_SERVFAIL, DNS_NXDOMAIN, DNS_NOTIMP, DNS_REFUSED };

struct dns_query {
    int id;
    bool recursion_desired;
    const char *
        name; /* without the dot at the end, as it came; other bytes than letters, digits, '-' and '_' as \DDD;
                         "." is the root */
    int type;
    Bytes question; /* as it came: name, type and class */
    bool edns;      /* there is an OPT record, and */
    int udp_size;   /* so many bytes may be answered over UDP */
};

/* Reads a query, strictly: one question of class IN, no answers, nothing behind. NULL: it is one; otherwise what is
 * wrong with it. What is stored lives as long as the check. */
const char *dns_parse_query(Bytes message, struct dns_query *out);

/* "A", "MX", "TYPE99"; and back, 0 if there is no such name. */
const char *dns_type_name(int type);
int dns_type_named(const char *name);

struct dns_reply {
    enum dns_rcode rcode;
    /* "www.test A 192.0.2.1", "www.test 300 CNAME host.test", "test MX 10 mail.test", "test TXT words", "x.test TYPE99
     * 00ff" with hexadecimal data. The number is the TTL, 60 if there is none. NULL-terminated; NULL: none. */
    const char *const *answers, *const *authorities, *const *additionals;
    bool truncated;    /* TC, and no records */
    bool uncompressed; /* names are written out; otherwise they point back wherever they can */
    bool is_query;     /* QR is 0, which is no answer at all */
    int id_off_by;     /* added to the id */
    const char *about; /* another name in the question than was asked */
    int count_off_by;  /* added to ANCOUNT: the header lies */
};

/* The message that answers the query. Ends the check as an error if a record cannot be read. */
Bytes dns_reply_bytes(const struct dns_query *q, const struct dns_reply *r);
/* A name as it goes over the wire, without compression. */
Bytes dns_name_bytes(const char *name);
/* Two names are the same whatever the case of their letters. */
bool dns_same_name(const char *a, const char *b);

#endif
