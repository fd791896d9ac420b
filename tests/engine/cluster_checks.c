/* Tiny checks of clusters and lines, and the programs that break them: cluster.c runs them. */
#include "harness/check.h"
#include "harness/cluster.h"
#include "harness/line.h"

#include <string.h>

CHALLENGE("cluster");

static Program *gossip(Cluster *c, int i)
{
    return start(cluster_port(c, i), format("%d", i), cluster_addresses(c, i));
}

static bool has_heard(Cluster *c, int i, const char *word)
{
    const char *answer = ask_once(cluster_port(c, i), "HEARD");
    return answer && strcmp(answer, word) == 0;
}

/* A cluster in which everybody listens: what is sent to one that does not yet is lost. */
static Cluster *gossips(int n)
{
    Cluster *c = cluster(n, gossip);
    for (int i = 1; i <= n; i++)
        claim(has_heard(c, i, "nothing"), "member %d begins with nothing", i);
    return c;
}

static void tell(Cluster *c, int from, int to, const char *word)
{
    ask_once(cluster_port(c, from), format("TELL %d %s", to, word));
}

CHECK(members_hear_each_other, CORE, "cluster", "Words arrive where they are sent to")
{
    Cluster *c = gossips(3);
    claim(cluster_size(c) == 3, "three members");
    tell(c, 1, 2, "apple");
    eventually(has_heard(c, 2, "apple"), "the word at member 2");
    claim(has_heard(c, 3, "nothing"), "member 3 was not told");
    claim(bytes_between(c, 1, 2) == 6 && bytes_in_cluster(c) == 6, "six bytes have passed");
}

CHECK(links_are_cut_and_heal, CORE, "cluster", "What is sent over a cut link arrives when it heals")
{
    Cluster *c = gossips(3);
    cut_link(c, 1, 2);
    tell(c, 1, 2, "apple");
    tell(c, 2, 1, "pear"); /* the other direction is whole */
    eventually(has_heard(c, 1, "pear"), "the word at member 1");
    claim(has_heard(c, 2, "nothing"), "nothing arrives over a cut link");
    heal_link(c, 1, 2);
    eventually(has_heard(c, 2, "apple"), "the word at member 2");

    partition(c, "1|23");
    tell(c, 1, 3, "plum");
    tell(c, 2, 3, "cherry");
    eventually(has_heard(c, 3, "cherry"), "a word within a group");
    heal_all(c);
    eventually(has_heard(c, 3, "plum"), "a word between groups, late");

    isolate(c, 3);
    tell(c, 3, 1, "fig");
    tell(c, 2, 1, "grape");
    eventually(has_heard(c, 1, "grape"), "a word among those that are not isolated");
}

CHECK(connections_can_be_reset, CORE, "cluster", "A reset loses what was not yet delivered")
{
    Cluster *c = gossips(2);
    cut_link(c, 1, 2);
    tell(c, 1, 2, "apple");
    break_connections(c, 1, 2);
    heal_all(c);
    tell(c, 1, 2, "pear");
    eventually(has_heard(c, 2, "pear"), "the second word");
}

CHECK(members_die_sleep_and_come_back, CORE, "cluster",
      "Members are killed, started again, paused and resumed")
{
    Cluster *c = gossips(2);
    tell(c, 1, 2, "apple");
    eventually(has_heard(c, 2, "apple"), "the word");
    kill_member(c, 2);
    claim(!member_runs(c, 2) && member_runs(c, 1), "one of them runs");
    restart_member(c, 2);
    claim(has_heard(c, 2, "nothing"), "it has begun anew, on its port");
    pause_member(c, 1);
    claim(member_is_paused(c, 1), "it is paused");
    claim(!ask_once(cluster_port(c, 1), "HEARD", within(500)), "who is paused does not answer");
    resume_member(c, 1);
    claim(has_heard(c, 1, "nothing"), "it answers again");
}

CHECK(lines_go_both_ways, CORE, "lines", "Lines with LF and with CR LF, cut and together")
{
    Cluster *c = gossips(1);
    Conn *conn = tcp_connect(cluster_port(c, 1));
    send_line(conn, "HEARD");
    expect_line(conn, "nothing");
    claim(strcmp(ask_line(conn, "TELL 1 self"), "told") == 0, "the CR is no part of the line");
    claim(!await_line(conn, within(500)), "nobody asked anything");
}

CHECK(line_is_another, CORE, "lines", "Fails: another line")
{
    Cluster *c = gossips(1);
    Conn *conn = tcp_connect(cluster_port(c, 1));
    send_line(conn, "HEARD");
    expect_line(conn, "apple");
}

CHECK(line_never_comes, CORE, "lines", "Fails: no line")
{
    Cluster *c = gossips(1);
    Conn *conn = tcp_connect(cluster_port(c, 1));
    send_line(conn, "SILENT");
    receive_line(conn, within(500));
}

CHECK(line_has_no_end, CORE, "lines", "Fails: the connection ends in the middle of a line")
{
    Cluster *c = gossips(1);
    ask_line(tcp_connect(cluster_port(c, 1)), "HALF");
}
