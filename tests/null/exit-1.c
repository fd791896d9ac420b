/* Ends at once, with a message that looks right. */
#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argc;
    const char *name = argv[0];
    for (const char *p = argv[0]; *p != '\0'; p++)
        if (*p == '/')
            name = p + 1;
    fprintf(stderr, "%s: it did not work\n", name);
    return 1;
}
