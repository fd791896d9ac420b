/* lux: finds the command and runs it. */
#include "commands/commands.h"
#include "commands/table.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A descriptor 0, 1 or 2 that is closed would be given to the next file opened, and messages would end up in
 * it. */
static int open_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
            return -1;
    return 0;
}

static int print_short_usage(void)
{
    fprintf(stderr, "usage: lux COMMAND [ARGUMENTS]\n"
                    "lux help lists the commands; luxtui is the screen. To begin: lux start 2 --lang c\n");
    return LUX_USAGE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    return false;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2)
        return print_short_usage();
    const char *name = argv[1];
    if (!strcmp(name, "--help") || !strcmp(name, "-h"))
        name = "help";
    else if (!strcmp(name, "--version") || !strcmp(name, "-V"))
        name = "version";
    const struct command *c = command_find(name);
    if (!c)
        return command_unknown(name);
    if (asks_for_help(argc - 2, argv + 2)) {
        command_print_help(c);
        return LUX_OK;
    }
    return c->run(argc - 2, argv + 2);
}

int main(int argc, char **argv)
{
    if (open_standard_streams())
        return LUX_FAILED;
    setlocale(LC_CTYPE, "");
    int code = dispatch(argc, argv);
    /* A full disk behind stdout must not look like success; a reader that left ended us by SIGPIPE. */
    if ((fflush(stdout) || ferror(stdout)) && code == LUX_OK) {
        fprintf(stderr, "lux: cannot write to standard output: %s\n", strerror(errno));
        code = LUX_FAILED;
    }
    return code;
}
