/* Becomes a daemon that sleeps for ever; what was started exits with 0. */
#include <unistd.h>

int main(void)
{
    if (fork() != 0)
        return 0;
    setsid();
    if (fork() != 0)
        return 0;
    for (;;)
        pause();
}
