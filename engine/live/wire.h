/* What the two sides of a live program say to each other. Private to this folder. */
#ifndef LIVE_WIRE_H
#define LIVE_WIRE_H

#include "live/live.h"
#include "sandbox/sandbox.h"

#include <sys/ioctl.h>
#include <termios.h>

struct wire { /* made before the sandbox; the inner side has a copy of it */
    const struct live_spec *live;
    struct sandbox_spec sandbox;
    bool has_terminal; /* the program gets a terminal of its own */
    bool is_terminal[3];
    struct termios modes;
    struct winsize size;
    int inner; /* the inner end of the channel */
};

enum told { TOLD_STARTED, TOLD_NOT_STARTED, TOLD_ENDED };

struct tell { /* from the inner side; TOLD_STARTED brings the master of the terminal along, if there is one */
    enum told what;
    int value; /* errno, or the status */
};

/* PID 1 of the sandbox; context is the struct wire. */
int inner_main(void *context);

int wire_send_fds(int channel, const void *data, size_t size, const int *fds, size_t n);
/* As recv(2); *n is set to how many descriptors came. */
ssize_t wire_receive_fds(int channel, void *data, size_t size, int *fds, size_t max, size_t *n);

#endif
