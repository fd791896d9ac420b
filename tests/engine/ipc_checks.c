/* Tiny checks of unix sockets, FIFOs and message queues, and the programs that break them: ipc.c runs them. */
#include "harness/check.h"
#include "harness/fifo.h"
#include "harness/files.h"
#include "harness/holders.h"
#include "harness/mqueue.h"
#include "harness/unix.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

CHALLENGE("ipc");

/* ---- Unix sockets -------------------------------------------------------------------------------------- */

CHECK(unix_server_echoes, CORE, "unix", "A connection over a unix socket has all verbs of one")
{
    Program *server = start("unix-server", "s");
    Conn *a = unix_connect("s"), *b = unix_connect("s");

    expect_socket_file("s");
    send_bytewise(a, text("byte by byte\n"));
    expect_text(a, "byte by byte\n");
    stop_reading(b);
    send_bytes(b, numbered_lines(8 << 20));
    claim(wait_until_stalled(b, within(9000)), "8 MiB are more than the buffers hold");
    resume_reading(b);
    half_close(b);
    expect_bytes(b, numbered_lines(8 << 20), within(9000));
    expect_eof(b);
    reset(a);
    expect_running(server);
    send_signal(server, SIGKILL);
    wait_exit(server);
    expect_no_unix_listener("s");
}

CHECK(unix_client_talks, CORE, "unix", "The checker listens, and knows who connects")
{
    Listener *l = unix_listen("s");
    Program *client = start("unix-client", "s");
    Conn *c = accept_conn(l);

    expect_text(c, "hello\n");
    expect_eof(c);
    send_text(c, "bye\n");
    hang_up(c);
    expect_stdout(client, "bye\n");
    expect_exit(client, 0);
}

CHECK(descriptors_are_passed, CORE, "unix", "A descriptor goes along with a byte")
{
    start("taking-server", "s");
    Conn *c = unix_connect("s");

    write_file("secret", text("from the file"));
    send_descriptors(c, text("x"), (int[]){open("secret", O_RDONLY | O_CLOEXEC)}, 1);
    expect_text(c, "from the file");
}

CHECK(datagrams_over_unix, CORE, "unix", "Datagrams both ways")
{
    DatagramSocket *log = unix_datagrams("log");
    start("datagram-client", "log");
    expect_datagram(log, text("<13>hello"));

    start("datagram-echo", "s");
    DatagramSocket *u = unix_datagram_client("s");
    send_datagram(u, text("one"));
    send_datagram(u, text("two"));
    expect_datagram(u, text("one"));
    expect_datagram(u, text("two"));
}

CHECK(unix_wrong_text, CORE, "unix", "fails: another text")
{
    start("shouting-server", "s");
    Conn *c = unix_connect("s");

    send_text(c, "hello");
    expect_text(c, "hello");
}

CHECK(unix_stale, CORE, "unix", "fails: a server that does not clear a stale socket away")
{
    make_stale_socket("s");
    start("unix-server", "s");
    unix_connect("s");
}

CHECK(unix_file_instead, CORE, "unix", "fails: a regular file where a socket should be")
{
    start("file-instead", "s");
    unix_connect("s", within(500));
}

CHECK(unix_other_type, CORE, "unix", "fails: SOCK_DGRAM instead of SOCK_STREAM")
{
    start("datagram-echo", "s");
    unix_connect("s", within(500));
}

/* ---- FIFOs --------------------------------------------------------------------------------------------- */

CHECK(fifo_server_answers, CORE, "fifo", "Clients write into one FIFO and read from another")
{
    Program *server = start("fifo-server", "f");

    expect_fifo("f");
    make_fifo("f.reply");
    for (int i = 0; i < 3; i++) {
        Conn *reply = fifo_open_to_read("f.reply");
        Conn *request = fifo_open_to_write("f");
        send_bytewise(request, text("question\n"));
        hang_up(request);
        expect_text(reply, "question\n");
        expect_eof(reply);
    }
    claim(fifo_has_reader("f"), "the server reads on");
    send_signal(server, SIGKILL);
    wait_exit(server);
    expect_fifo_unused("f");
}

CHECK(fifo_server_ends, CORE, "fifo", "fails: a server that ends with its first client")
{
    Program *server = start("once-fifo-server", "f");

    hang_up(fifo_open_to_write("f"));
    expect_exit(server, 0);
    fifo_open_to_write("f");
}

CHECK(fifo_never_made, CORE, "fifo", "fails: nobody makes the FIFO")
{
    start("file-instead", "other");
    fifo_open_to_write("f", within(500));
}

/* ---- Who holds what ------------------------------------------------------------------------------------ */

static Process *start_keeper(const char *how)
{
    Program *p = start("keeper", how);

    expect_stdout(p, format("%d\n", pid_of(p)));
    return process_with_pid(pid_of(p), "the keeper");
}

CHECK(pipe_held_by_one, CORE, "holders", "The writing end is open in one process")
{
    Process *p = start_keeper("tidy");

    expect_sole_holder(p, 5, HELD_TO_WRITE);
    expect_no_other_descriptors(child_of(p));
}

CHECK(pipe_held_by_two, CORE, "holders", "fails: a child keeps the writing end")
{
    expect_sole_holder(start_keeper("untidy"), 5, HELD_TO_WRITE, within(500));
}

CHECK(descriptors_leak, CORE, "holders", "fails: a child has more than its three descriptors")
{
    expect_no_other_descriptors(child_of(start_keeper("untidy")), within(500));
}

/* ---- Message queues ------------------------------------------------------------------------------------ */

CHECK(queue_is_filled, CORE, "mqueue", "What a program sends, with priorities")
{
    MessageQueue *q = mqueue_create("/q", .messages = 4, .size = 100);

    expect_exit(start("queue-sender", "/q"), 0);
    claim(mqueue_waiting(q) == 3, "three messages wait");
    expect_message(q, text("high"), 9);
    expect_message(q, text("low"), 1);
    expect_message(q, text(""), 1);
    mqueue_remove("/q");
    expect_no_mqueue("/q");
}

CHECK(queue_is_emptied, CORE, "mqueue", "What a program receives")
{
    mqueue_create("/q");
    Program *p = start("queue-receiver", "/q");
    MessageQueue *q = mqueue_open("/q");

    mqueue_send(q, text("a"), 0);
    expect_stdout(p, "0 a\n");
    mqueue_send(q, text("b"), 31);
    expect_stdout(p, "31 b\n");
    expect_mqueue_empty(q);
    mqueue_remove("/q");
}

CHECK(queue_has_a_name_of_its_own, CORE, "mqueue", "Names that nothing has need no files of its own")
{
    const char *name = mqueue_name();

    expect_no_mqueue(name);
    expect_exit(start("queue-sender", name), 0);
    note("left there: %s", name);
}

CHECK(queue_is_gone, CORE, "mqueue", "There is no such queue")
{
    expect_no_mqueue("/q");
}

CHECK(queue_wrong_priority, CORE, "mqueue", "fails: the priority is another one")
{
    MessageQueue *q = mqueue_create("/q");

    expect_exit(start("queue-sender", "/q"), 0);
    expect_message(q, text("high"), 8);
}

CHECK(queue_never_made, CORE, "mqueue", "fails: nobody makes the queue")
{
    start("file-instead", "other");
    mqueue_open("/q", within(500));
}

CHECK(queue_stays, CORE, "mqueue", "fails: the queue is still there")
{
    expect_exit(start("queue-sender", "/q"), 0);
    expect_no_mqueue("/q", within(500));
}
