/* Signals in words. */
#ifndef HARNESS_SIGNALS_H
#define HARNESS_SIGNALS_H

/* "SIGSEGV"; "signal 63" for one without a name. Lives as long as the check. */
const char *signal_name(int signal);
/* What it usually means to die of it; NULL if nothing is to be said. */
const char *signal_reason(int signal);
/* A status of waitpid(2) as a predicate: "ended with status 1", "was killed by SIGSEGV". */
const char *status_words(int status);
/* The same with what it usually means: "was killed by SIGSEGV: it used memory that ...". */
const char *status_explained(int status);

#endif
