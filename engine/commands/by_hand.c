#include "commands/by_hand.h"

#include "commands/made.h"

#include "base/mem.h"
#include "live/live.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What any of its checks may do, the person may. */
static bool runs_as_root(const struct subject *s)
{
    for (size_t i = 0; i < s->n_checks; i++)
        if (s->checks[i]->as_root)
            return true;
    return false;
}

int run_by_hand(const struct subject *s, const struct command *c, const char *const *arguments,
                const char *const *environment)
{
    struct error err;
    struct live_spec spec = {.workspace = s->dir,
                             .binary = s->challenge->binary,
                             .as_root = runs_as_root(s),
                             .level = sandbox_probe(&err),
                             .arguments = arguments,
                             .more_environment = environment};
    if (spec.level == SANDBOX_NONE)
        return command_failed(c, LUX_MACHINE, "%s", err.text);
    if (spec.level != SANDBOX_FULL && isatty(STDERR_FILENO))
        fprintf(stderr, "The sandbox is of the level %s here: %s\n", sandbox_level_name(spec.level),
                err.text);
    int status = 0, code = make_program(s, c);
    if (code != LUX_OK)
        return code;
    if (live_run(&spec, &status, &err))
        return command_failed(c, LUX_MACHINE, "%s", err.text);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
