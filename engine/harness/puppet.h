/* The language of checks, continued: the puppet, a program of ours that does what its command line says (engine/puppet
 * has the verbs), and what it tells of its surroundings.
 *
 *     put_puppet("puppet");
 *     Program *p = start("./puppet", "report", "argv,env,descriptors", "exit", "3");
 *     Facts *seen = expect_report(p);
 *     expect_fact(seen, "argv", "./puppet");
 *     claim(count_facts(seen, "descriptor") == 3, ...);
 *     expect_exit(p, 3); */
#ifndef HARNESS_PUPPET_H
#define HARNESS_PUPPET_H

#include "harness/check.h"

/* Puts the puppet there, as a file that may be executed. */
void put_puppet(const char *path);

/* A report: facts, each with a name and a value, several of them with the same name: "descriptor" with "0 /dev/null",
 * "descriptor" with "1 pipe:[7]". */
typedef struct facts Facts;

/* The next output on the program's stdout is a report; until it is whole. */
#define expect_report(p, ...) expect_report_(p, WAIT_(__VA_ARGS__))
Facts *expect_report_(Program *p, const struct wait_options *w);
/* Until there is a whole report in the file, which holds nothing before it. */
#define expect_report_in(path, ...) expect_report_in_(path, WAIT_(__VA_ARGS__))
Facts *expect_report_in_(const char *path, const struct wait_options *w);

/* The value; the check fails if there is none, or several. */
const char *fact(Facts *f, const char *name);
bool has_fact(Facts *f, const char *name, const char *value);
size_t count_facts(Facts *f, const char *name);
/* The i-th value with this name, from 0; NULL if there are no more. */
const char *nth_fact(Facts *f, const char *name, size_t i);
/* All values with this name, for a sentence: `0 /dev/null, 1 pipe:[7]`; "none". */
const char *facts_named(Facts *f, const char *name);
/* These values and no others, in any order: expect_facts(f, "env", "PATH=/bin", "HOME=/"). */
#define expect_facts(f, name, ...) \
    expect_facts_(f, name, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
void expect_facts_(Facts *f, const char *name, const char *const *values);
/* This one value. */
#define expect_fact(f, name, value) expect_facts(f, name, value)

#endif
