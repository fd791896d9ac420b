/* Wires and machines as three challenges use them: see links.c, which runs these. */
#include "harness/check.h"
#include "harness/datagram.h"
#include "harness/links.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

CHALLENGE("links");

enum { ETHERNET = 14, IP = 20, UDP = 8, TYPE_ARP = 0x0806, TYPE_IP = 0x0800 };

static int type_of(Frame f)
{
    return f.content.size < ETHERNET ? 0 : f.content.data[12] << 8 | f.content.data[13];
}

/* A wire between the programs' machine and one more, with addresses. */
static Link *wire(void)
{
    Node *peer = make_node("peer");
    Link *l = lay_link(NULL, "eth0", peer, "far0");

    set_address(NULL, "eth0", "10.9.0.1/24");
    set_address(peer, "far0", "10.9.0.2/24");
    claim(is_connected(l), "both ends of a new link are up");
    return l;
}

static unsigned sum(Bytes b)
{
    unsigned total = 0;

    for (size_t i = 0; i < b.size; i++)
        total += i % 2 ? b.data[i] : (unsigned)b.data[i] << 8;
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return total;
}

/* ---- What passes --------------------------------------------------------------------------------------- */

CHECK(frames_are_seen, CORE, "sniffer", "What is sent crosses the wire as it would cross a real one")
{
    Link *l = wire();
    UdpSocket *u = udp_open(.host = "10.9.0.1");

    answer_datagram(u, (Datagram){.from = "10.9.0.2:9", .host = "10.9.0.2", .port = 9}, text("hello"));
    Frame question = receive_frame(l), answer = receive_frame(l), datagram = receive_frame(l);
    claim(type_of(question) == TYPE_ARP && !question.from_b, "first comes a question of ARP");
    claim(type_of(answer) == TYPE_ARP && answer.from_b, "then the answer");
    claim(memcmp(question.content.data + 6, mac_of(l), MAC_SIZE) == 0, "from our MAC address");
    claim(memcmp(answer.content.data + 6, far_mac_of(l), MAC_SIZE) == 0, "from the other one's");
    claim(type_of(datagram) == TYPE_IP && datagram.content.size == ETHERNET + IP + UDP + 5,
          "then the datagram: %zu bytes", datagram.content.size);
    claim(datagram.sent_ns >= question.sent_ns && question.sent_ns > 0, "one after the other");

    /* The sum over the pseudo header and the datagram, checksum included, is all ones: RFC 768. */
    Bytes packet = slice(datagram.content, ETHERNET, IP + UDP + 5);
    Bytes pseudo = join(slice(packet, 12, 8), bytes((const uint8_t[]){0, 17, 0, UDP + 5}, 4));
    claim(sum(join(pseudo, slice(packet, IP, UDP + 5))) == 0xffff, "the checksum of UDP is right");
    claim(memcmp(packet.data + IP + UDP, "hello", 5) == 0, "it is what was sent");
}

CHECK(frames_arrive, CORE, "sniffer", "A frame that the checker makes arrives, and does not come back")
{
    Link *l = wire();
    UdpSocket *u = udp_open(.host = "10.9.0.1");
    int port = atoi(udp_port_of(u));
    const uint8_t type[] = {TYPE_IP >> 8, TYPE_IP & 0xff};
    uint8_t ip[IP] = {0x45, 0, 0, IP + UDP + 2, 0, 0, 0, 0, 64, 17, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1};
    const uint8_t udp[UDP] = {0, 9, (uint8_t)(port >> 8), (uint8_t)port, 0, UDP + 2, 0, 0};
    unsigned check = 0xffff - sum(bytes(ip, sizeof ip));
    Frame f;

    ip[10] = (uint8_t)(check >> 8);
    ip[11] = (uint8_t)check;
    Bytes head =
        join(join(bytes(mac_of(l), MAC_SIZE), bytes(far_mac_of(l), MAC_SIZE)), bytes(type, sizeof type));
    send_frame(l, join(head, join(bytes(ip, sizeof ip), join(bytes(udp, sizeof udp), text("ho")))));
    Datagram d = receive_datagram(u);
    claim(strcmp(d.from, "10.9.0.2:9") == 0, "it comes from 10.9.0.2: %s", d.from);
    claim(d.content.size == 2, "with two bytes: %zu", d.content.size);
    claim(!take_frame(l, &f), "nothing else was on the wire");
}

CHECK(addresses_are_seen, CORE, "client", "Addresses, routes and states of interfaces")
{
    Link *l = wire();

    claim(is_up(NULL, "eth0"), "a new interface is up");
    set_up(NULL, "eth0", false);
    claim(!is_up(NULL, "eth0"), "it goes down");
    set_up(NULL, "eth0", true);
    expect_addresses("eth0", "10.9.0.1/24");
    expect_default_route("eth0", "");
    set_route(NULL, "0.0.0.0/0", "10.9.0.2");
    expect_default_route("eth0", "10.9.0.2");
    expect_addresses("eth1", "");
    (void)l;
}

CHECK(machines_talk, CORE, "vpn", "Two programs, each on its machine")
{
    Node *left = make_node("left"), *right = make_node("right");
    Link *l = lay_link(left, "eth0", right, "eth0");

    set_address(left, "eth0", "192.0.2.1/24");
    set_address(right, "eth0", "192.0.2.2/24");
    expect_addresses("eth0", "192.0.2.2/24", .node = right);
    Program *server = start_with((.node = right), "echo-server", "7000");
    int fd = socket_in(left, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(7000)};
    inet_pton(AF_INET, "192.0.2.2", &to.sin_addr);
    eventually(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "a connection between two machines");
    claim(type_of(receive_frame(l)) == TYPE_ARP, "it crosses the wire");
    expect_running(server);
    expect_refused("7000"); /* on the checker's own machine there is none */
}

CHECK(a_cluster_is_cut, CORE, "cluster", "A bridge of three, one of them cut off and back again")
{
    enum { NODES = 3 };
    Bridge *lan = make_bridge("lan", "10.0.0.254/24");
    Link *cable[NODES];
    Conn *c[NODES];

    for (int i = 0; i < NODES; i++) {
        Node *node = make_node(format("n%d", i + 1));
        cable[i] = plug_in(lan, node, "eth0");
        set_address(node, "eth0", format("10.0.0.%d/24", i + 1));
        start_with((.node = node), "echo-server", "7000");
    }
    for (int i = 0; i < NODES; i++) {
        c[i] = tcp_connect("7000", .host = format("10.0.0.%d", i + 1));
        send_text(c[i], "before\n");
        expect_text(c[i], "before\n");
    }
    cut(cable[1]);
    send_text(c[1], "meanwhile\n");
    for (int i = 0; i < NODES; i += 2) {
        send_text(c[i], "still here\n");
        expect_text(c[i], "still here\n");
    }
    claim(unread_bytes(c[1]) == 0, "nothing comes from the one that is cut off");
    heal(cable[1]);
    expect_text(c[1], "meanwhile\n", within(8000)); /* TCP tries again when it likes */
}

/* ---- What fails ---------------------------------------------------------------------------------------- */

CHECK(no_address, CORE, "client", "An address that nobody sets")
{
    wire();
    start("silent");
    expect_addresses("eth0", "10.9.0.7/24", within(300));
}

CHECK(no_frame, CORE, "client", "A frame that nobody sends")
{
    Link *l = wire();
    start("silent");
    receive_frame(l, within(300), .what = "a DISCOVER");
}
