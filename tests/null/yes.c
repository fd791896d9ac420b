/* Prints "y" for ever. */
#include <stdio.h>

int main(void)
{
    while (puts("y") >= 0)
        ;
    return 1;
}
