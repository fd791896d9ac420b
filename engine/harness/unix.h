/* Unix sockets, to be included by challenges beside check.h: unix(7). A connection is a Conn and speaks all verbs of
 * one; datagrams are received with the verbs of datagram.h. Paths are relative to the working directory, as
 * everywhere, and no longer than the 107 bytes that fit into an address. */
#ifndef HARNESS_UNIX_H
#define HARNESS_UNIX_H

#include "harness/check.h"
#include "harness/datagram.h"

/* Retries until a program listens at the path; when none ever does, the failure says what is there instead. */
#define unix_connect(path, ...) unix_connect_(path, WAIT_(__VA_ARGS__))
Conn *unix_connect_(const char *path, const struct wait_options *w);
/* Listens at the path, for a learner's client: accept_conn(), stop_listening(). Anybody may connect. */
Listener *unix_listen(const char *path);
/* Waits until nobody listens there: there is no file, or one that refuses. */
#define expect_no_unix_listener(path, ...) expect_no_unix_listener_(path, WAIT_(__VA_ARGS__))
void expect_no_unix_listener_(const char *path, const struct wait_options *w);

/* The file that a server leaves behind when it is killed: connections to it are refused. */
void make_stale_socket(const char *path);
/* Until there is a socket at the path. Its permissions are permissions_of(path) of files.h. */
#define expect_socket_file(path, ...) expect_socket_file_(path, WAIT_(__VA_ARGS__))
void expect_socket_file_(const char *path, const struct wait_options *w);

/* Sends the bytes, which are not empty, and with them a copy of each of these descriptors (SCM_RIGHTS). */
void send_descriptors(Conn *c, Bytes b, const int *fds, size_t n);

/* A socket for datagrams that is bound to the path. Anybody may send to it. */
DatagramSocket *unix_datagrams(const char *path);
/* Waits until a program has bound the path, and gives a socket, bound to a path of its own, that talks with it. */
#define unix_datagram_client(path, ...) unix_datagram_client_(path, WAIT_(__VA_ARGS__))
DatagramSocket *unix_datagram_client_(const char *path, const struct wait_options *w);

#endif
