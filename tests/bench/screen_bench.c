/* How quick the screen is, for one who types: the time to the first frame, from a key in the terminal pane to
 * its character on the screen, and from Ctrl-C under a flood to a prompt; what a flood takes. The same for
 * tmux, in the same run and harness, where it has the like. Run by ./dev bench. */
#include "ptest.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MB = 10, KEYS = 500, KEYS_A_LINE = 25, STARTS = 20 };

struct subject {
    const char *name;
    const char *argv[16];
    const char *ready;    /* on the screen once it has drawn */
    const char *to_shell; /* keys that lead to a shell's prompt */
    const char *pid;      /* a command that prints the process that does the work; NULL: the one started */
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

/* How long a command's output takes to pass, of this many bytes. */
static void measure_output(struct ptest *p, const struct subject *s, const char *what, const char *command,
                           double mb)
{
    autofree char *keys = xasprintf("clear; %s; echo all-''done<Enter>", command);

    uint64_t began = clock_now_ns();
    pt_keys(p, keys);
    pt_wait_gone(p, "all-done");
    pt_wait_any(p, (const char *const[]){"all-done", NULL}, 60000);
    double ms = clock_ms_since(began);
    printf("%-8s %-22s %11.2f ms   %7.2f MB/s\n", s->name, what, ms, mb / ms * 1000);
}

/* A number of /proc/PID/status. */
static long status_of(pid_t pid, const char *name)
{
    autofree char *path = xasprintf("/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    char line[256];
    long value = -1;

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name) + 1, NULL, 10);
    if (f)
        fclose(f);
    return value;
}

static pid_t worker(const struct ptest *p, const struct subject *s)
{
    long pid = 0;
    FILE *f = s->pid ? popen(s->pid, "r") : NULL;

    if (f && fscanf(f, "%ld", &pid) != 1)
        pid = 0;
    if (f)
        pclose(f);
    return pid > 0 ? (pid_t)pid : pt_pid(p);
}

/* After the floods: the scrollback is full. */
static void measure_rest(struct ptest *p, const struct subject *s)
{
    static const struct timespec two_seconds = {.tv_sec = 2};
    pid_t pid = worker(p, s);

    nanosleep(&two_seconds, NULL); /* what the last output has left to do is done */
    long before = status_of(pid, "voluntary_ctxt_switches");
    nanosleep(&two_seconds, NULL);
    long after = status_of(pid, "voluntary_ctxt_switches");
    printf("%-8s idle                   %11.1f wake-ups a second\n", s->name, (double)(after - before) / 2);
    printf("%-8s full scrollback        %11.1f MB resident\n", s->name,
           (double)status_of(pid, "VmRSS") / 1024);
}

/* A newcomer is asked three things, once. */
static void pass_welcome(const struct subject *s)
{
    struct ptest *p = begin(s);

    pt_wait_text(p, "In which language");
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "Press the key");
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "What this machine offers");
    pt_keys(p, "<Enter>");
    pt_wait_gone(p, "What this machine offers");
    pt_keys(p, "qq"); /* the map, and out */
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
    measure_output(p, s, "80-column text", "cat text", TEXT_MB);
    measure_output(p, s, "colours", "cat colours", TEXT_MB);
    measure_rest(p, s);
    pt_free(p);
}

/* What is shown: plain lines, and lines in which every word has a colour of its own. */
static void make_texts(void)
{
    struct buf plain = {0}, colours = {0};
    struct error err;

    for (int i = 0; plain.len < (size_t)TEXT_MB << 20; i++)
        buf_printf(&plain, "%08d %-71s\n", i, "the quick brown fox jumps over the lazy dog, and over again");
    for (int i = 0; colours.len < (size_t)TEXT_MB << 20; i++)
        buf_printf(&colours, "\033[38;5;%dmcolour\033[0m%s", i % 256, i % 10 == 9 ? "\n" : " ");
    autofree char *text = path_join(home, "lux/02-tcp-echo-server/text"), *other = path_join(home, "text");
    autofree char *many = path_join(home, "lux/02-tcp-echo-server/colours"),
                  *others = path_join(home, "colours");
    file_write_atomic(text, plain.data, plain.len, 0644, &err);
    file_write_atomic(other, plain.data, plain.len, 0644, &err);
    file_write_atomic(many, colours.data, colours.len, 0644, &err);
    file_write_atomic(others, colours.data, colours.len, 0644, &err);
    buf_free(&plain);
    buf_free(&colours);
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
    static const char config[] = "set -g status on\nset -g history-limit 10000\n";
    file_write_atomic(rc, config, sizeof config - 1, 0644, &err);
    make_texts();
}

int main(void)
{
    make_home();
    struct subject luxtui = {"luxtui", {LUX_BINARY_DIR "/luxtui", "2", NULL}, "TCP Echo Server", "t", NULL};
    static char socket_path[96], config[96];
    snprintf(socket_path, sizeof socket_path, "%s/tmux", home);
    snprintf(config, sizeof config, "%s/tmux.conf", home);
    autofree char *tmux_pid = xasprintf("tmux -S %s display -p '#{pid}'", socket_path);
    struct subject tmux = {
        "tmux", {"tmux", "-S", socket_path, "-f", config, "new-session", "sh", NULL}, "bench%", "", tmux_pid};
    struct subject nvim = {
        "nvim", {"nvim", "--clean", "+terminal sh", "+startinsert", NULL}, "bench%", "", NULL};

    pass_welcome(&luxtui);
    measure(&luxtui);
    measure(&tmux);
    if (system("command -v nvim >/dev/null") == 0)
        measure(&nvim);
    else
        printf("nvim     is not installed\n");

    char command[256];
    snprintf(command, sizeof command, "tmux -S %s kill-server 2>/dev/null; rm -rf %s", socket_path, home);
    return system(command) == 0 ? 0 : 1;
}
