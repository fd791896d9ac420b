/* How quick the screen is, for one who types: the time to the first frame, from a key in the terminal pane to
 * its character on the screen, and from Ctrl-C under a flood to a prompt; what a flood takes. The same for
 * tmux, in the same run and harness, where it has the like. Run by ./dev bench. */
#include "ptest.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 500, KEYS_A_LINE = 25, STARTS = 20 };

struct subject {
    const char *name;
    const char *argv[16];
    const char *ready;    /* on the screen once it has drawn */
    const char *to_shell; /* keys that lead to a shell's prompt */
};

static char home[64];
static const char *const prompt = "bench%"; /* and a blank, which the end of a row hides */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(double *sorted, int n, int p)
{
    return sorted[(n - 1) * p / 100];
}

static struct ptest *begin(const struct subject *s)
{
    static char home_env[96], path_env[4096];

    snprintf(home_env, sizeof home_env, "HOME=%s", home);
    snprintf(path_env, sizeof path_env, "PATH=%s", getenv("PATH"));
    const char *env[] = {home_env, path_env, "SHELL=/bin/sh", "PS1=bench% ", "EDITOR=vi", NULL};
    return pt_start(&(struct pt_options){.rows = 40, .cols = 120, .argv = s->argv, .env = env, .cwd = home});
}

static void measure_start(const struct subject *s)
{
    double ms[STARTS];

    for (int i = 0; i < STARTS; i++) {
        uint64_t began = clock_now_ns();
        struct ptest *p = begin(s);
        pt_wait_text(p, s->ready);
        ms[i] = clock_ms_since(began);
        pt_free(p);
    }
    qsort(ms, STARTS, sizeof *ms, by_value);
    printf("%-8s first frame            p50 %7.2f ms   worst %7.2f ms   (%d starts)\n", s->name,
           percentile(ms, STARTS, 50), ms[STARTS - 1], STARTS);
}

static void measure_keys(struct ptest *p, const struct subject *s)
{
    /* Nobody types faster; and frames are 8 ms apart, which would be measured otherwise. */
    static const struct timespec between_keys = {.tv_nsec = 12000000};
    double ms[KEYS];
    char line[64];

    for (int i = 0; i < KEYS; i++) {
        int n = i % KEYS_A_LINE;
        if (n == 0)
            snprintf(line, sizeof line, "%s ", prompt);
        char key[2] = {(char)('a' + n), '\0'};
        memcpy(line + strlen(prompt) + 1 + n, key, 2);
        nanosleep(&between_keys, NULL);
        uint64_t began = clock_now_ns();
        pt_keys(p, key);
        pt_wait_text(p, line);
        ms[i] = clock_ms_since(began);
        if (n == KEYS_A_LINE - 1) {
            pt_keys(p, "<C-u>"); /* the line discipline erases what it has echoed */
            pt_wait_gone(p, "bench% a");
        }
    }
    qsort(ms, KEYS, sizeof *ms, by_value);
    printf("%-8s key to screen          p50 %7.2f ms   p95 %7.2f ms   p99 %7.2f ms   (%d keys)\n", s->name,
           percentile(ms, KEYS, 50), percentile(ms, KEYS, 95), percentile(ms, KEYS, 99), KEYS);
}

static void measure_flood(struct ptest *p, const struct subject *s)
{
    double ms[5];

    for (int i = 0; i < 5; i++) {
        pt_keys(p, "yes flooding<Enter>");
        pt_wait_gone(p, prompt);
        for (int k = 0; k < 20; k++) /* let it flow: 20 frames or so */
            pt_has(p, "flooding");
        uint64_t began = clock_now_ns();
        pt_keys(p, "<C-c>");
        pt_wait_text(p, "^C");
        ms[i] = clock_ms_since(began);
        pt_wait_text(p, prompt);
        pt_keys(p, "clear<Enter>");
        pt_wait_gone(p, "flooding");
    }
    qsort(ms, 5, sizeof *ms, by_value);
    printf("%-8s Ctrl-C under a flood   p50 %7.2f ms   worst %7.2f ms\n", s->name, ms[2], ms[4]);

    pt_keys(p, "seq 1 300000; echo all-''done<Enter>");
    uint64_t began = clock_now_ns();
    pt_wait_any(p, (const char *const[]){"all-done", NULL}, 60000);
    printf("%-8s seq 1 300000           %11.2f ms\n", s->name, clock_ms_since(began));
}

/* A newcomer is asked three things, once. */
static void pass_welcome(const struct subject *s)
{
    struct ptest *p = begin(s);

    pt_wait_text(p, "In which language");
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "Press the key");
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "What this machine can do");
    pt_keys(p, "<Enter>");
    pt_wait_gone(p, "What this machine can do");
    pt_keys(p, "q");
    pt_wait_exit(p);
    pt_free(p);
}

static void measure(const struct subject *s)
{
    measure_start(s);
    struct ptest *p = begin(s);
    pt_wait_text(p, s->ready);
    pt_keys(p, s->to_shell);
    pt_wait_text(p, prompt);
    measure_keys(p, s);
    measure_flood(p, s);
    pt_free(p);
}

/* A home in which luxtui has nothing to ask. */
static void make_home(void)
{
    struct error err;
    char command[512];

    snprintf(home, sizeof home, "/tmp/lux-bench-XXXXXX");
    if (!mkdtemp(home)) {
        perror("bench_screen");
        exit(1);
    }
    snprintf(command, sizeof command, "HOME=%s " LUX_BINARY_DIR "/lux start 2 --lang c >/dev/null", home);
    if (system(command) != 0)
        exit(1);
    autofree char *rc = path_join(home, "tmux.conf");
    file_write_atomic(rc, "set -g status on\n", 17, 0644, &err);
}

int main(void)
{
    make_home();
    struct subject luxtui = {"luxtui", {LUX_BINARY_DIR "/luxtui", "2", NULL}, "TCP Echo Server", "t"};
    static char socket_path[96], config[96];
    snprintf(socket_path, sizeof socket_path, "%s/tmux", home);
    snprintf(config, sizeof config, "%s/tmux.conf", home);
    struct subject tmux = {
        "tmux", {"tmux", "-S", socket_path, "-f", config, "new-session", "sh", NULL}, "bench%", ""};

    pass_welcome(&luxtui);
    measure(&luxtui);
    measure(&tmux);

    char command[256];
    snprintf(command, sizeof command, "tmux -S %s kill-server 2>/dev/null; rm -rf %s", socket_path, home);
    return system(command) == 0 ? 0 : 1;
}
