#include "harness/dnsmessage.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/world.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    HEADER_SIZE = 12,
    CLASS_IN = 1,
    DEFAULT_TTL = 60,
    FLAG_QR = 0x8000,
    FLAG_TC = 0x0200,
    FLAG_RD = 0x0100,
    FLAG_RA = 0x0080
};

static const struct {
    const char *name;
    int type;
} types[] = {{"A", DNS_A},   {"NS", DNS_NS},   {"CNAME", DNS_CNAME}, {"SOA", DNS_SOA}, {"PTR", DNS_PTR},
             {"MX", DNS_MX}, {"TXT", DNS_TXT}, {"AAAA", DNS_AAAA},   {"OPT", DNS_OPT}};

const char *dns_type_name(int type)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].type == type)
            return types[i].name;
    return format("TYPE%d", type);
}

int dns_type_named(const char *name)
{
    int number = 0;

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcasecmp(types[i].name, name) == 0)
            return types[i].type;
    return sscanf(name, "TYPE%d", &number) == 1 && number > 0 && number < 65536 ? number : 0;
}

bool dns_same_name(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

/* ---- Queries ------------------------------------------------------------------------------------------- */

struct reader {
    Bytes b;
    size_t at;
    const char *wrong; /* NULL: so far it is right */
};

/* A number of one or two bytes. */
static int take(struct reader *r, size_t size)
{
    int value = 0;

    if (r->wrong)
        return 0;
    if (r->b.size - r->at < size) {
        r->wrong = format("the message ends in the middle, after %zu bytes", r->b.size);
        return 0;
    }
    while (size-- > 0)
        value = value << 8 | r->b.data[r->at++];
    return value;
}

static bool is_plain(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* A name of a question, in which a pointer has nothing to point to. */
static const char *take_name(struct reader *r)
{
    struct buf name = {0};
    size_t began = r->at;

    for (;;) {
        int length = take(r, 1);
        if (r->wrong || length == 0)
            break;
        if (length > DNS_LABEL_MAX) {
            r->wrong = format(
                "the name has a label that begins with the byte 0x%02x, which is no length up to 63", length);
            break;
        }
        if (name.len > 0)
            buf_addch(&name, '.');
        for (int i = 0; i < length && !r->wrong; i++) {
            int c = take(r, 1);
            buf_printf(&name, is_plain(c) ? "%c" : "\\%03d", c);
        }
    }
    if (!r->wrong && r->at - began > DNS_NAME_MAX)
        r->wrong = format("the name takes %zu bytes, and 255 is the most", r->at - began);
    return name.len ? buf_take(&name) : ".";
}

/* The one record that a query may have behind its question: RFC 6891, section 6.1.2. */
static void take_opt(struct reader *r, struct dns_query *q)
{
    if (take(r, 1) != 0 && !r->wrong)
        r->wrong = "the name of the OPT record is not the root";
    if (take(r, 2) != DNS_OPT && !r->wrong)
        r->wrong = "the additional record is no OPT record";
    q->edns = true;
    q->udp_size = take(r, 2);
    take(r, 2);
    take(r, 2);
    size_t length = (size_t)take(r, 2);
    if (!r->wrong && r->b.size - r->at < length)
        r->wrong = "the OPT record is longer than the message";
    else if (!r->wrong)
        r->at += length;
    if (q->udp_size < DNS_UDP_MAX)
        q->udp_size = DNS_UDP_MAX;
}

const char *dns_parse_query(Bytes message, struct dns_query *out)
{
    struct reader r = {.b = message};
    struct dns_query q = {.udp_size = DNS_UDP_MAX};
    const char *counted[] = {"question", "answer", "authority record"};
    const int allowed[] = {1, 0, 0};

    q.id = take(&r, 2);
    int flags = take(&r, 2);
    q.recursion_desired = flags & FLAG_RD;
    if (!r.wrong && (flags & FLAG_QR))
        r.wrong = "the bit QR is 1: this is a response, not a query";
    if (!r.wrong && (flags >> 11 & 15) != 0)
        r.wrong = format("the OPCODE is %d instead of 0, a standard query", flags >> 11 & 15);
    if (!r.wrong && (flags & (FLAG_TC | FLAG_RA | 0x0440 | 15))) /* AA, Z; AD and CD belong to DNSSEC */
        r.wrong = format("the flags are 0x%04x: a query has none but RD, AD and CD", flags);
    for (int i = 0; i < 3; i++) {
        int n = take(&r, 2);
        if (!r.wrong && n != allowed[i])
            r.wrong = format("the header counts %d %ss instead of %d", n, counted[i], allowed[i]);
    }
    int additional = take(&r, 2);
    if (!r.wrong && additional > 1)
        r.wrong = format("the header counts %d additional records", additional);
    size_t began = r.at;
    q.name = take_name(&r);
    q.type = take(&r, 2);
    int class = take(&r, 2);
    if (!r.wrong && class != CLASS_IN)
        r.wrong = format("the class is %d instead of 1 (IN)", class);
    if (!r.wrong)
        q.question = slice(message, began, r.at - began);
    if (!r.wrong && additional == 1)
        take_opt(&r, &q);
    if (!r.wrong && r.at != message.size)
        r.wrong = format("%zu bytes follow behind the end of the message", message.size - r.at);
    *out = q;
    return r.wrong;
}

/* ---- Replies ------------------------------------------------------------------------------------------- */

struct writer {
    struct buf out;
    bool compresses;
    struct {
        const char *name; /* a suffix that was written, */
        size_t at;        /* and where */
    } seen[128];
    size_t n_seen;
};

static void put(struct writer *w, unsigned value, int size)
{
    while (size-- > 0)
        buf_addch(&w->out, (char)(value >> 8 * size));
}

static void put_label(struct writer *w, const char *label, size_t size)
{
    if (size == 0 || size > DNS_LABEL_MAX)
        world_broken(0, "The check names a DNS label of %zu bytes", size);
    put(w, (unsigned)size, 1);
    buf_add(&w->out, label, size);
}

/* Where this suffix was written before; 0: nowhere. */
static size_t place_of(const struct writer *w, const char *name)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (dns_same_name(w->seen[i].name, name))
            return w->seen[i].at;
    return 0;
}

static void put_name(struct writer *w, const char *name)
{
    enum { POINTER = 0xc000, POINTER_MAX = 0x3fff };

    if (strcmp(name, ".") == 0)
        name = "";
    while (*name) {
        size_t place = w->compresses ? place_of(w, name) : 0, size = strcspn(name, ".");
        if (place) {
            put(w, POINTER | (unsigned)place, 2);
            return;
        }
        if (w->n_seen < ARRAY_LEN(w->seen) && w->out.len <= POINTER_MAX) {
            w->seen[w->n_seen].name = name;
            w->seen[w->n_seen++].at = w->out.len;
        }
        put_label(w, name, size);
        name += size + (name[size] == '.');
    }
    put(w, 0, 1);
}

static void put_address(struct writer *w, int family, const char *address)
{
    uint8_t raw[16];

    if (inet_pton(family, address, raw) != 1)
        world_broken(0, "The check names the address \"%s\", which is none", address);
    buf_add(&w->out, raw, family == AF_INET ? 4 : 16);
}

static void put_strings(struct writer *w, const char *s)
{
    enum { MOST = 255 };
    size_t left = strlen(s);

    do {
        size_t size = left < MOST ? left : MOST;
        put(w, (unsigned)size, 1);
        buf_add(&w->out, s, size);
        s += size;
        left -= size;
    } while (left > 0);
}

static void put_hexadecimal(struct writer *w, const char *s)
{
    unsigned byte;

    for (; *s; s += 2) {
        if (sscanf(s, "%2x", &byte) != 1 || !s[1])
            world_broken(0, "The check names the hexadecimal data \"%s\"", s);
        put(w, byte, 1);
    }
}

static void put_soa(struct writer *w, const char *data)
{
    char primary[256], mailbox[256];
    unsigned numbers[5];

    if (sscanf(data, "%255s %255s %u %u %u %u %u", primary, mailbox, &numbers[0], &numbers[1], &numbers[2],
               &numbers[3], &numbers[4]) != 7)
        world_broken(0, "The check names the SOA data \"%s\"", data);
    put_name(w, format("%s", primary));
    put_name(w, format("%s", mailbox));
    for (int i = 0; i < 5; i++)
        put(w, numbers[i], 4);
}

static void put_data(struct writer *w, int type, const char *data)
{
    unsigned preference = 0;
    int used = 0;

    switch (type) {
    case DNS_A:
        put_address(w, AF_INET, data);
        break;
    case DNS_AAAA:
        put_address(w, AF_INET6, data);
        break;
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR:
        put_name(w, data);
        break;
    case DNS_MX:
        sscanf(data, "%u %n", &preference, &used);
        put(w, preference, 2);
        put_name(w, data + used);
        break;
    case DNS_SOA:
        put_soa(w, data);
        break;
    case DNS_TXT:
        put_strings(w, data);
        break;
    default:
        put_hexadecimal(w, data);
    }
}

static void put_record(struct writer *w, const char *record)
{
    char name[DNS_NAME_MAX + 1], word[32], second[32];
    unsigned ttl = DEFAULT_TTL;
    int used = 0, used_after = 0;

    if (sscanf(record, "%255s %31s%n", name, word, &used) != 2)
        world_broken(0, "The check names the DNS record \"%s\"", record);
    if (isdigit((unsigned char)*word)) {
        ttl = (unsigned)strtoul(word, NULL, 10);
        if (sscanf(record + used, "%31s%n", second, &used_after) != 1)
            world_broken(0, "The check names the DNS record \"%s\"", record);
        memcpy(word, second, sizeof word);
        used += used_after;
    }
    const char *data = record + used + strspn(record + used, " ");
    int type = dns_type_named(word);
    if (type == 0)
        world_broken(0, "The check names the DNS record \"%s\" of no known type", record);
    put_name(w, format("%s", name));
    put(w, (unsigned)type, 2);
    put(w, CLASS_IN, 2);
    put(w, ttl, 4);
    size_t length_at = w->out.len;
    put(w, 0, 2);
    put_data(w, type, data);
    size_t length = w->out.len - length_at - 2;
    w->out.data[length_at] = (char)(length >> 8);
    w->out.data[length_at + 1] = (char)length;
}

static unsigned count(const char *const *records)
{
    unsigned n = 0;

    while (records && records[n])
        n++;
    return n;
}

static void put_records(struct writer *w, const char *const *records)
{
    for (unsigned i = 0; i < count(records); i++)
        put_record(w, records[i]);
}

Bytes dns_reply_bytes(const struct dns_query *q, const struct dns_reply *r)
{
    struct writer w = {.compresses = !r->uncompressed};
    unsigned flags =
        (r->is_query ? 0u : FLAG_QR) | (r->truncated ? FLAG_TC : 0u) | FLAG_RA | (unsigned)r->rcode;

    put(&w, (unsigned)(q->id + r->id_off_by), 2);
    put(&w, flags | (q->recursion_desired ? FLAG_RD : 0u), 2);
    put(&w, 1, 2);
    put(&w, r->truncated ? 0 : count(r->answers) + (unsigned)r->count_off_by, 2);
    put(&w, r->truncated ? 0 : count(r->authorities), 2);
    put(&w, r->truncated ? 0 : count(r->additionals), 2);
    if (r->about || !strchr(q->name, '\\')) { /* written anew, so that the answers can point to it */
        put_name(&w, r->about ? r->about : q->name);
        put(&w, (unsigned)q->type, 2);
        put(&w, CLASS_IN, 2);
    } else {
        buf_add(&w.out, q->question.data, q->question.size);
    }
    if (!r->truncated) {
        put_records(&w, r->answers);
        put_records(&w, r->authorities);
        put_records(&w, r->additionals);
    }
    size_t size = w.out.len;
    return bytes(buf_take(&w.out), size);
}

Bytes dns_name_bytes(const char *name)
{
    struct writer w = {0};

    put_name(&w, name);
    size_t size = w.out.len;
    return bytes(buf_take(&w.out), size);
}
