#include "harness/signals.h"

#include "base/mem.h"
#include "harness/check.h"

#include <string.h>
#include <sys/wait.h>

static const struct {
    int signal;
    const char *reason;
} reasons[] = {
    {SIGSEGV,
     "it used memory that is not its own (a NULL or stale pointer, an index out of bounds, too deep a "
     "recursion)"},
    {SIGBUS, "it used memory behind the end of a mapped file, or misaligned"},
    {SIGABRT, "it called abort(): a failed assert(), or malloc() found the heap damaged; stderr tells"},
    {SIGFPE, "an integer was divided by zero"},
    {SIGILL, "it ran into an instruction that does not exist"},
    {SIGTRAP, "it ran into a trap, which compilers put where code must not arrive"},
    {SIGPIPE,
     "it wrote to a connection or pipe that nobody reads any more; the default action of SIGPIPE ends a "
     "program"},
    {SIGSYS, "it made a system call that is not allowed here"},
    {SIGXCPU, "it used up its CPU time"},
    {SIGXFSZ, "it made a file larger than allowed"},
    {SIGKILL, "something killed it: the out-of-memory killer, a limit, or the program itself"},
    {SIGALRM, "its own alarm() rang and no handler was set"},
    {SIGHUP, "no handler was set"},
    {SIGTERM, "no handler was set"},
    {SIGINT, "no handler was set"},
    {SIGUSR1, "no handler was set"},
    {SIGUSR2, "no handler was set"},
};

const char *signal_name(int signal)
{
    const char *abbreviation = sigabbrev_np(signal);

    return abbreviation ? format("SIG%s", abbreviation) : format("signal %d", signal);
}

const char *signal_reason(int signal)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].signal == signal)
            return reasons[i].reason;
    return NULL;
}

const char *status_words(int status)
{
    if (WIFEXITED(status))
        return format("ended with status %d", WEXITSTATUS(status));
    return format("was killed by %s", signal_name(WTERMSIG(status)));
}

const char *status_explained(int status)
{
    const char *reason = WIFSIGNALED(status) ? signal_reason(WTERMSIG(status)) : NULL;

    return reason ? format("%s: %s", status_words(status), reason) : status_words(status);
}
