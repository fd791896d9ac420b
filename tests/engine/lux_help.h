/* Running lux as a learner does, and looking at what it leaves behind.
 *
 * The test program is a subreaper: whatever lux loses track of becomes its child. "Nothing is left" is
 * therefore an exact statement: once lux has ended, there is no child any more. */
#ifndef TESTS_LUX_HELP_H
#define TESTS_LUX_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct lux {
    pid_t pid;
    int out_fd, err_fd;
    char *out, *err; /* what came so far */
    size_t out_len, err_len;
    int code;   /* exit status; -1 if a signal ended it */
    int signal; /* that ended it; 0 if it exited */
};

/* With --as-nobody among the arguments, and as root: goes on as an ordinary user. */
void lux_as_nobody(int argc, char **argv);

/* For every test: a scratch directory, with HOME, LUX_HOME and LUX_DB in it. */
int lux_setup(void **state);
int lux_teardown(void **state);
#define LUX_TEST(test) cmocka_unit_test_setup_teardown(test, lux_setup, lux_teardown)

/* Starts build/lux with these arguments. */
#define lux_start(...) lux_start_((const char *const[]){"lux", __VA_ARGS__ __VA_OPT__(, ) NULL}, -1)
#define lux_start_to(out_fd_, ...) \
    lux_start_((const char *const[]){"lux", __VA_ARGS__ __VA_OPT__(, ) NULL}, out_fd_)
struct lux *lux_start_(const char *const *arguments, int out_fd);

/* Reads its output until this text is in stdout; fails the test if it ends before. */
void lux_expect(struct lux *l, const char *text);
/* Reads both streams to the end and waits for it; then waits until nothing is left, and fails the test if
 * something is. At most a minute. */
void lux_finish(struct lux *l);
/* The same, without reading: its streams are closed. */
void lux_finish_unread(struct lux *l);
void lux_free(struct lux *l);

/* Start, finish, and the exit status must be `code`. */
#define lux_run(code, ...) lux_run_((const char *const[]){"lux", __VA_ARGS__ __VA_OPT__(, ) NULL}, code)
struct lux *lux_run_(const char *const *arguments, int code);

/* The test's scratch directory, and a file put into it. */
const char *lux_scratch(void);
void lux_put(const char *name, const char *text);

void assert_has(const char *text, const char *part);
void assert_has_not(const char *text, const char *part);

/* Makes DIR below the scratch directory with one of tests/null (or any source below tests/) as main.c.
 * Returns its path, which lives until the next call. */
const char *lux_program(const char *dir, const char *source);
/* The same with a text. */
const char *lux_program_text(const char *dir, const char *file, const char *text);

#endif
