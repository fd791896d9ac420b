/* Refuses everything as wrong usage. */
#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argc;
    const char *name = argv[0];
    for (const char *p = argv[0]; *p != '\0'; p++)
        if (*p == '/')
            name = p + 1;
    fprintf(stderr, "%s: usage\n", name);
    return 2;
}
