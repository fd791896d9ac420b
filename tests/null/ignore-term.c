/* Ignores whatever can be ignored, and sleeps for ever. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_IGN);
    for (;;)
        pause();
}
