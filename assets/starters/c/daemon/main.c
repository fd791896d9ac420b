/* daemon: detaches a service from whoever starts it, and controls it afterwards.
 * The contract is in the lesson. Build and check:  lux check daemon */
#include <stdio.h>
#include <string.h>

static int not_implemented(void)
{
    fprintf(stderr, "daemon: not implemented yet\n");
    return 1;
}

static int start(void)
{
    /* Your program goes here: fork, setsid, fork, and then all that a daemon has to leave behind. */
    return not_implemented();
}

static int stop(void)
{
    return not_implemented();
}

static int status(void)
{
    return not_implemented();
}

int main(int argc, char **argv)
{
    const char *verb = argc == 2 ? argv[1] : "";

    if (strcmp(verb, "start") == 0)
        return start();
    if (strcmp(verb, "stop") == 0)
        return stop();
    if (strcmp(verb, "status") == 0)
        return status();
    fprintf(stderr, "daemon: usage: ./daemon start|stop|status\n");
    return 2;
}
