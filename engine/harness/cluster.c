#include "harness/cluster.h"

#include "base/buf.h"
#include "base/mem.h"
#include "harness/files.h"
#include "harness/processes.h"
#include "harness/program.h"
#include "harness/world.h"

#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 256 << 10, /* what a side has not taken; more is not read for it */
    BACKLOG = 64
};

struct passage;

/* One of the two connections that a proxy joins. */
struct side {
    struct passage *passage;
    uv_tcp_t tcp;
    int from, to; /* what is read here goes from member `from` to member `to` */
    bool open, reads, ended;
};

struct passage { /* a connection from one member to another, through us */
    struct passage *next;
    Cluster *cluster;
    struct side near, far; /* near: the member that connected */
    uv_connect_t connect;
    bool joined;
    int closing; /* handles that are not yet closed */
};

struct proxy { /* listens where one member reaches another */
    Cluster *cluster;
    uv_tcp_t listener;
    int from, to, port;
    bool cut;
    uint64_t bytes;
};

struct one_member {
    Program *program;
    Process *process;
    const char *port, *directory;
    int peer_port;
    bool killed, paused;
};

struct cluster {
    int size;
    member_starter *starter;
    struct one_member members[CLUSTER_MAX + 1];
    struct proxy links[CLUSTER_MAX + 1][CLUSTER_MAX + 1];
    struct passage *passages;
};

static void update(struct side *s);

/* ---- Passages ------------------------------------------------------------------------------------------ */

static struct side *other(struct side *s)
{
    return s == &s->passage->near ? &s->passage->far : &s->passage->near;
}

static void on_closed(uv_handle_t *handle)
{
    struct side *s = handle->data;
    struct passage *p = s->passage;
    if (--p->closing > 0)
        return;
    struct passage **at = &p->cluster->passages;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    free(p);
}

/* Both sides end at once; a member that is in the middle of something sees a reset. */
static void close_passage(struct passage *p)
{
    struct side *sides[] = {&p->near, &p->far};
    for (size_t i = 0; i < ARRAY_LEN(sides); i++)
        if (sides[i]->open) {
            sides[i]->open = false;
            p->closing++;
            uv_close((uv_handle_t *)&sides[i]->tcp, on_closed);
        }
}

struct parcel {
    uv_write_t request;
    struct side *to;
    char bytes[];
};

static void on_written(uv_write_t *request, int status)
{
    struct parcel *parcel = request->data;
    struct side *to = parcel->to;
    bool open = to->open;
    free(parcel);
    if (!open)
        return;
    if (status < 0)
        close_passage(to->passage);
    else
        update(other(to));
}

static void on_shut(uv_shutdown_t *request, int status)
{
    (void)status;
    free(request);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle, (void)suggested;
    enum { PARCEL = 16 << 10 };
    struct parcel *parcel = xmalloc(sizeof *parcel + PARCEL);
    *buf = uv_buf_init(parcel->bytes, PARCEL);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct side *s = stream->data, *to = other(s);
    struct parcel *parcel =
        buf->base ? (struct parcel *)(void *)(buf->base - offsetof(struct parcel, bytes)) : NULL;

    if (n > 0 && parcel) {
        s->passage->cluster->links[s->from][s->to].bytes += (uint64_t)n;
        parcel->to = to;
        parcel->request.data = parcel;
        uv_buf_t out = uv_buf_init(parcel->bytes, (unsigned)n);
        if (uv_write(&parcel->request, (uv_stream_t *)&to->tcp, &out, 1, on_written) == 0) {
            update(s);
            return;
        }
    }
    free(parcel);
    if (n == UV_EOF) {
        s->ended = true;
        update(s);
        uv_shutdown_t *request = xmalloc(sizeof *request);
        if (uv_shutdown(request, (uv_stream_t *)&to->tcp, on_shut) < 0)
            free(request);
        if (to->ended)
            close_passage(s->passage);
    } else if (n != 0) {
        close_passage(s->passage);
    }
}

/* Reads from a side while its link is whole and the other side takes what comes. */
static void update(struct side *s)
{
    struct side *to = other(s);
    bool wants = s->open && to->open && s->passage->joined && !s->ended &&
                 !s->passage->cluster->links[s->from][s->to].cut &&
                 uv_stream_get_write_queue_size((uv_stream_t *)&to->tcp) < WINDOW;
    if (wants && !s->reads)
        uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);
    else if (!wants && s->reads && s->open)
        uv_read_stop((uv_stream_t *)&s->tcp);
    s->reads = wants;
}

static void begin_side(struct side *s, struct passage *p, int from, int to)
{
    *s = (struct side){.passage = p, .from = from, .to = to, .open = true};
    int error = uv_tcp_init(&world.loop, &s->tcp);
    if (error < 0)
        world_broken(-error, "a proxy of the cluster");
    s->tcp.data = s;
}

static void on_joined(uv_connect_t *request, int status)
{
    struct passage *p = request->data;
    if (!p->near.open)
        return;
    if (status < 0) { /* nobody listens there: the member that asked sees its connection end */
        close_passage(p);
        return;
    }
    p->joined = true;
    uv_tcp_nodelay(&p->far.tcp, 1);
    update(&p->near);
    update(&p->far);
}

/* Goes on to the member that is meant, once the link is whole. */
static void go_on(struct passage *p)
{
    struct sockaddr_in address;
    const struct proxy *link = &p->cluster->links[p->near.from][p->near.to];

    if (p->joined || p->connect.data || link->cut || !p->near.open)
        return;
    p->connect.data = p;
    uv_ip4_addr("127.0.0.1", p->cluster->members[p->near.to].peer_port, &address);
    if (uv_tcp_connect(&p->connect, &p->far.tcp, (const struct sockaddr *)&address, on_joined) < 0)
        close_passage(p);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct proxy *link = listener->data;
    if (status < 0)
        return;
    struct passage *p = xcalloc(1, sizeof *p);
    p->cluster = link->cluster;
    p->next = p->cluster->passages;
    p->cluster->passages = p;
    begin_side(&p->near, p, link->from, link->to);
    begin_side(&p->far, p, link->to, link->from);
    if (uv_accept(listener, (uv_stream_t *)&p->near.tcp) < 0) {
        close_passage(p);
        return;
    }
    uv_tcp_nodelay(&p->near.tcp, 1);
    go_on(p);
}

static void listen_for(Cluster *c, int from, int to)
{
    struct proxy *link = &c->links[from][to];
    struct sockaddr_in address, bound = {0};
    int size = sizeof bound;

    *link = (struct proxy){.cluster = c, .from = from, .to = to};
    uv_ip4_addr("127.0.0.1", 0, &address);
    int error = uv_tcp_init(&world.loop, &link->listener);
    link->listener.data = link;
    if (error == 0)
        error = uv_tcp_bind(&link->listener, (const struct sockaddr *)&address, 0);
    if (error == 0)
        error = uv_listen((uv_stream_t *)&link->listener, BACKLOG, on_connection);
    if (error == 0)
        error = uv_tcp_getsockname(&link->listener, (struct sockaddr *)&bound, &size);
    if (error < 0)
        world_broken(-error, "a proxy of the cluster");
    link->port = ntohs(bound.sin_port);
}

/* ---- Members ------------------------------------------------------------------------------------------- */

static struct one_member *named(Cluster *c, int i)
{
    if (i < 1 || i > c->size)
        world_broken(0, "the cluster has no member %d", i);
    return &c->members[i];
}

static void start_one(Cluster *c, int i)
{
    struct one_member *m = named(c, i);
    m->program = c->starter(c, i);
    m->process = process_with_pid(pid_of(m->program), format("member %d", i));
    step("%s is member %d, on port %s", m->program->name, i, m->port);
    m->killed = m->paused = false;
}

Cluster *cluster(int members, member_starter *starter)
{
    Cluster *c = xcalloc(1, sizeof *c);

    if (members < 1 || members > CLUSTER_MAX)
        world_broken(0, "a cluster of %d", members);
    c->size = members;
    c->starter = starter;
    for (int i = 1; i <= members; i++) {
        c->members[i].port = free_port();
        c->members[i].peer_port = atoi(free_port());
        c->members[i].directory = format("member-%d", i);
        make_directory(c->members[i].directory);
        for (int to = 1; to <= members; to++)
            if (to != i)
                listen_for(c, i, to);
    }
    for (int i = 1; i <= members; i++)
        start_one(c, i);
    return c;
}

int cluster_size(const Cluster *c)
{
    return c->size;
}

const char *cluster_port(Cluster *c, int i)
{
    return named(c, i)->port;
}

const char *cluster_address(Cluster *c, int from, int to)
{
    return format("127.0.0.1:%d", from == to ? named(c, to)->peer_port : c->links[from][to].port);
}

const char *cluster_addresses(Cluster *c, int from)
{
    const char *all = "";
    for (int to = 1; to <= c->size; to++)
        all = format("%s%s%d=%s", all, to > 1 ? "," : "", to, cluster_address(c, from, to));
    return all;
}

const char *cluster_directory(Cluster *c, int i)
{
    return named(c, i)->directory;
}

Program *member(Cluster *c, int i)
{
    return named(c, i)->program;
}

bool member_runs(Cluster *c, int i)
{
    const struct one_member *m = named(c, i);
    return !m->killed && !m->program->ended;
}

bool member_is_paused(Cluster *c, int i)
{
    return named(c, i)->paused;
}

void kill_member(Cluster *c, int i)
{
    struct one_member *m = named(c, i);
    step("member %d is killed", i);
    m->killed = true;
    m->paused = false;
    send_signal(m->program, SIGKILL);
    wait_exit(m->program);
}

void restart_member(Cluster *c, int i)
{
    step("member %d is started again", i);
    start_one(c, i);
}

void pause_member(Cluster *c, int i)
{
    stop_process(named(c, i)->process);
    c->members[i].paused = true;
    step("member %d is paused", i);
}

void resume_member(Cluster *c, int i)
{
    named(c, i)->paused = false;
    step("member %d goes on", i);
    signal_process(c->members[i].process, SIGCONT);
}

/* ---- Links --------------------------------------------------------------------------------------------- */

static void set_cut(Cluster *c, int from, int to, bool cut)
{
    c->links[from][to].cut = cut;
    for (struct passage *p = c->passages; p; p = p->next) {
        go_on(p);
        update(&p->near);
        update(&p->far);
    }
}

void cut_link(Cluster *c, int from, int to)
{
    step("what member %d sends does not arrive at member %d any more", from, to);
    set_cut(c, from, to, true);
}

void heal_link(Cluster *c, int from, int to)
{
    step("what member %d sends arrives at member %d again", from, to);
    set_cut(c, from, to, false);
}

/* The number of its group; a member that is in none has one of its own. */
static int group_of(const char *groups, int i)
{
    const char *at = strchr(groups, '0' + i);
    int group = 0;
    if (!at)
        return -i;
    for (const char *g = groups; g < at; g++)
        group += *g == '|';
    return group;
}

void partition(Cluster *c, const char *groups)
{
    step("the cluster is partitioned: %s", groups);
    for (int i = 1; i <= c->size; i++)
        for (int j = 1; j <= c->size; j++)
            if (i != j)
                set_cut(c, i, j, group_of(groups, i) != group_of(groups, j));
}

void isolate(Cluster *c, int i)
{
    step("member %d is cut off from all others", i);
    for (int j = 1; j <= c->size; j++)
        if (j != i) {
            set_cut(c, i, j, true);
            set_cut(c, j, i, true);
        }
}

void heal_all(Cluster *c)
{
    step("all links are whole");
    for (int i = 1; i <= c->size; i++)
        for (int j = 1; j <= c->size; j++)
            if (i != j)
                set_cut(c, i, j, false);
}

void break_connections(Cluster *c, int a, int b)
{
    step("the connections between the members %d and %d are reset", a, b);
    for (struct passage *p = c->passages; p; p = p->next)
        if ((p->near.from == a && p->near.to == b) || (p->near.from == b && p->near.to == a))
            close_passage(p);
}

uint64_t bytes_between(Cluster *c, int from, int to)
{
    return c->links[from][to].bytes;
}

uint64_t bytes_in_cluster(Cluster *c)
{
    uint64_t sum = 0;
    for (int i = 1; i <= c->size; i++)
        for (int j = 1; j <= c->size; j++)
            sum += c->links[i][j].bytes;
    return sum;
}
