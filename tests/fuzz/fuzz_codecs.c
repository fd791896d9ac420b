/* Any bytes into the decoders of DNS queries, syslog messages, WebSocket frames and Redis values: the first byte chooses which. What is taken is within
 * its limits, and a query that is taken can be answered. */
#include "harness/dnsmessage.h"
#include "harness/resp.h"
#include "harness/syslog.h"
#include "harness/websocket.h"

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

/* What is whole is whole whatever follows, and no less of it is. */
static void read_frame(Bytes b)
{
    WsFrame f;
    size_t used, again;
    const char *wrong;

    if (ws_parse(b, &f, &used, &wrong) != WS_WHOLE)
        return;
    if (used > b.size || f.payload.size + 2 > used || wrong ||
        ws_parse(slice(b, 0, used), &f, &again, &wrong) != WS_WHOLE || again != used ||
        ws_parse(slice(b, 0, used - 1), &f, &again, &wrong) != WS_MORE)
        abort();
}

static void read_value(Bytes b)
{
    RespValue v;
    size_t used, again;
    const char *wrong;

    if (resp_parse(b, &v, &used, &wrong) != RESP_WHOLE)
        return;
    if (used > b.size || wrong || resp_parse(slice(b, 0, used), &v, &again, &wrong) != RESP_WHOLE ||
        again != used || resp_parse(slice(b, 0, used - 1), &v, &again, &wrong) != RESP_MORE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Bytes b = {data + 1, size - 1};
    switch (data[0] % 6) {
    case 0:
        read_query(b);
        break;
    case 1:
        read_message(b, SYSLOG_5424);
        break;
    case 2:
        read_message(b, SYSLOG_3164);
        break;
    case 3:
        read_message(b, SYSLOG_LOCAL);
        break;
    case 4:
        read_frame(b);
        break;
    default:
        read_value(b);
    }
    return 0;
}
