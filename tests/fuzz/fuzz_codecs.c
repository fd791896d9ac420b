/* Any bytes into the decoders of DNS queries and syslog messages: the first byte chooses which. What is taken is within
 * its limits, and a query that is taken can be answered. */
#include "harness/dnsmessage.h"
#include "harness/syslog.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_query(Bytes b)
{
    struct dns_query q;
    static const char *const answers[] = {"www.test 7 CNAME host.test", "host.test A 192.0.2.1", NULL};

    if (dns_parse_query(b, &q) != NULL)
        return;
    if (q.question.size < 5 || q.question.size > b.size || strlen(q.name) > 4 * DNS_NAME_MAX ||
        q.udp_size < DNS_UDP_MAX)
        abort();
    Bytes reply = dns_reply_bytes(&q, &(struct dns_reply){.answers = answers});
    if (reply.size < 12 + q.question.size || memcmp(reply.data, b.data, 2) != 0 ||
        memcmp(reply.data + 12, q.question.data, q.question.size) != 0)
        abort();
}

static void read_message(Bytes b, enum syslog_kind kind)
{
    SyslogMessage m;

    if (syslog_parse(b, kind, &m) != NULL)
        return;
    if (m.facility < 0 || m.facility > 23 || m.severity < 0 || m.severity > 7 || m.text.size > b.size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Bytes b = {data + 1, size - 1};
    switch (data[0] & 3) {
    case 0:
        read_query(b);
        break;
    case 1:
        read_message(b, SYSLOG_5424);
        break;
    case 2:
        read_message(b, SYSLOG_3164);
        break;
    default:
        read_message(b, SYSLOG_LOCAL);
    }
    return 0;
}
