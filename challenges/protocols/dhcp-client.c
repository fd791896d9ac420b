/* dhcp-client: ./dhcpclient <interface> leases an IPv4 address, and keeps it as long as it runs. */
#include "harness/check.h"
#include "harness/dhcp.h"
#include "harness/links.h"

#include "base/mem.h"

#include <string.h>

CHALLENGE("dhcp-client");

#define SERVER       "10.77.0.1"
#define OTHER_SERVER "10.77.0.2"
#define LEASED       "10.77.0.50"
#define WRONG        "10.77.0.66"

enum {
    IDLE_MS = 300,
    IDLE_CPU_MS = 30,
    SLACK_MS = 100, /* two clocks, and a program that takes its time before it sends */
    LONG = 3600,    /* seconds of a lease that is not to end within a check */
    BIND_MS = 4000  /* from the last answer to the address in use: 0.5 s are for the question of ARP */
};

struct lab {
    Link *link;
    DhcpWire *wire;
};

/* The interface eth0, down and without an address, and the servers' machine at the other end. */
static struct lab new_lab(void)
{
    Node *servers = make_node("servers");
    struct lab lab = {.link = lay_link(NULL, "eth0", servers, "srv0")};

    set_address(servers, "srv0", SERVER "/24");
    set_address(servers, "srv0", OTHER_SERVER "/24");
    lab.wire = dhcp_on(lab.link);
    set_up(NULL, "eth0", false);
    by_hand("sudo ip netns add lab; sudo ip link add eth0 netns lab type veth peer name srv0; "
            "sudo ip addr add 10.77.0.1/24 dev srv0; sudo ip link set srv0 up");
    by_hand("sudo dnsmasq -d -p 0 -i srv0 -F 10.77.0.50,10.77.0.60,2m &");
    by_hand("sudo ip netns exec lab ./dhcpclient eth0");
    return lab;
}

static const char *times(const char *address, const char *server, unsigned lease, unsigned renew,
                         unsigned rebind)
{
    return format("%s/24 router %s dns none server %s lease %u renew %u rebind %u\n", address, server, server,
                  lease, renew, rebind);
}

/* The client gets the address from the first server, with these times. */
static const DhcpMessage *lease(struct lab *lab, Program *client, unsigned seconds, unsigned renew,
                                unsigned rebind)
{
    send_offer(lab->wire, expect_dhcp(lab->wire, DHCP_DISCOVER), .address = LEASED, .lease = seconds,
               .renew = renew, .rebind = rebind);
    const DhcpMessage *request = expect_dhcp(lab->wire, DHCP_REQUEST);
    send_ack(lab->wire, request, .address = LEASED, .lease = seconds, .renew = renew, .rebind = rebind);
    expect_stdout(client, format("bound %s", times(LEASED, SERVER, seconds, renew, rebind)), within(BIND_MS));
    return request;
}

static void expect_asks_for(const DhcpMessage *request, const char *address, const char *server)
{
    uint32_t asked = dhcp_number(request, DHCP_ADDRESS), of = dhcp_number(request, DHCP_SERVER);

    claim(asked == ipv4_number(address), "option 50 of the DHCPREQUEST is the offered address %s; it is %s",
          address, request->options[DHCP_ADDRESS].data ? ipv4_words(asked) : "not there");
    claim(of == ipv4_number(server), "option 54 of the DHCPREQUEST is the server %s; it is %s", server,
          request->options[DHCP_SERVER].data ? ipv4_words(of) : "not there");
}

/* Answers that the client has to ignore: each offers an address of its own, so that one that was taken has a name. */
static const char *trap_address(size_t i)
{
    return format("10.77.0.%zu", 61 + i);
}

static void name_the_trap(const DhcpMessage *request, const char *const *wrongs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (dhcp_number(request, DHCP_ADDRESS) == ipv4_number(trap_address(i)))
            about("the answer with %s had %s", trap_address(i), wrongs[i]);
}

/* What every message has. */
static void expect_sound(const DhcpMessage *m, Link *link)
{
    static const uint8_t zeros[10];
    const char *name = dhcp_type_name(m->type);

    claim(m->from_port == DHCP_CLIENT_PORT, "a %s is sent from port 68: it is from port %d", name,
          m->from_port);
    claim(m->op == 1 && m->htype == 1 && m->hlen == 6 && m->hops == 0,
          "a %s has op 1, htype 1, hlen 6 and hops 0: it has %d, %d, %d and %d", name, m->op, m->htype,
          m->hlen, m->hops);
    claim(memcmp(m->chaddr, mac_of(link), MAC_SIZE) == 0 && memcmp(m->chaddr + MAC_SIZE, zeros, 10) == 0,
          "chaddr of a %s is the MAC address of eth0 and ten bytes of 0: it begins with "
          "%02x:%02x:%02x:%02x:%02x:%02x",
          name, m->chaddr[0], m->chaddr[1], m->chaddr[2], m->chaddr[3], m->chaddr[4], m->chaddr[5]);
    claim((m->flags & 0x7fff) == 0, "the flags of a %s are 0 but for the highest bit: they are %04x", name,
          m->flags);
    claim(m->yiaddr == 0 && m->siaddr == 0 && m->giaddr == 0,
          "yiaddr, siaddr and giaddr of a %s are 0: they are %s, %s and %s", name, ipv4_words(m->yiaddr),
          ipv4_words(m->siaddr), ipv4_words(m->giaddr));
}

static void expect_broadcast(const DhcpMessage *m, const char *from)
{
    static const uint8_t everybody[MAC_SIZE] = {255, 255, 255, 255, 255, 255};

    claim(
        m->from == ipv4_number(from) && m->to == UINT32_MAX && memcmp(m->to_mac, everybody, MAC_SIZE) == 0,
        "this %s goes from %s to 255.255.255.255 and to the MAC address of everybody: it goes from %s to %s, "
        "%02x:%02x:%02x:%02x:%02x:%02x",
        dhcp_type_name(m->type), from, ipv4_words(m->from), ipv4_words(m->to), m->to_mac[0], m->to_mac[1],
        m->to_mac[2], m->to_mac[3], m->to_mac[4], m->to_mac[5]);
}

/* A DHCPREQUEST for more time. */
static void expect_extension(const DhcpMessage *m)
{
    claim(m->ciaddr == ipv4_number(LEASED),
          "ciaddr of a DHCPREQUEST for more time is the address %s: it is %s", LEASED, ipv4_words(m->ciaddr));
    claim(!m->options[DHCP_ADDRESS].data && !m->options[DHCP_SERVER].data,
          "a DHCPREQUEST for more time has neither option 50 nor option 54: it has %s",
          m->options[DHCP_ADDRESS].data ? "option 50" : "option 54");
}

static void expect_not_before(const DhcpMessage *later, const DhcpMessage *earlier, int ms, const char *what)
{
    int passed = (int)((later->sent_ns - earlier->sent_ns) / 1000000);

    claim(passed >= ms - SLACK_MS, "%s at least %d ms later: it came after %d ms", what, ms, passed);
}

/* ---- Core ---------------------------------------------------------------------------------------------- */

CHECK(discovers, CORE, "discover", "Asks everybody on the wire for an address", .as_root = true)
{
    struct lab lab = new_lab();
    start("eth0");

    const DhcpMessage *m = expect_dhcp(lab.wire, DHCP_DISCOVER);
    expect_sound(m, lab.link);
    expect_broadcast(m, "0.0.0.0");
    claim(m->ciaddr == 0, "ciaddr of a DHCPDISCOVER is 0: it is %s", ipv4_words(m->ciaddr));
    claim(is_up(NULL, "eth0"), "eth0 is up");
    const enum dhcp_option wanted[] = {DHCP_MASK, DHCP_ROUTER, DHCP_DNS};
    Bytes asked = m->options[DHCP_PARAMETERS];
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        claim(asked.data && memchr(asked.data, wanted[i], asked.size),
              "option 55 asks for option %d: it does not", wanted[i]);
}

CHECK(asks_for_the_offer, CORE, "request", "Asks for the address that was offered", .as_root = true,
      .needs = "discovers")
{
    struct lab lab = new_lab();
    start("eth0");

    const DhcpMessage *discover = expect_dhcp(lab.wire, DHCP_DISCOVER);
    send_offer(lab.wire, discover, .address = LEASED, .lease = LONG);
    const DhcpMessage *request = expect_dhcp(lab.wire, DHCP_REQUEST);
    expect_sound(request, lab.link);
    expect_broadcast(request, "0.0.0.0");
    expect_asks_for(request, LEASED, SERVER);
    claim(request->xid == discover->xid, "xid of the DHCPREQUEST is that of the offer, %08x: it is %08x",
          discover->xid, request->xid);
    claim(request->ciaddr == 0, "ciaddr is 0 as long as the address is not the client's: it is %s",
          ipv4_words(request->ciaddr));
    /* By then the DHCPDISCOVER may have been sent again, with other secs, before the offer came. */
    bool sent_again = request->sent_ns - discover->sent_ns >= (uint64_t)(750 - SLACK_MS) * 1000000;
    claim(sent_again || request->secs == discover->secs,
          "secs is the same as in the DHCPDISCOVER, %d: it is %d", discover->secs, request->secs);
}

CHECK(gets_a_lease, CORE, "bound", "Says what it has got", .as_root = true, .needs = "asks_for_the_offer")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    send_offer(lab.wire, expect_dhcp(lab.wire, DHCP_DISCOVER), .address = LEASED, .lease = LONG);
    send_ack(lab.wire, expect_dhcp(lab.wire, DHCP_REQUEST), .address = LEASED, .lease = 7200, .renew = 3000,
             .rebind = 6000, .mask = "255.255.240.0", .router = "10.77.1.1", .dns = "10.77.0.53",
             .dns2 = "192.0.2.53");
    expect_stdout(
        client,
        "bound 10.77.0.50/20 router 10.77.1.1 dns 10.77.0.53,192.0.2.53 server 10.77.0.1 lease 7200 renew "
        "3000 rebind 6000\n",
        within(BIND_MS));
    expect_running(client);
}

CHECK(configures_the_interface, CORE, "configure",
      "Gives the interface its address, and the machine its route", .as_root = true, .needs = "gets_a_lease")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    lease(&lab, client, LONG, 1800, 3150);
    claim(strcmp(addresses_of(NULL, "eth0"), LEASED "/24") == 0,
          "eth0 has the address %s/24 when `bound` is printed: it has %s", LEASED,
          addresses_of(NULL, "eth0"));
    claim(strcmp(default_route_of(NULL, "eth0"), SERVER) == 0,
          "the default route leads to the router %s through eth0 when `bound` is printed: it is \"%s\"",
          SERVER, default_route_of(NULL, "eth0"));
}

CHECK(renews, CORE, "renew", "Asks its server for more time when T1 has passed", .as_root = true,
      .needs = "gets_a_lease", .deadline_ms = 20000)
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    const DhcpMessage *request = lease(&lab, client, 60, 2, 50);
    const DhcpMessage *renewal = expect_dhcp(lab.wire, DHCP_REQUEST, within(5000));
    expect_not_before(renewal, request, 2000, "with a T1 of 2 s the next DHCPREQUEST comes");
    expect_sound(renewal, lab.link);
    expect_extension(renewal);
    claim(renewal->to == ipv4_number(SERVER),
          "the DHCPREQUEST at T1 goes to the server alone, %s: it goes to %s", SERVER,
          ipv4_words(renewal->to));
    claim(renewal->from == ipv4_number(LEASED), "it comes from the client's address: it comes from %s",
          ipv4_words(renewal->from));
    send_ack(lab.wire, renewal, .address = LEASED, .lease = 40, .renew = 1, .rebind = 30);
    expect_stdout(client, format("renewed %s", times(LEASED, SERVER, 40, 1, 30)));
    eventually(dhcp_waiting(lab.wire) > 0, "the next renewal", within(5000));
    expect_addresses("eth0", LEASED "/24");
}

CHECK(rebinds, CORE, "rebind", "Asks any server for more time when T2 has passed", .as_root = true,
      .needs = "renews", .deadline_ms = 20000)
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    const DhcpMessage *request = lease(&lab, client, 60, 1, 3);
    expect_dhcp(lab.wire, DHCP_REQUEST, within(5000)); /* at T1, and nobody answers */
    const DhcpMessage *again =
        expect_dhcp(lab.wire, DHCP_REQUEST, within(5000), .what = "the DHCPREQUEST at T2, by broadcast");
    expect_not_before(again, request, 3000, "with a T2 of 3 s the DHCPREQUEST to everybody comes");
    expect_sound(again, lab.link);
    expect_broadcast(again, LEASED);
    expect_extension(again);
    send_ack(lab.wire, again, .address = LEASED, .lease = LONG, .renew = 1800, .rebind = 3150,
             .server = OTHER_SERVER);
    expect_stdout(client, format("renewed %s", times(LEASED, OTHER_SERVER, LONG, 1800, 3150)));
}

CHECK(expires, CORE, "expire", "Gives the address up when its time is over", .as_root = true,
      .needs = "rebinds", .deadline_ms = 20000)
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    const DhcpMessage *request = lease(&lab, client, 6, 1, 3);
    expect_dhcp(lab.wire, DHCP_REQUEST, within(5000));
    expect_dhcp(lab.wire, DHCP_REQUEST, within(5000));
    expect_stdout(client, "expired " LEASED "\n", within(7000));
    claim(strcmp(addresses_of(NULL, "eth0"), "") == 0,
          "eth0 has no address when `expired` is printed: it has %s", addresses_of(NULL, "eth0"));
    const DhcpMessage *discover = expect_dhcp(lab.wire, DHCP_DISCOVER);
    expect_not_before(discover, request, 6000, "after a lease of 6 s the client begins anew");
    expect_broadcast(discover, "0.0.0.0");
}

CHECK(releases, CORE, "release", "Gives the address back on SIGTERM", .as_root = true,
      .needs = "gets_a_lease")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    lease(&lab, client, LONG, 1800, 3150);
    send_signal(client, SIGTERM);
    const DhcpMessage *m = expect_dhcp(lab.wire, DHCP_RELEASE);
    expect_sound(m, lab.link);
    claim(m->to == ipv4_number(SERVER), "a DHCPRELEASE goes to the server alone, %s: it goes to %s", SERVER,
          ipv4_words(m->to));
    claim(m->ciaddr == ipv4_number(LEASED), "ciaddr of the DHCPRELEASE is %s: it is %s", LEASED,
          ipv4_words(m->ciaddr));
    claim(dhcp_number(m, DHCP_SERVER) == ipv4_number(SERVER),
          "option 54 of the DHCPRELEASE is the server %s: it is %s", SERVER,
          ipv4_words(dhcp_number(m, DHCP_SERVER)));
    expect_stdout(client, "released " LEASED "\n");
    expect_stdout_end(client);
    expect_exit(client, 0);
    expect_addresses("eth0", "");
    expect_default_route("eth0", "");
}

CHECK(begins_anew_when_refused, CORE, "refused", "Begins anew when the server refuses", .as_root = true,
      .needs = "asks_for_the_offer")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    send_offer(lab.wire, expect_dhcp(lab.wire, DHCP_DISCOVER), .address = WRONG, .lease = LONG);
    send_nak(lab.wire, expect_dhcp(lab.wire, DHCP_REQUEST));
    expect_stdout(client, "refused\n");
    lease(&lab, client, LONG, 1800, 3150);
    claim(strcmp(addresses_of(NULL, "eth0"), LEASED "/24") == 0,
          "eth0 has the second address alone: it has %s", addresses_of(NULL, "eth0"));
}

CHECK(refuses_wrong_usage, CORE, "arguments", "Refuses a wrong command line, with exit status 2",
      .as_root = true, .needs = "discovers")
{
    struct lab lab = new_lab();
    Program *wrong[] = {start(), start("eth0", "eth1"), start("")};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        expect_exit(wrong[i], 2);
        expect_stderr_message(wrong[i]);
        expect_stdout_end(wrong[i]);
    }
    start("eth0");
    expect_dhcp(lab.wire, DHCP_DISCOVER);
}

CHECK(needs_an_interface, CORE, "no-interface", "Says that there is no such interface", .as_root = true,
      .needs = "discovers")
{
    struct lab lab = new_lab();
    Program *client = start("eth7");

    expect_exit(client, 1);
    expect_stderr_message(client);
    expect_stdout_end(client);
    start("eth0");
    expect_dhcp(lab.wire, DHCP_DISCOVER);
}

/* ---- Robust -------------------------------------------------------------------------------------------- */

CHECK(asks_again, ROBUST, "retransmit", "Asks again after longer and longer times", .as_root = true,
      .needs = "gets_a_lease", .deadline_ms = 20000)
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    const DhcpMessage *first = expect_dhcp(lab.wire, DHCP_DISCOVER);
    const DhcpMessage *second = expect_dhcp(lab.wire, DHCP_DISCOVER, .again = true, within(4000));
    const DhcpMessage *third = expect_dhcp(lab.wire, DHCP_DISCOVER, .again = true, within(5000));
    expect_not_before(second, first, 750, "an unanswered DHCPDISCOVER is sent again");
    expect_not_before(third, second, 1500, "and once more");
    claim(second->xid == first->xid && third->xid == first->xid,
          "the xid stays the same when a message is sent again: they are %08x, %08x and %08x", first->xid,
          second->xid, third->xid);
    send_offer(lab.wire, third, .address = LEASED, .lease = LONG);
    const DhcpMessage *request = expect_dhcp(lab.wire, DHCP_REQUEST);
    const DhcpMessage *repeated = expect_dhcp(lab.wire, DHCP_REQUEST, .again = true, within(4000));
    expect_not_before(repeated, request, 750, "an unanswered DHCPREQUEST is sent again");
    expect_asks_for(repeated, LEASED, SERVER);
    send_ack(lab.wire, repeated, .address = LEASED, .lease = LONG);
    expect_stdout(client, format("bound %s", times(LEASED, SERVER, LONG, 1800, 3150)), within(BIND_MS));
}

CHECK(ignores_what_is_for_others, ROBUST, "foreign", "Takes no answer that is for somebody else",
      .as_root = true, .needs = "gets_a_lease")
{
    static const char *const wrongs[] = {"another xid", "another hardware address in chaddr",
                                         "op 1, which is a request", "type DHCPACK, which is no offer"};
    struct lab lab = new_lab();
    Program *client = start("eth0");

    const DhcpMessage *discover = expect_dhcp(lab.wire, DHCP_DISCOVER);
    send_offer(lab.wire, discover, .address = trap_address(0), .lease = LONG, .foreign_xid = 1);
    send_offer(lab.wire, discover, .address = trap_address(1), .lease = LONG, .foreign_chaddr = true);
    send_offer(lab.wire, discover, .address = trap_address(2), .lease = LONG, .is_request = true);
    send_ack(lab.wire, discover, .address = trap_address(3), .lease = LONG);
    send_offer(lab.wire, discover, .address = LEASED, .lease = LONG);
    const DhcpMessage *request = expect_dhcp(lab.wire, DHCP_REQUEST);
    name_the_trap(request, wrongs, ARRAY_LEN(wrongs));
    expect_asks_for(request, LEASED, SERVER);
    send_nak(lab.wire, request, .foreign_xid = 7);
    send_nak(lab.wire, request, .foreign_chaddr = true);
    send_ack(lab.wire, request, .address = WRONG, .lease = LONG, .foreign_xid = 1);
    send_ack(lab.wire, request, .address = WRONG, .lease = LONG, .foreign_chaddr = true);
    send_ack(lab.wire, request, .address = LEASED, .lease = LONG);
    expect_stdout(client, format("bound %s", times(LEASED, SERVER, LONG, 1800, 3150)), within(BIND_MS));
}

CHECK(ignores_what_is_malformed, ROBUST, "malformed", "Takes no answer that is broken", .as_root = true,
      .needs = "gets_a_lease")
{
    /* Type OFFER, server, and an option that is longer than the message. */
    static const char *const wrongs[] = {"no magic cookie",
                                         "no option 53",
                                         "an option that is longer than the message",
                                         "an option that is longer than what came of the message",
                                         "no option 54",
                                         "an end before its options began"};
    static const uint8_t lying[] = {53, 1, 2, 54, 4, 10, 77, 0, 1, 51, 4, 0, 0, 14, 16, 6, 255, 10, 77};
    struct lab lab = new_lab();
    Program *client = start("eth0");

    const DhcpMessage *discover = expect_dhcp(lab.wire, DHCP_DISCOVER);
    send_offer(lab.wire, discover, .address = trap_address(0), .lease = LONG, .no_cookie = true);
    send_offer(lab.wire, discover, .address = trap_address(1), .lease = LONG, .no_type = true);
    send_offer(lab.wire, discover, .address = trap_address(2), .options = bytes(lying, sizeof lying));
    send_offer(lab.wire, discover, .address = trap_address(3), .options = bytes(lying, sizeof lying),
               .cut = DHCP_OPTIONS_AT + 16);
    send_offer(lab.wire, discover, .address = trap_address(4), .lease = LONG, .no_server_id = true);
    for (size_t size = 1; size < DHCP_OPTIONS_AT; size += 34)
        send_offer(lab.wire, discover, .address = trap_address(5), .lease = LONG, .cut = size);
    send_offer(lab.wire, discover, .address = LEASED, .lease = LONG);
    const DhcpMessage *request = expect_dhcp(lab.wire, DHCP_REQUEST);
    name_the_trap(request, wrongs, ARRAY_LEN(wrongs));
    expect_asks_for(request, LEASED, SERVER);
    send_ack(lab.wire, request, .address = LEASED, .lease = LONG);
    expect_stdout(client, format("bound %s", times(LEASED, SERVER, LONG, 1800, 3150)), within(BIND_MS));
    expect_running(client);
}

CHECK(reads_options_in_any_order, ROBUST, "options",
      "Reads options in any order, and passes over what it does not know", .as_root = true,
      .needs = "gets_a_lease")
{
    static const uint8_t offer[] = {0, 0, 224, 3,  53, 1, 5,   54,  4,   10, 77, 0, 1,  0, 51, 4,
                                    0, 0, 2,   88, 1,  4, 255, 255, 255, 0,  0,  0, 53, 1, 2,  255};
    static const uint8_t ack[] = {3,  4, 10, 77, 0,   9,   0, 0, 0,   15,  0,   252, 2,  6, 4,
                                  59, 4, 0,  0,  1,   244, 1, 4, 255, 255, 255, 0,   54, 4, 10,
                                  77, 0, 1,  58, 4,   0,   0, 1, 44,  51,  4,   0,   0,  2, 88,
                                  53, 1, 5,  0,  255, 0,   6, 4, 10,  77,  0,   66};
    struct lab lab = new_lab();
    Program *client = start("eth0");

    send_offer(lab.wire, expect_dhcp(lab.wire, DHCP_DISCOVER), .address = LEASED,
               .options = bytes(offer, sizeof offer));
    const DhcpMessage *request = expect_dhcp(lab.wire, DHCP_REQUEST);
    expect_asks_for(request, LEASED, SERVER);
    send_ack(lab.wire, request, .address = LEASED, .options = bytes(ack, sizeof ack));
    expect_stdout(client,
                  "bound " LEASED "/24 router 10.77.0.9 dns none server " SERVER
                  " lease 600 renew 300 rebind 500\n",
                  within(BIND_MS));
}

CHECK(reads_overloaded_fields, ROBUST, "overload", "Finds options in the fields file and sname",
      .as_root = true, .needs = "gets_a_lease")
{
    static const uint8_t options[] = {53, 1, 5, 52, 1, 3, 54, 4, 10, 77, 0, 1, 255};
    static const uint8_t file[] = {51, 4, 0, 0, 2, 88, 0, 1, 4, 255, 255, 255, 0, 255};
    static const uint8_t sname[] = {3, 4, 10, 77, 0, 9, 6, 4, 10, 77, 0, 53, 255};
    static const uint8_t not_options[] = {53, 1, 6, 3, 4, 10, 77, 0, 66, 255};
    struct lab lab = new_lab();
    Program *client = start("eth0");

    /* Without option 52 the same fields are names, and mean nothing here. */
    send_offer(lab.wire, expect_dhcp(lab.wire, DHCP_DISCOVER), .address = LEASED, .lease = LONG,
               .file = bytes(not_options, sizeof not_options),
               .sname = bytes(not_options, sizeof not_options));
    const DhcpMessage *request = expect_dhcp(lab.wire, DHCP_REQUEST);
    expect_asks_for(request, LEASED, SERVER);
    send_ack(lab.wire, request, .address = LEASED, .options = bytes(options, sizeof options),
             .file = bytes(file, sizeof file), .sname = bytes(sname, sizeof sname));
    expect_stdout(client,
                  "bound " LEASED "/24 router 10.77.0.9 dns 10.77.0.53 server " SERVER
                  " lease 600 renew 300 rebind 525\n",
                  within(BIND_MS));
}

CHECK(joins_a_split_option, ROBUST, "split", "Joins an option that comes in pieces", .as_root = true,
      .needs = "gets_a_lease")
{
    static const uint8_t dns[] = {6, 5, 10, 77, 0, 53, 192, 224, 1, 9, 6, 3, 0, 2, 53};
    struct lab lab = new_lab();
    Program *client = start("eth0");

    send_offer(lab.wire, expect_dhcp(lab.wire, DHCP_DISCOVER), .address = LEASED, .lease = LONG);
    send_ack(lab.wire, expect_dhcp(lab.wire, DHCP_REQUEST), .address = LEASED, .lease = LONG,
             .more = bytes(dns, sizeof dns));
    expect_stdout(client,
                  "bound " LEASED "/24 router " SERVER " dns 10.77.0.53,192.0.2.53 server " SERVER
                  " lease 3600 renew 1800 rebind 3150\n",
                  within(BIND_MS));
}

CHECK(knows_the_usual_times, ROBUST, "default-times",
      "Takes half and seven eighths where T1 and T2 are not given", .as_root = true, .needs = "gets_a_lease")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    send_offer(lab.wire, expect_dhcp(lab.wire, DHCP_DISCOVER), .address = LEASED, .lease = LONG);
    send_ack(lab.wire, expect_dhcp(lab.wire, DHCP_REQUEST), .address = LEASED, .lease = 4000000001u);
    expect_stdout(client, format("bound %s", times(LEASED, SERVER, 4000000001u, 2000000000u, 3500000000u)),
                  within(BIND_MS));
    double cpu_ms = cpu_ms_while_idle(client, IDLE_MS);
    claim(cpu_ms <= IDLE_CPU_MS,
          "while it waits it uses at most %d ms of processor time in %d ms: it used %.0f ms", IDLE_CPU_MS,
          IDLE_MS, cpu_ms);
    claim(dhcp_waiting(lab.wire) == 0, "it sends nothing before T1: it sent %zu messages",
          dhcp_waiting(lab.wire));
}

CHECK(knows_a_lease_without_end, ROBUST, "infinite", "Knows a lease that never ends", .as_root = true,
      .needs = "gets_a_lease")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    send_offer(lab.wire, expect_dhcp(lab.wire, DHCP_DISCOVER), .address = LEASED, .lease = UINT32_MAX);
    send_ack(lab.wire, expect_dhcp(lab.wire, DHCP_REQUEST), .address = LEASED, .lease = UINT32_MAX);
    expect_stdout(client,
                  "bound " LEASED "/24 router " SERVER " dns none server " SERVER
                  " lease infinite renew never rebind never\n",
                  within(BIND_MS));
}

CHECK(chooses_one_of_two, ROBUST, "several", "Chooses one of two servers, and listens to that one",
      .as_root = true, .needs = "gets_a_lease")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    const DhcpMessage *discover = expect_dhcp(lab.wire, DHCP_DISCOVER);
    send_offer(lab.wire, discover, .address = LEASED, .lease = LONG);
    send_offer(lab.wire, discover, .address = "10.77.0.60", .lease = LONG, .server = OTHER_SERVER);
    const DhcpMessage *request = expect_dhcp(lab.wire, DHCP_REQUEST);
    bool first = dhcp_number(request, DHCP_SERVER) != ipv4_number(OTHER_SERVER);
    const char *address = first ? LEASED : "10.77.0.60";
    const char *chosen = first ? SERVER : OTHER_SERVER, *other = first ? OTHER_SERVER : SERVER;
    expect_asks_for(request, address, chosen);
    send_nak(lab.wire, request, .server = other);
    send_ack(lab.wire, request, .address = WRONG, .lease = LONG, .server = other);
    send_ack(lab.wire, request, .address = address, .lease = LONG, .server = chosen);
    expect_stdout(client, format("bound %s", times(address, chosen, LONG, 1800, 3150)), within(BIND_MS));
}

CHECK(declines_what_is_taken, ROBUST, "conflict", "Declines an address that somebody has already",
      .as_root = true, .needs = "gets_a_lease")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    set_address(far_node_of(lab.link), "srv0", LEASED "/32");
    const DhcpMessage *discover = expect_dhcp(lab.wire, DHCP_DISCOVER);
    eventually(is_connected(lab.link), "the kernel to send on both ends of the link");
    send_offer(lab.wire, discover, .address = LEASED, .lease = LONG);
    send_ack(lab.wire, expect_dhcp(lab.wire, DHCP_REQUEST), .address = LEASED, .lease = LONG);
    const DhcpMessage *decline = expect_dhcp(lab.wire, DHCP_DECLINE, within(BIND_MS));
    expect_sound(decline, lab.link);
    expect_broadcast(decline, "0.0.0.0");
    claim(decline->ciaddr == 0, "ciaddr of a DHCPDECLINE is 0: it is %s", ipv4_words(decline->ciaddr));
    claim(
        dhcp_number(decline, DHCP_ADDRESS) == ipv4_number(LEASED) &&
            dhcp_number(decline, DHCP_SERVER) == ipv4_number(SERVER),
        "a DHCPDECLINE names the address %s in option 50 and the server %s in option 54: they are %s and %s",
        LEASED, SERVER, ipv4_words(dhcp_number(decline, DHCP_ADDRESS)),
        ipv4_words(dhcp_number(decline, DHCP_SERVER)));
    expect_stdout(client, "conflict " LEASED "\n");
    const DhcpMessage *again = expect_dhcp(lab.wire, DHCP_DISCOVER, within(4000));
    expect_not_before(again, decline, 1000, "after a DHCPDECLINE the client begins anew");
    claim(strcmp(addresses_of(NULL, "eth0"), "") == 0, "eth0 has no address: it has %s",
          addresses_of(NULL, "eth0"));
}

CHECK(gives_up_what_is_refused, ROBUST, "refused", "Gives the address up when the server refuses more time",
      .as_root = true, .needs = "renews", .deadline_ms = 20000)
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    lease(&lab, client, 60, 1, 50);
    send_nak(lab.wire, expect_dhcp(lab.wire, DHCP_REQUEST, within(5000)));
    expect_stdout(client, "refused\n");
    claim(strcmp(addresses_of(NULL, "eth0"), "") == 0,
          "eth0 has no address when `refused` is printed: it has %s", addresses_of(NULL, "eth0"));
    lease(&lab, client, LONG, 1800, 3150);
}

CHECK(quits_without_a_lease, ROBUST, "quit", "Ends on SIGINT without a lease, and gives nothing back",
      .as_root = true, .needs = "discovers")
{
    struct lab lab = new_lab();
    Program *client = start("eth0");

    expect_dhcp(lab.wire, DHCP_DISCOVER);
    send_signal(client, SIGINT);
    expect_exit(client, 0);
    expect_stdout_end(client);
    while (dhcp_waiting(lab.wire) > 0)
        expect_dhcp(lab.wire, DHCP_DISCOVER, .again = true);
}

CHECK(takes_a_new_number, ROBUST, "xid", "Takes another xid in each run", .as_root = true,
      .needs = "discovers")
{
    struct lab lab = new_lab();
    uint32_t seen[3];

    for (int i = 0; i < 3; i++) {
        Program *client = start("eth0");
        seen[i] = expect_dhcp(lab.wire, DHCP_DISCOVER, .again = true)->xid;
        send_signal(client, SIGKILL);
        wait_exit(client);
        while (dhcp_waiting(lab.wire) > 0)
            expect_dhcp(lab.wire, DHCP_DISCOVER, .again = true);
    }
    claim(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2],
          "three runs have three xids: they are %08x, %08x and %08x", seen[0], seen[1], seen[2]);
}
