/* What the kernel says of processes, in /proc. */
#ifndef HARNESS_PROCESS_H
#define HARNESS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process_stat { /* of /proc/PID/stat; proc_pid_stat(5) */
    int pid, ppid, group, session;
    int terminal; /* the controlling one, as a device number; 0: none */
    char name[64];
    char state; /* R S D Z T t X I */
    bool exiting;
    int threads;
    double cpu_ms;          /* user and system, of itself */
    double children_cpu_ms; /* of the children that were waited for */
    uint64_t started;       /* in ticks since the machine started: tells it from another one with its pid */
};

bool process_parse_stat(const char *line, struct process_stat *out);
/* False if there is no such process. */
bool process_stat_of(int pid, struct process_stat *out);
bool process_stat_of_thread(int pid, int tid, struct process_stat *out);

/* All processes that can be seen. Returns how many; the caller frees *out. */
size_t process_all(struct process_stat **out);
/* The descendants of pid, not itself, zombies included, in the order of their birth. */
size_t process_descendants(int pid, struct process_stat **out);
/* True if one of its threads runs on a processor or waits for one: what waits for anything else sleeps. */
bool process_wants_cpu(const struct process_stat *s);
/* Threads of a process; the caller frees *out. */
size_t process_threads(int pid, int **out);

long process_memory_kb(int pid);
/* The command line with its arguments, escaped; the name in brackets if it has none. */
const char *process_command(int pid);

struct process_call { /* of /proc/PID/syscall; proc_pid_syscall(5) */
    bool known;       /* the file could be read */
    bool running;     /* on a CPU, or ready to */
    bool in_call;     /* blocked in a system call; otherwise blocked elsewhere */
    long number;
    uint64_t args[6];
};

bool process_parse_call(const char *line, struct process_call *out);
struct process_call process_call_of(int pid, int tid);

struct open_file {
    int fd;
    char target[128]; /* as readlink says: "socket:[123]" */
};

/* The open descriptors in ascending order. Returns how many; the caller frees *out. */
size_t process_files(int pid, struct open_file **out);
bool process_file(int pid, int fd, struct open_file *out);

#endif
