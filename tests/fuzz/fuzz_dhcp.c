/* Any bytes as a DHCP message, and as the frame around one. What is read must lie within what there is. */
#include "harness/dhcppacket.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(const DhcpMessage *m)
{
    size_t total = 0;

    for (int code = 0; code < 256; code++) {
        Bytes value = m->options[code];
        if (value.size > 0)
            free(memcpy(malloc(value.size), value.data, value.size));
        total += value.size;
    }
    if (m->options[DHCP_TYPE].size != 1 ||
        total > m->size - DHCP_OPTIONS_AT + DHCP_FILE_SIZE + DHCP_SNAME_SIZE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static DhcpMessage m;
    Bytes input = bytes(data, size);
    const char *wrong;

    memset(&m, 0, sizeof m);
    bool sound = !dhcp_parse(input, &m);
    if (sound)
        touch(&m);
    if (dhcp_parse_frame(input, &m, &wrong) == DHCP_FRAME_WHOLE)
        touch(&m);

    /* In a frame of ours it is what it was. */
    DhcpMessage around = {.from_port = DHCP_CLIENT_PORT, .to_port = DHCP_SERVER_PORT};
    if (size < 1400 &&
        (dhcp_parse_frame(dhcp_build_frame(&around, input), &m, &wrong) == DHCP_FRAME_WHOLE) != sound)
        abort();
    return 0;
}
