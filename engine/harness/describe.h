/* What a process is doing at this moment, in words and as facts. */
#ifndef HARNESS_DESCRIBE_H
#define HARNESS_DESCRIBE_H

#include "harness/process.h"
#include "harness/syscalls.h"
#include "harness/world.h"

enum target { /* what a descriptor stands for */
              TARGET_NONE,
              TARGET_STDIN,
              TARGET_STDOUT,
              TARGET_STDERR,
              TARGET_LISTENER,
              TARGET_CONN, /* a connection with the checker */
              TARGET_OTHER
};

struct doing {
    const char *words; /* a predicate: "blocked in read(4), the connection with client#1" */
    char state;        /* of the thread that says most */
    bool running;
    const struct syscall_name *call; /* in which it waits; NULL: none, or an uncommon one */
    int fd;                          /* for which it waits; -1: none, or several */
    enum target target;
    Conn *conn; /* of TARGET_CONN */
};

struct doing describe_process(int pid);
/* What a descriptor of a process is: "its stdin", "the connection with client#1", "/tmp/lux/log". */
const char *describe_file(int pid, const struct open_file *file, enum target *target, Conn **conn);
/* Who has this open, as /proc/PID/fd shows it ("socket:[123]"): "./server (pid 2, descriptor 4) and its child
 * pid 5 (descriptor 4)". NULL if nobody has. *n is the number of processes. */
const char *describe_holders(const char *target, int *n);
/* Descriptors that are open now and were not when the check first counted them; NULL if there are none. */
const char *describe_new_files(Program *p);

/* "12 ms", or "less than 1 ms". */
const char *cpu_words(double ms);

#endif
