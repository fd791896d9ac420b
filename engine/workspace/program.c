#include "workspace/program.h"

#include "base/file.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int copy_file(const char *from, const char *to, struct error *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return error_errno(err, "cannot read %s", from);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    ssize_t n = out < 0 ? -1 : 1;
    while (n > 0)
        n = sendfile(out, in, NULL, 1 << 20);
    if (n < 0)
        error_errno(err, "cannot write %s", to);
    if (out >= 0 && close(out) && n >= 0) {
        error_errno(err, "cannot write %s", to);
        n = -1;
    }
    close(in);
    return n < 0 ? -1 : 0;
}

/* What a build has made, and what is said about it. */
struct making {
    const struct toolchain *toolchain;
    const char *command, *dir, *binary;
};

/* Is there a program? `name` is what people call it. */
static int check_program(const struct making *m, const char *path, const char *name, struct error *err)
{
    struct stat st;
    if (stat(path, &st) || !S_ISREG(st.st_mode)) {
        const char *text = m->toolchain->hint;
        autofree char *hint = text ? toolchain_expand(m->toolchain, text, m->dir, m->binary, NULL) : NULL;
        return error_set(err, "`%s` succeeded, but there is no program %s afterwards%s%s", m->command, name,
                         hint ? ". " : "", hint ? hint : "");
    }
    if (!(st.st_mode & 0111))
        return error_set(err, "`%s` made %s, but it is not executable: it needs chmod +x", m->command, name);
    return 0;
}

/* From target/release/{binary}, say, to the staged file. */
static int fetch_product(const struct making *m, const char *staged, struct error *err)
{
    autofree char *name = toolchain_expand(m->toolchain, m->toolchain->product, m->dir, m->binary, err);
    if (!name)
        return -1;
    autofree char *path = path_join(m->dir, name);
    return check_program(m, path, name, err) ? -1 : copy_file(path, staged, err);
}

int program_place(const struct toolchain *tc, const char *command, const char *dir, const char *staged,
                  const char *binary, struct error *err)
{
    struct making m = {tc, command, dir, binary};
    autofree char *program = path_join(dir, binary);
    if (!staged)
        return check_program(&m, program, binary, err);

    autofree char *made = path_join(dir, staged);
    int result = tc->product ? fetch_product(&m, made, err) : check_program(&m, made, binary, err);
    if (result == 0 && rename(made, program))
        result = error_errno(err, "cannot put the program in its place, %s", program);
    if (result)
        unlink(made);
    return result;
}
