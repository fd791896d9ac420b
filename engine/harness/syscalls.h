/* The names of system calls that programs wait in, and which of their arguments is a descriptor. */
#ifndef HARNESS_SYSCALLS_H
#define HARNESS_SYSCALLS_H

enum syscall_kind {
    SYSCALL_ON_FILE,  /* the first argument is the descriptor that it waits for */
    SYSCALL_ON_EPOLL, /* the first argument is an epoll descriptor */
    SYSCALL_ON_POLL,  /* the first argument is an array of struct pollfd, the second its length */
    SYSCALL_ON_SET,   /* select: the first argument is the number of descriptors in the sets */
    SYSCALL_ON_TIME,
    SYSCALL_ON_LOCK,
    SYSCALL_ON_CHILD,
    SYSCALL_OTHER
};

struct syscall_name {
    long number;
    const char *name;
    enum syscall_kind kind;
};

/* NULL if it is not in the table. */
const struct syscall_name *syscall_named(long number);

/* The name of any call that the headers know, for those that are not in it; NULL: none. */
const char *syscall_word(long number);

#endif
