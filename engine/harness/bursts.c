#include "harness/bursts.h"

#include "harness/failure.h"
#include "harness/process.h"
#include "harness/signals.h"
#include "harness/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

char state_of(Process *p)
{
    struct process_stat stat;

    return process_stat_of(pid_of_process(p), &stat) ? stat.state : '\0';
}

static const char *state_words(char state)
{
    switch (state) {
    case 'R':
        return "it runs";
    case 'S':
        return "it sleeps";
    case 'D':
        return "it waits for a disk";
    case 'T':
    case 't':
        return "it is stopped";
    case 'Z':
        return "it has ended and was not waited for";
    default:
        return "it is gone";
    }
}

void expect_state_(Process *p, char state, const struct wait_options *o)
{
    struct wait w = wait_start_polling(o, format("%s to be in state %c", process_words(p), state), NULL);

    while (state_of(p) != state)
        if (!wait_more(&w))
            fail(&(struct failing){.cause = CAUSE_TIMEOUT,
                                   .expectation = format("%s is in state %c", process_words(p), state),
                                   .observation = state_words(state_of(p)),
                                   .wait = &w});
    step("%s is in state %c: %s", process_words(p), state, state_words(state));
}

int threads_of(Process *p)
{
    struct process_stat stat;

    return process_stat_of(pid_of_process(p), &stat) ? stat.threads : 0;
}

static void send(Process *p, int signal)
{
    if (process_is_alive(p))
        kill(pid_of_process(p), signal);
}

void signal_burst(Process *p, int signal, int n)
{
    step("sends %d times %s to %s, one right after the other", n, signal_name(signal), process_words(p));
    for (int i = 0; i < n; i++)
        send(p, signal);
}

void signal_sleeper(Process *p, int signal, int n)
{
    step("sends %d times %s to %s, each while it sleeps", n, signal_name(signal), process_words(p));
    for (int i = 0; i < n; i++) {
        struct wait w =
            wait_start_polling(&(struct wait_options){0}, format("%s to sleep", process_words(p)), NULL);
        while (process_is_alive(p) && state_of(p) != 'S')
            if (!wait_more(&w))
                fail(&(struct failing){
                    .cause = CAUSE_TIMEOUT,
                    .expectation = format("%s sleeps again after %d of %d signals", process_words(p), i, n),
                    .observation = state_words(state_of(p)),
                    .wait = &w});
        send(p, signal);
    }
}

void signal_while_stopped_(Process *p, const int *signals)
{
    stop_process(p);
    for (; *signals; signals++)
        signal_process(p, *signals);
    signal_process(p, SIGCONT);
}

void queue_signal(Process *p, int signal, int value)
{
    step("queues %s with the value %d for %s", signal_name(signal), value, process_words(p));
    if (process_is_alive(p))
        sigqueue(pid_of_process(p), signal, (union sigval){.sival_int = value});
}

/* The kernel's bit 0 is signal 1. */
static uint64_t mask_in(const char *status, const char *field)
{
    const char *line = strstr(status, field);

    return line ? strtoull(line + strlen(field), NULL, 16) << 1 : 0;
}

struct signal_masks signals_of(Process *p)
{
    char status[4096];
    FILE *f = fopen(format("/proc/%d/status", pid_of_process(p)), "re");
    size_t n = f ? fread(status, 1, sizeof status - 1, f) : 0;

    if (f)
        fclose(f);
    status[n] = '\0';
    if (n == 0)
        fail(&(struct failing){.cause = CAUSE_WRONG,
                               .expectation =
                                   format("%s is running while the checker looks at it", process_words(p)),
                               .observation = "it is gone"});
    return (struct signal_masks){.blocked = mask_in(status, "SigBlk:"),
                                 .ignored = mask_in(status, "SigIgn:"),
                                 .caught = mask_in(status, "SigCgt:")};
}
