/* The language in which checks are written.
 *
 * A check is a C function in blocking style that runs as PID 1 of its own sandbox, with the learner's program
 * as
 * ./<binary> in an empty working directory. It ends with its process, so it frees nothing and closes nothing.
 * Each verb that waits does so for a condition, until a deadline; the first expectation that does not hold
 * ends the check with a failure that shows the steps, what was expected, what came, and what the program was
 * doing. While a check waits, the harness runs its loop, so that queued data is written and output is
 * collected in the background.
 *
 * Optional arguments are designated initialisers at the end of a call: expect_text(conn, "hi\n",
 * within(3000)). Strings with text are NUL-terminated; the verbs that end in _bytes take a length. */
#ifndef HARNESS_CHECK_H
#define HARNESS_CHECK_H

#include "event/event.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Registration -------------------------------------------------------------------------------------- */

struct check {
    const char *challenge; /* slug */
    const char *id;
    enum tier tier;
    const char *clause; /* of the lesson's contract */
    const char *title;
    void (*run)(void);
    int line; /* order within the challenge's file */

    /* Options, set at the end of CHECK(...). */
    const char *needs; /* id of the check without which this one makes no sense: blocked if that one fails */
    int deadline_ms;   /* for the whole check; 0: 10 000 */
    bool as_root;      /* the programs are root of the namespace */
    bool alone;        /* nothing else runs meanwhile; FAST checks are always alone */
    long open_files;   /* RLIMIT_NOFILE of the programs; 0: the default */
};

/* One a file: the challenge that the checks below belong to. */
#define CHALLENGE(slug) static const char challenge_slug[] = slug

/* CHECK(id, TIER, "clause", "Title", .option = ...) { body } */
#define CHECK(id_, tier_, clause_, title_, ...)                                                       \
    static void check_body_##id_(void);                                                               \
    static const struct check check_##id_ = {.challenge = challenge_slug,                             \
                                             .id = #id_,                                              \
                                             .tier = TIER_##tier_,                                    \
                                             .clause = clause_,                                       \
                                             .title = title_,                                         \
                                             .run = check_body_##id_,                                 \
                                             .line = __LINE__,                                        \
                                             __VA_ARGS__};                                            \
    static const struct check *const check_entry_##id_ __attribute__((section("lux_checks"), used)) = \
        &check_##id_;                                                                                 \
    static void check_body_##id_(void)

/* ---- Options ------------------------------------------------------------------------------------------- */

/* A deadline for one wait, in milliseconds before LUX_TIME_SCALE; the default is 2 000. */
#define within(ms) .within_ms = (ms)

struct wait_options {
    int within_ms;
    const char *what; /* names the wait in a failure: "the 2nd echo" */
};
#define WAIT_(...) (&(const struct wait_options){__VA_ARGS__})

/* ---- Bytes --------------------------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *data;
    size_t size;
} Bytes;

Bytes text(const char *s);
Bytes bytes(const void *data, size_t size);
/* Bytes that depend on the seed of the run; never the same twice in a check. */
Bytes random_bytes(size_t size);
/* Each of the 256 byte values once, in order. */
Bytes all_byte_values(void);
/* `size` bytes of numbered lines: a reader of a failure sees at which line something is missing. */
Bytes numbered_lines(size_t size);
Bytes join(Bytes a, Bytes b);
Bytes slice(Bytes b, size_t from, size_t size);
/* A number in [low, high] that depends on the seed. */
int random_between(int low, int high);
/* printf into memory that lives as long as the check. */
const char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- Programs ------------------------------------------------------------------------------------------ */

typedef struct program Program;

enum stdin_kind { STDIN_PIPE, STDIN_NULL, STDIN_CLOSED };
enum stdout_kind {
    STDOUT_PIPE,
    STDOUT_CLOSED_READER /* a pipe that nobody reads any more */,
    STDOUT_UNREAD /* a pipe that is not read until read_stdout() */,
    STDOUT_FULL /* /dev/full: nothing can be written, as on a full disk */
};

enum tun_kind {
    TUN_NONE,
    TUN_ANY,     /* it may make TUN devices: see tun.h */
    TUN_EMULATED /* the same, even where the kernel's could be had */
};

struct start_options {
    enum stdin_kind in;
    enum stdout_kind out;
    const char *const *env; /* "NAME=value", added to the plain environment; NULL-terminated */
    const char *path;       /* another program than ./<binary> */
    long open_files;        /* RLIMIT_NOFILE of this program */

    /* The surroundings that a program inherits from whoever starts it. */
    const char *directory;    /* where it starts; NULL: where the check is */
    bool terminal;            /* its session has a terminal, its stdin: see hang_up_terminal() */
    int inherited;            /* one more descriptor, 3 or above: see expect_inherited_closed() */
    int umask;                /* 0: as the checker's */
    uint64_t blocked_signals; /* 1ull << SIGTERM | ... */
    uint64_t ignored_signals;
    long data_mb;              /* RLIMIT_DATA of this program; 0: no limit */
    long file_mb;              /* RLIMIT_FSIZE of this program, which counts holes, too; 0: 256 */
    const long *counted_calls; /* COUNTED(SYS_fsync), see cost.h; NULL: none */
    enum tun_kind tun;

    struct node *node; /* the machine on which it runs, see links.h; NULL: the one in which all start.
                          Not for a program that has a terminal */
};

/* Starts ./<binary> with these arguments: start("127.0.0.1", port_of(server)). */
#define start(...) \
    start_program(&(const struct start_options){}, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
/* start_with((.out = STDOUT_UNREAD), "7000") */
#define start_with(options_, ...)                                       \
    start_program(&(const struct start_options)START_OPTIONS_ options_, \
                  (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
#define START_OPTIONS_(...) \
    {                       \
        __VA_ARGS__         \
    }
Program *start_program(const struct start_options *options, const char *const *arguments);

/* Types into stdin. Written in the background as the program reads; a failed write (it closed stdin) is a
 * step. */
void type(Program *p, const char *s);
void type_bytes(Program *p, Bytes b);
/* Ends stdin after everything typed has been written. */
void close_stdin(Program *p);
/* Until it takes nothing more of what is typed, as wait_until_stalled does for a connection. */
#define wait_until_typing_stalls(p, ...) wait_until_typing_stalls_(p, WAIT_(__VA_ARGS__))
bool wait_until_typing_stalls_(Program *p, const struct wait_options *w);
/* Waits until everything typed has been taken from the pipe's writing side. */
#define expect_typed(p, ...) expect_typed_(p, WAIT_(__VA_ARGS__))
void expect_typed_(Program *p, const struct wait_options *w);

/* Bytes typed that the pipe has not taken yet; bytes that came on stdout and were not yet expected. */
size_t untyped_bytes(Program *p);
size_t unread_stdout(Program *p);

/* The next output on stdout is exactly this; what comes after it stays for the next expectation. */
#define expect_stdout(p, s, ...)       expect_stdout_(p, text(s), WAIT_(__VA_ARGS__))
#define expect_stdout_bytes(p, b, ...) expect_stdout_(p, b, WAIT_(__VA_ARGS__))
void expect_stdout_(Program *p, Bytes b, const struct wait_options *w);
/* The next line on stdout, whatever it says, without its line feed. */
#define next_stdout_line(p, ...) next_stdout_line_(p, WAIT_(__VA_ARGS__))
Bytes next_stdout_line_(Program *p, const struct wait_options *w);
/* Nothing more on stdout until its end (the program closes it or ends). */
#define expect_stdout_end(p, ...) expect_stdout_end_(p, WAIT_(__VA_ARGS__))
void expect_stdout_end_(Program *p, const struct wait_options *w);
/* stderr, until the end of the program, holds this text somewhere / is a message / is empty. Call after
 * expect_exit. A message starts with the program's name, as in "server: " or "./server: ". */
void expect_stderr_has(Program *p, const char *s);
void expect_stderr_message(Program *p);
void expect_stderr_empty(Program *p);
/* Starts to read a stdout that was STDOUT_UNREAD. */
void read_stdout(Program *p);
/* From now on nobody reads its stdout, as when `head` has seen enough. */
void abandon_stdout(Program *p);

/* The program ends by itself, with this exit status. */
#define expect_exit(p, code, ...) expect_exit_(p, code, WAIT_(__VA_ARGS__))
void expect_exit_(Program *p, int code, const struct wait_options *w);
/* The program ends by itself; its status is returned as from waitpid(2). */
#define wait_exit(p, ...) wait_exit_(p, WAIT_(__VA_ARGS__))
int wait_exit_(Program *p, const struct wait_options *w);
/* It is alive at this moment. */
void expect_running(Program *p);
void send_signal(Program *p, int signal);
/* The terminal of a program that was started with one goes away, and the shell in it ends. */
void hang_up_terminal(Program *p);
/* The .inherited descriptor is the writing end of a pipe: nobody has it open any more. */
#define expect_inherited_closed(p, ...) expect_inherited_closed_(p, WAIT_(__VA_ARGS__))
void expect_inherited_closed_(Program *p, const struct wait_options *w);

/* What the kernel says of it. */
int pid_of(Program *p);
/* Until its main thread sleeps in the kernel (state S), which is where a program that waits for input is. */
#define wait_until_idle(p, ...) wait_until_idle_(p, WAIT_(__VA_ARGS__))
void wait_until_idle_(Program *p, const struct wait_options *w);
int open_files_of(Program *p);
double cpu_ms_of(Program *p);  /* user and system time of it and its children */
long memory_kb_of(Program *p); /* VmRSS of it and its descendants */
int zombies_of(Program *p);    /* children in state Z */
int processes_of(Program *p);  /* it and its descendants */
/* Lets `ms` of time pass while the program should have nothing to do, and returns the CPU time it used
 * meanwhile. */
double cpu_ms_while_idle(Program *p, int ms);

/* ---- TCP ----------------------------------------------------------------------------------------------- */

typedef struct listener Listener;
typedef struct conn Conn;

struct listen_options {
    const char *host;   /* default "127.0.0.1" */
    int port;           /* default: a free one */
    int backlog;        /* default 128 */
    int receive_buffer; /* SO_RCVBUF of the accepted connections; 0: the system's */
};
#define tcp_listen(...) tcp_listen_(&(const struct listen_options){__VA_ARGS__})
Listener *tcp_listen_(const struct listen_options *o);
/* The port as text, for start(...). */
const char *port_of(Listener *l);
/* A port on which nothing listens. */
const char *free_port(void);
#define accept_conn(l, ...) accept_conn_(l, WAIT_(__VA_ARGS__))
Conn *accept_conn_(Listener *l, const struct wait_options *w);
void stop_listening(Listener *l);

/* From now on /etc/hosts gives these addresses for the name, in this order:
 * name_addresses("echo.test", "127.0.0.2", "127.0.0.3"). Skips the check where a file cannot be replaced. */
#define name_addresses(name, ...) name_addresses_(name, (const char *const[]){__VA_ARGS__, NULL})
void name_addresses_(const char *name, const char *const *addresses);

struct connect_options {
    int within_ms;
    const char *host;   /* default "127.0.0.1" */
    int receive_buffer; /* SO_RCVBUF; 0: the system's */
};
/* Retries until the program listens; when it never does, the failure says what the program did instead. */
#define tcp_connect(port, ...) tcp_connect_(port, &(const struct connect_options){__VA_ARGS__})
Conn *tcp_connect_(const char *port, const struct connect_options *o);
/* One attempt must be refused: nobody listens. Waits until it is. */
#define expect_refused(port, ...) expect_refused_(port, WAIT_(__VA_ARGS__))
void expect_refused_(const char *port, const struct wait_options *w);

/* Sends all of it, in the background if the peer is slow; TCP_NODELAY is set. */
void send_text(Conn *c, const char *s);
void send_bytes(Conn *c, Bytes b);
/* One byte a segment: each is acknowledged before the next is sent (SIOCOUTQ). */
void send_bytewise(Conn *c, Bytes b);
/* Waits until all that was sent has been handed to the kernel. */
#define expect_sent(c, ...) expect_sent_(c, WAIT_(__VA_ARGS__))
void expect_sent_(Conn *c, const struct wait_options *w);
/* The next bytes are exactly these. */
#define expect_text(c, s, ...)  expect_bytes_(c, text(s), WAIT_(__VA_ARGS__))
#define expect_bytes(c, b, ...) expect_bytes_(c, b, WAIT_(__VA_ARGS__))
void expect_bytes_(Conn *c, Bytes b, const struct wait_options *w);
/* The peer ends its sending side (FIN), and nothing was left before it. A reset is a failure. */
#define expect_eof(c, ...) expect_eof_(c, WAIT_(__VA_ARGS__))
void expect_eof_(Conn *c, const struct wait_options *w);
/* The connection ends, by FIN or by RST; what was still coming is thrown away. */
#define expect_closed(c, ...) expect_closed_(c, WAIT_(__VA_ARGS__))
void expect_closed_(Conn *c, const struct wait_options *w);
/* shutdown(SHUT_WR) once everything is sent. */
void half_close(Conn *c);
/* close() once everything is sent. */
void hang_up(Conn *c);
/* close() with SO_LINGER 0: the peer sees ECONNRESET. */
void reset(Conn *c);
/* From now on nothing is read from the connection: the peer's window fills. And back. */
void stop_reading(Conn *c);
void resume_reading(Conn *c);
/* Echoes whatever arrives, from now on, until the peer ends; then half-closes. */
void echo_back(Conn *c);
/* Until the peer takes nothing more of what is sent: what is left stands still for 100 ms although the peer could
 * read some of it, while none of the programs runs on a processor, or for 1 s although one does. False if everything
 * was taken. To be used instead of counting on the size of buffers. */
#define wait_until_stalled(c, ...) wait_until_stalled_(c, WAIT_(__VA_ARGS__))
bool wait_until_stalled_(Conn *c, const struct wait_options *w);
/* Bytes received so far and not yet expected; bytes queued and not yet sent. */
size_t unread_bytes(Conn *c);
size_t unsent_bytes(Conn *c);

/* ---- Saying things ------------------------------------------------------------------------------------- */

/* A step in plain words. */
void step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What the verbs that follow are about, for a check that tries many cases: "the response was ..." stands behind the
 * expectation when one of them fails. NULL: nothing in particular, from here on. */
void about(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The bytes in quotation marks, escaped, for about() and claim(); a long one is cut after 200 of them. */
const char *quote_long(Bytes b);
/* A figure or a warning that is shown even when the check passes. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* An expectation of its own: if it does not hold, the check fails (cause: wrong) with this sentence. The
 * format says what had to hold and what was seen: claim(fds <= before, "no descriptor stays open: %d before,
 * %d after", ...). */
void claim(bool holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same with cause: leak. */
void claim_no_leak(bool holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Here the contract asks for clean-up: processes, shared memory, queues or files that stay behind are a
 * failure (cause: leak). Without it they are noted as a warning at the end of the check. */
void expect_nothing_left(void);
/* Here the contract asks for something that stays: no warning. Files that the check itself has made never are one. */
void accept_leftovers(void);
/* Waits until the condition holds, looking again whenever something happens and every few milliseconds. */
#define eventually(condition, what_, ...)                                    \
    do {                                                                     \
        const struct wait_options *w_ = WAIT_(.what = (what_), __VA_ARGS__); \
        struct wait *wait_ = wait_begin(w_);                                 \
        while (!(condition))                                                 \
            wait_step(wait_);                                                \
        wait_end(wait_);                                                     \
    } while (0)
struct wait;
struct wait *wait_begin(const struct wait_options *w);
void wait_step(struct wait *w); /* runs the loop for a moment; ends the check when the deadline has passed */
void wait_end(struct wait *w);
/* This machine lacks something: the check ends as `skip`, with the reason and how to get it. */
void skip(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The command that shows the same thing by hand, for the failure: by_hand("printf 'hi' | nc 127.0.0.1 %s",
 * port). */
void by_hand(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
