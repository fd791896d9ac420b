/* What both halves of the set-up use. */
#include "sandbox/world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

void setup_fail(const struct world *w, enum setup_step step, const char *detail)
{
    w->report->error = errno;
    snprintf(w->report->detail, sizeof w->report->detail, "%s", detail ? detail : "");
    w->report->step = step;
    _exit(125);
}

void setup_done(struct world *w)
{
    const struct sandbox_spec *spec = w->spec;

    if (w->supervision >= 0 && (supervise_join(w->supervision) < 0 || close(w->supervision) < 0))
        setup_fail(w, STEP_SUPERVISION, NULL);
    munmap(w->report, sizeof *w->report);
    /* If lux died before PR_SET_PDEATHSIG, its end of the channel is closed and nobody waits for us. */
    if (send(w->channel, "", 1, MSG_NOSIGNAL) != 1)
        _exit(125);
    close(w->channel);
    _exit(spec->main(spec->context));
}

/* For the checker: it may have to hold more connections than a program. The programs get limits of their own.
 */
void setup_raise_open_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int setup_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    int saved = errno;
    close(fd);
    errno = saved;
    return n < 0 ? -1 : 0;
}

static int write_map(const char *path, unsigned inside, unsigned outside)
{
    char line[64];
    snprintf(line, sizeof line, "%u %u 1", inside, outside);
    return setup_write(path, line);
}

int setup_map_ids(uid_t uid_inside, uid_t uid_outside, gid_t gid_inside, gid_t gid_outside)
{
    /* Without this the kernel refuses gid_map: dropping a group could open what "others" may do and the group
     * not. */
    if (setup_write("/proc/self/setgroups", "deny") < 0)
        return -1;
    if (write_map("/proc/self/uid_map", uid_inside, uid_outside) < 0)
        return -1;
    return write_map("/proc/self/gid_map", gid_inside, gid_outside);
}

void setup_reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &standard, NULL); /* refused for SIGKILL, SIGSTOP and the C library's own two */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

long setup_limit(long wanted, long otherwise)
{
    return wanted > 0 ? wanted : otherwise;
}
