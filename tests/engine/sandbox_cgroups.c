/* Control groups of sandboxes, where the machine delegates some; elsewhere, that lux says why not and goes on without. */
#include "sandbox/sandbox.h"

#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MEMORY_MB = 64, WITHOUT = 3 };

static char *delegated;
static struct error why_not;

/* Runs main in a sandbox; the exit status of its PID 1. */
static int run(int (*main)(void *context), bool as_root)
{
    struct sandbox_spec spec = {
        .as_root = as_root, .limits = {.memory_mb = MEMORY_MB}, .main = main, .keep_fd = -1};
    struct sandbox sandbox;
    struct error err;
    int status = -1;

    spec.context = &spec;
    if (sandbox_start(&spec, &sandbox, &err) < 0)
        fail_msg("%s", err.text);
    sandbox_reap(&sandbox, true, &status);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool file_says(const char *path, const char *text)
{
    char found[512] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, found, sizeof found - 1);

    if (fd >= 0)
        close(fd);
    found[n > 0 ? n : 0] = '\0';
    return strstr(found, text) != NULL;
}

/* Groups of sandboxes that are there now. */
static int groups(void)
{
    DIR *dir = opendir(delegated);
    struct dirent *entry;
    int n = 0;

    while (dir && (entry = readdir(dir)) != NULL)
        n += strncmp(entry->d_name, "lux.", 4) == 0 && strcmp(entry->d_name, "lux.host") != 0;
    if (dir)
        closedir(dir);
    return n;
}

static int in_program(const struct sandbox_spec *spec, bool (*program)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(sandbox_enter_program(spec) == 0 && program() ? 0 : 1);
    waitpid(pid, &status, 0);
    return status;
}

static bool is_in_own_group(void)
{
    return file_says("/proc/self/cgroup", "0::/programs/own\n");
}

static int look_at_groups(void *context)
{
    if (!sandbox_has_cgroups())
        return WITHOUT;
    if (!file_says("/proc/self/cgroup", "0::/checker\n"))
        return 1;
    return in_program(context, is_in_own_group) == 0 ? 0 : 2;
}

static bool finds_a_group_to_divide(void)
{
    return file_says(SANDBOX_CGROUP "/cgroup.subtree_control", "memory pids") &&
           file_says(SANDBOX_CGROUP "/../memory.max", "67108864");
}

static int look_at_delegation(void *context)
{
    return in_program(context, finds_a_group_to_divide) == 0 ? 0 : 1;
}

static bool takes_too_much(void)
{
    volatile char *memory = malloc((size_t)MEMORY_MB << 21);

    for (size_t i = 0; memory && i < (size_t)MEMORY_MB << 21; i += 4096)
        memory[i] = 1;
    return true;
}

static int watch_a_hungry_one(void *context)
{
    if (sandbox_memory_ran_out())
        return 1;
    int status = in_program(context, takes_too_much);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && sandbox_memory_ran_out() ? 0 : 2;
}

static void need_groups(void)
{
    if (!delegated)
        skip();
}

static void without_groups_it_says_why_and_works(void **state)
{
    (void)state;
    if (delegated)
        skip();
    assert_true(strlen(why_not.text) > 0);
    assert_int_equal(run(look_at_groups, false), WITHOUT);
}

static void checker_and_programs_are_in_groups_of_their_own(void **state)
{
    (void)state;
    need_groups();
    assert_int_equal(run(look_at_groups, false), 0);
    assert_int_equal(run(look_at_groups, true), 0);
    assert_int_equal(groups(), 0);
}

static void a_root_program_finds_a_group_to_divide(void **state)
{
    (void)state;
    need_groups();
    assert_int_equal(run(look_at_delegation, true), 0);
    assert_int_equal(run(look_at_delegation, false), 1); /* it could lift its limits there */
}

static void a_program_that_takes_too_much_is_killed_alone(void **state)
{
    (void)state;
    need_groups();
    assert_int_equal(run(watch_a_hungry_one, false), 0);
    assert_int_equal(groups(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_groups_it_says_why_and_works),
        cmocka_unit_test(checker_and_programs_are_in_groups_of_their_own),
        cmocka_unit_test(a_root_program_finds_a_group_to_divide),
        cmocka_unit_test(a_program_that_takes_too_much_is_killed_alone),
    };

    delegated = sandbox_delegated_cgroup(&why_not);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(delegated);
    return failed;
}
