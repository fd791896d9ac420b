/* The names of numbers that calls are given: flags, options, requests. Private to this folder. */
#ifndef TRACE_WORDS_H
#define TRACE_WORDS_H

#include "base/buf.h"

#include <stdint.h>

enum words {
    WORDS_AT,         /* AT_SYMLINK_NOFOLLOW, ... */
    WORDS_CLONE,      /* those of clone(2) that say what is new, or shared in a way that matters */
    WORDS_CREATION,   /* what epoll_create1(2) and others of its kind are told: CLOEXEC, NONBLOCK */
    WORDS_DOMAIN,     /* AF_INET, ... */
    WORDS_EPOLL,      /* EPOLLIN, ... */
    WORDS_EPOLL_VERB, /* EPOLL_CTL_ADD, ... */
    WORDS_FCNTL,      /* F_SETFL, ... */
    WORDS_FLOCK,      /* LOCK_EX, ... */
    WORDS_INOTIFY,    /* IN_MODIFY, ... */
    WORDS_IOCTL,      /* SIOCGIFINDEX, ... */
    WORDS_LEVEL,      /* SOL_SOCKET, ... */
    WORDS_LOCK,       /* F_WRLCK, ... */
    WORDS_MOUNT,      /* MS_BIND, ... */
    WORDS_MSG,        /* MSG_NOSIGNAL, ... */
    WORDS_OPEN,       /* O_CREAT, ... but for how it is accessed */
    WORDS_OPTION,     /* of a socket: SO_REUSEADDR, ... */
    WORDS_OPTION_TCP, /* TCP_NODELAY, ... */
    WORDS_OPTION_IPV6,
    WORDS_OPTION_PACKET,
    WORDS_POLL, /* POLLIN, ... */
    WORDS_SEEK, /* SEEK_SET, ... */
    WORDS_SHUTDOWN,
    WORDS_SIGACTION, /* SA_RESTART, ... */
    WORDS_SOCKET,    /* what is or-ed to its type: SOCK_CLOEXEC, SOCK_NONBLOCK */
    WORDS_TYPE,      /* SOCK_STREAM, ... */
    WORDS_WAIT       /* WNOHANG, ... */
};

/* The one that has this value, or the number. */
void words_add_one(struct buf *out, enum words words, uint64_t value);

/* Those whose bits are set, with | between, then what is left in hexadecimal; 0 if there is none. */
void words_add_flags(struct buf *out, enum words words, uint64_t value);

/* The same, without what is left: its length is 0 if there is none. */
void words_add_known(struct buf *out, enum words words, uint64_t value);

/* SIGTERM, or the number of one that has no name. */
void words_add_signal(struct buf *out, int number);

#endif
