/* Machines that refuse, imitated: each refusal is recognised and answered with the way to allow it. */
#include "sandbox_help.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static int put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return ok ? 0 : -1;
}

/* Becomes root of a user namespace: there a test may change what it likes. */
static void enter_namespaces(int more)
{
    autofree char *users = xasprintf("0 %u 1", geteuid());
    autofree char *groups = xasprintf("0 %u 1", getegid());
    if (unshare(CLONE_NEWUSER | more) < 0 || put("/proc/self/setgroups", "deny") < 0 ||
        put("/proc/self/uid_map", users) < 0 || put("/proc/self/gid_map", groups) < 0) {
        perror("enter_namespaces");
        _exit(100);
    }
}

/* The system call is answered with this errno from now on. */
static void refuse_system_call(unsigned number, unsigned error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = ARRAY_LEN(code), .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        _exit(101);
}

/* 0 if a sandbox with this workspace is refused with all these words. */
static int expect_refusal(const char *workspace, const char *const *words)
{
    struct sandbox_spec spec = help_spec();
    struct sandbox s;
    struct error err = {""};
    spec.workspace = workspace;
    spec.main = NULL;
    if (sandbox_start(&spec, &s, &err) == 0) {
        fprintf(stderr, "not refused\n");
        return 1;
    }
    for (; *words; words++) {
        if (!strstr(err.text, *words)) {
            fprintf(stderr, "not in the sentence: %s\n%s\n", *words, err.text);
            return 2;
        }
    }
    if (getenv("LUX_TEST_SHOW"))
        fprintf(stderr, "%s\n", err.text);
    return 0;
}
#define EXPECT_REFUSAL(workspace, ...) expect_refusal(workspace, (const char *const[]){__VA_ARGS__, NULL})

static int with_docker_seccomp(void)
{
    refuse_system_call(SYS_unshare, EPERM);
    return EXPECT_REFUSAL(help_workspace, "user namespace", "seccomp", "--security-opt seccomp=unconfined");
}

static void dockers_seccomp_filter_is_recognised(void **state)
{
    (void)state;
    assert_int_equal(help_in_child(with_docker_seccomp), 0);
}

static int without_clone3(void)
{
    struct error err = {""};
    refuse_system_call(SYS_clone3, ENOSYS);
    if (sandbox_probe(&err) == SANDBOX_FULL)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}

static void clone3_is_not_needed(void **state)
{
    (void)state;
    assert_int_equal(help_in_child(without_clone3), 0);
}

static int without_user_namespaces(void)
{
    enter_namespaces(0);
    if (put("/proc/sys/user/max_user_namespaces", "0") < 0)
        return 102;
    return EXPECT_REFUSAL(help_workspace, "switched off", "sudo sysctl -w user.max_user_namespaces=");
}

static int with_one_user_namespace(void)
{
    enter_namespaces(0);
    if (put("/proc/sys/user/max_user_namespaces", "1") < 0)
        return 102;
    return EXPECT_REFUSAL(help_workspace, "Too many namespaces", "/proc/sys/user");
}

static int without_network_namespaces(void)
{
    enter_namespaces(0);
    if (put("/proc/sys/user/max_net_namespaces", "0") < 0)
        return 102;
    return EXPECT_REFUSAL(help_workspace, "sudo sysctl -w user.max_net_namespaces=");
}

static void settings_that_switch_namespaces_off_are_named(void **state)
{
    (void)state;
    assert_int_equal(help_in_child(without_user_namespaces), 0);
    assert_int_equal(help_in_child(with_one_user_namespace), 0);
    assert_int_equal(help_in_child(without_network_namespaces), 0);
}

static int in_a_chroot(void)
{
    char root[] = "/tmp/root";
    enter_namespaces(CLONE_NEWNS);
    if (mount("none", "/tmp", "tmpfs", 0, NULL) < 0 || mkdir(root, 0755) < 0 || chdir(root) < 0 ||
        mkdir("proc", 0755) < 0 || mkdir("dev", 0755) < 0 ||
        mount("/proc", "proc", NULL, MS_BIND | MS_REC, NULL) < 0 ||
        mount("/dev", "dev", NULL, MS_BIND | MS_REC, NULL) < 0 || chroot(".") < 0)
        return 103;
    return EXPECT_REFUSAL(NULL, "chroot");
}

static void a_chroot_is_recognised(void **state)
{
    (void)state;
    assert_int_equal(help_in_child(in_a_chroot), 0);
}

static int with_a_masked_proc(void)
{
    enter_namespaces(CLONE_NEWNS);
    if (mount("/dev/null", "/proc/version", NULL, MS_BIND, NULL) < 0)
        return 104;
    return EXPECT_REFUSAL(help_workspace, "/proc", "systempaths=unconfined");
}

static void a_container_that_masks_proc_is_recognised(void **state)
{
    (void)state;
    assert_int_equal(help_in_child(with_a_masked_proc), 0);
}

static int without_setfcap(void)
{
    enter_namespaces(0);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) < 0)
        return 105;
    data[0].effective &= ~(1U << CAP_SETFCAP);
    data[0].permitted &= ~(1U << CAP_SETFCAP);
    if (syscall(SYS_capset, &header, data) < 0)
        return 106;
    return EXPECT_REFUSAL(help_workspace, "CAP_SETFCAP", "--cap-add SETFCAP");
}

static void a_root_without_setfcap_is_recognised(void **state)
{
    (void)state;
    assert_int_equal(help_in_child(without_setfcap), 0);
}

static int with_an_old_kernel(void)
{
    refuse_system_call(SYS_mount_setattr, ENOSYS);
    return EXPECT_REFUSAL(help_workspace, "read-only", "not implemented");
}

static void a_missing_system_call_is_named(void **state)
{
    (void)state;
    assert_int_equal(help_in_child(with_an_old_kernel), 0);
}

static void a_workspace_that_cannot_be_entered_is_named(void **state)
{
    (void)state;
    assert_int_equal(EXPECT_REFUSAL("/tmp/nowhere", "/tmp/nowhere", "No such file", "lux start"), 0);
    assert_int_equal(EXPECT_REFUSAL(help_host_file, help_host_file, "must be a directory"), 0);
    assert_int_equal(EXPECT_REFUSAL("relative", "relative", "absolute"), 0);
    assert_int_equal(EXPECT_REFUSAL("/", "enter the workspace /", "another one"), 0);
    if (help_is_root)
        return;
    assert_int_equal(chmod(help_workspace, 0), 0);
    assert_int_equal(EXPECT_REFUSAL(help_workspace, help_workspace, "Permission denied", "chmod"), 0);
    assert_int_equal(chmod(help_workspace, 0755), 0);
}

/* What `sudo lux` meets in a home directory. */
static void a_workspace_in_anothers_closed_home_makes_roots_sandbox_his(void **state)
{
    (void)state;
    if (!help_is_root || help_is_hidden(help_elsewhere))
        skip();
    autofree char *home = xasprintf("%s/home", help_elsewhere);
    autofree char *workspace = xasprintf("%s/workspace", home);
    struct sandbox_spec spec = help_spec();
    assert_int_equal(mkdir(home, 0700), 0);
    assert_int_equal(mkdir(workspace, 0755), 0);
    assert_int_equal(chown(home, 1234, 1234), 0);
    assert_int_equal(chown(workspace, 1234, 1234), 0);
    spec.workspace = workspace;
    autofree char *look = xasprintf("id -u; id -g; id -G; cd %s && echo *", home);
    assert_string_equal(help_shell(&spec, look), "1234\n1234\n1234\nworkspace\n");
    spec.as_root = true;
    autofree char *script = xasprintf("id -u; ls -A %s; touch %s/new && echo written", workspace, workspace);
    assert_string_equal(help_shell(&spec, script), "0\nwritten\n");

    autofree char *inner = xasprintf("%s/inner", workspace);
    autofree char *closed = xasprintf("%s/workspace", inner);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(mkdir(closed, 0755), 0);
    assert_int_equal(chown(inner, 4321, 4321), 0);
    assert_int_equal(EXPECT_REFUSAL(closed, closed, "run lux as the user who owns"), 0);
}

int main(int argc, char **argv)
{
    help_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dockers_seccomp_filter_is_recognised),
        cmocka_unit_test(clone3_is_not_needed),
        cmocka_unit_test(settings_that_switch_namespaces_off_are_named),
        cmocka_unit_test(a_chroot_is_recognised),
        cmocka_unit_test(a_container_that_masks_proc_is_recognised),
        cmocka_unit_test(a_root_without_setfcap_is_recognised),
        cmocka_unit_test(a_missing_system_call_is_named),
        cmocka_unit_test(a_workspace_that_cannot_be_entered_is_named),
        cmocka_unit_test(a_workspace_in_anothers_closed_home_makes_roots_sandbox_his),
    };
    return help_end(cmocka_run_group_tests_name("sandbox_refusals", tests, NULL, NULL));
}
