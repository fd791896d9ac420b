/* Programs that do what they can to harm the checker, the machine or the terminal: each is contained, explained and
 * quick, and nothing of it is left (lux_finish waits for that). Runs at every level of the sandbox; on shared the programs
 * may do to files what the learner may, so that nothing is asked about these. */
#include "contain.h"
#include "lux_help.h"
#include "wellformed.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cmocka_all.h"

#define HEAD                                                                                                  \
    "#define _GNU_SOURCE\n#include <fcntl.h>\n#include <signal.h>\n#include <stdio.h>\n#include <string.h>\n" \
    "#include <sys/stat.h>\n#include <unistd.h>\n#include <errno.h>\n#include <sys/syscall.h>\n"

/* How long a check of such a program may take, whatever it does: its own deadline, scaled, the grace for the verdict,
 * and that twice, for it may be run again. */
enum { MOST_MS = 40000 };

/* One check on this program: it fails, and never is the checker in error. */
static struct lux *check_hostile(const char *text)
{
    uint64_t began = clock_now_ns();
    struct lux *l = lux_run(1, "check", "2", "--dir", lux_program_text("hostile", "main.c", text), "--format",
                            "ndjson", "--no-record", "--only", "echoes_a_line");
    const char *bad = ndjson_error(l->out);
    if (bad)
        fail_msg("%s", bad);
    assert_has(l->out, "\"verdict\":\"fail\"");
    assert_has_not(l->out, "\"verdict\":\"error\"");
    assert_true(clock_ms_since(began) < MOST_MS);
    return l;
}

static bool is_below_full(void)
{
    const char *level = getenv("LUX_SANDBOX");
    return level && strcmp(level, "full") != 0;
}

static bool is_shared(void)
{
    return is_below_full() && strcmp(getenv("LUX_SANDBOX"), "shared") == 0;
}

static void a_fork_bomb_is_stopped_and_named(void **state)
{
    (void)state;
    struct lux *l = check_hostile(HEAD "int main(void) { for (;;) fork(); }\n");
    assert_has(l->out, "fork bomb");
    lux_free(l);
}

/* No group of processes, no session and no parent holds them together. */
static void a_fork_bomb_whose_processes_leave_their_session_is_stopped(void **state)
{
    (void)state;
    struct lux *l = check_hostile(HEAD "int main(void) { for (;;) if (fork() == 0) setsid(); }\n");
    assert_has(l->out, "fork bomb");
    lux_free(l);
}

static void ten_gibibytes_of_output_are_counted_not_kept(void **state)
{
    (void)state;
    struct lux *l =
        check_hostile(HEAD "static char b[1 << 16];\nint main(void) {\nmemset(b, 'x', sizeof b);\n"
                           "for (long long n = 0; n < 10LL << 30; n += sizeof b)\n"
                           "if (write(1, b, sizeof b) < 0 || write(2, b, sizeof b) < 0) break;\n"
                           "return 0; }\n");
    assert_true(l->out_len < 1 << 20);
    lux_free(l);
}

static void a_program_that_ignores_every_signal_ends_all_the_same(void **state)
{
    (void)state;
    lux_free(check_hostile(HEAD "int main(void) { for (int s = 1; s < 65; s++) signal(s, SIG_IGN);\n"
                                "for (;;) pause(); }\n"));
}

static void daemons_forked_twice_end_too(void **state)
{
    (void)state;
    lux_free(check_hostile(
        HEAD "int main(void) { for (int i = 0; i < 20; i++)\nif (fork() == 0) { setsid();\n"
             "if (fork() == 0) { for (int s = 1; s < 65; s++) signal(s, SIG_IGN); for (;;) pause(); }\n"
             "_exit(0); }\nreturn 0; }\n"));
}

static void a_program_that_closes_all_descriptors_is_judged_all_the_same(void **state)
{
    (void)state;
    lux_free(check_hostile(HEAD "int main(void) { for (int fd = 0; fd < 100000; fd++) close(fd);\n"
                                "for (;;) pause(); }\n"));
}

/* If one of these signals left the sandbox, it would end lux, the test, or the shell that runs it. */
static void a_program_that_kills_everybody_reaches_nobody(void **state)
{
    (void)state;
    lux_free(check_hostile(HEAD
                           "int main(void) {\nint s[] = {SIGTERM, SIGSTOP, SIGKILL};\n"
                           "for (int i = 0; i < 3; i++) for (int p = 1; p < 2000; p++) if (p != getpid()) {\n"
                           "kill(p, s[i]); kill(-p, i < 1 || p != getpgrp() ? s[i] : 0); }\n"
                           "char proc[32]; snprintf(proc, sizeof proc, \"/proc/%d\", getppid());\n"
                           "syscall(SYS_pidfd_send_signal, open(proc, O_RDONLY), SIGKILL, NULL, 0);\n"
                           "kill(-1, SIGKILL);\nfor (;;) pause(); }\n"));
}

static void a_program_may_signal_its_own_children_and_itself(void **state)
{
    (void)state;
    struct lux *l = check_hostile(
        HEAD
        "#include <sys/wait.h>\nint main(void) { int st; pid_t c = fork();\n"
        "if (c == 0) for (;;) pause();\nsignal(SIGUSR1, SIG_IGN);\n"
        "if (kill(c, SIGTERM) < 0 || raise(SIGUSR1) || kill(0, SIGUSR1) || kill(-getpgrp(), SIGUSR1)) return 9;\n"
        "return waitpid(c, &st, 0) == c && WIFSIGNALED(st) ? 77 : 9; }\n");
    assert_has(l->out, "ended with status 77");
    lux_free(l);
}

static unsigned long long free_bytes(const char *path)
{
    struct statvfs fs;
    return statvfs(path, &fs) ? 0 : (unsigned long long)fs.f_bavail * fs.f_frsize;
}

static void a_program_that_fills_the_disk_fills_its_own(void **state)
{
    (void)state;
    if (is_shared())
        skip(); /* on shared its files are ordinary ones, each of limited size, and go with the check */
    unsigned long long before = free_bytes("/tmp");
    lux_free(check_hostile(HEAD "static char b[1 << 20];\nint main(void) {\nsignal(SIGXFSZ, SIG_IGN);\n"
                                "const char *d[] = {\".\", \"/tmp\", \"/var/tmp\", \"/dev/shm\"};\n"
                                "for (int i = 0; i < 4; i++) for (int k = 0; k < 10; k++) { char p[64];\n"
                                "snprintf(p, sizeof p, \"%s/fill%d\", d[i], k);\n"
                                "int f = open(p, O_CREAT | O_WRONLY, 0600);\n"
                                "while (f >= 0 && write(f, b, sizeof b) > 0) ; }\nreturn 0; }\n"));
    assert_true(free_bytes("/tmp") + (100ULL << 20) > before);
}

static void a_program_that_deletes_all_it_can_reach_deletes_nothing_of_ours(void **state)
{
    (void)state;
    if (is_shared())
        skip(); /* on shared the programs may do what the learner may */
    lux_put("precious", "still here\n");
    autofree char *text = xasprintf(
        HEAD
        "#include <ftw.h>\nstatic int rm(const char *p, const struct stat *s, int t, struct FTW *w)\n"
        "{ (void)s; (void)t; (void)w; remove(p); return 0; }\n"
        "int main(void) { const char *d[] = {\".\", \"/tmp\", \"/var/tmp\", \"%s\", \"/run\", \"/home\"};\n"
        "for (int i = 0; i < 6; i++) nftw(d[i], rm, 20, FTW_DEPTH | FTW_PHYS);\nreturn 0; }\n",
        lux_scratch());
    struct lux *l = check_hostile(text);
    autofree char *precious = path_join(lux_scratch(), "precious");
    autofree char *source = path_join(lux_scratch(), "hostile/main.c");
    assert_true(file_exists(precious));
    assert_true(file_exists(source));
    lux_free(l);
}

static void a_hundred_thousand_files_are_no_burden(void **state)
{
    (void)state;
    lux_free(check_hostile(HEAD
                           "int main(void) { char p[64];\nfor (int i = 0; i < 100000; i++) {\n"
                           "snprintf(p, sizeof p, \"f%d\", i);\nint f = open(p, O_CREAT | O_WRONLY, 0600);\n"
                           "if (f < 0 && errno == ENOSPC) break;\nclose(f); }\nreturn 0; }\n"));
}

static void a_path_of_a_thousand_directories_is_no_burden(void **state)
{
    (void)state;
    lux_free(check_hostile(HEAD "int main(void) { for (int i = 0; i < 1000; i++)\n"
                                "if (mkdir(\"directory\", 0) < 0 || chmod(\"directory\", 0700) < 0 ||\n"
                                "chdir(\"directory\") < 0) break;\nmkdir(\"closed\", 0);\nreturn 0; }\n"));
}

/* Each format shows them as words; no byte of them reaches whoever reads. */
static void escapes_nul_bytes_and_invalid_utf8_come_as_words(void **state)
{
    (void)state;
    static const char *const formats[] = {"pretty", "ndjson", "tap", "junit"};
    const char *dir = lux_program_text(
        "hostile", "main.c",
        HEAD
        "int main(void) { static const char b[] = \"\\033]0;owned\\007\\033[2J\\033c\\377\\376\\300\\200\\0\\r\\b\\177\";\n"
        "return write(1, b, sizeof b) < 0 || write(2, b, sizeof b) < 0; }\n");
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct lux *l = lux_run(1, "check", "2", "--dir", dir, "--format", formats[i], "--no-record",
                                "--only", "echoes_a_line");
        const char *bad = i == 1   ? ndjson_error(l->out)
                          : i == 2 ? tap_error(l->out)
                          : i == 3 ? xml_error(l->out, l->out_len)
                                   : NULL;
        if (bad)
            fail_msg("%s: %s in %s", formats[i], bad, l->out);
        assert_int_equal(strlen(l->out), l->out_len);
        for (const char *c = l->out; *c; c++)
            assert_true(((unsigned char)*c >= 0x20 && *c != 0x7f) || *c == '\n');
        assert_has(l->out, "]0;owned");
        lux_free(l);
    }
}

int main(int argc, char **argv)
{
    if (is_below_full())
        contain_processes();
    lux_as_nobody(argc, argv);
    setenv("LUX_TIME_SCALE", "0.5", 1); /* they fail anyway: it need not take long */
    const struct CMUnitTest tests[] = {
        LUX_TEST(a_fork_bomb_is_stopped_and_named),
        LUX_TEST(a_fork_bomb_whose_processes_leave_their_session_is_stopped),
        LUX_TEST(ten_gibibytes_of_output_are_counted_not_kept),
        LUX_TEST(a_program_that_ignores_every_signal_ends_all_the_same),
        LUX_TEST(daemons_forked_twice_end_too),
        LUX_TEST(a_program_that_closes_all_descriptors_is_judged_all_the_same),
        LUX_TEST(a_program_that_kills_everybody_reaches_nobody),
        LUX_TEST(a_program_may_signal_its_own_children_and_itself),
        LUX_TEST(a_program_that_fills_the_disk_fills_its_own),
        LUX_TEST(a_program_that_deletes_all_it_can_reach_deletes_nothing_of_ours),
        LUX_TEST(a_hundred_thousand_files_are_no_burden),
        LUX_TEST(a_path_of_a_thousand_directories_is_no_burden),
        LUX_TEST(escapes_nul_bytes_and_invalid_utf8_come_as_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
