/* Tiny checks of a tunnel, with the kernel's device and with the emulation: tun.c runs them. */
#include "harness/check.h"
#include "harness/tun.h"

CHALLENGE("tun");

static void talk(enum tun_kind kind, const char *mode)
{
    Program *p = start_with((.tun = kind), mode);
    expect_stdout(p, "tun0\n");
    Tun *t = expect_tun(NULL, "tun0");

    for (int i = 0; i < 10; i++) {
        Bytes content = random_bytes(i == 9 ? 1400 : 10);
        tun_send(t, udp_packet("10.8.0.1", 1000, "10.8.0.2", 2000, content));
        /* The checksums do not change when the addresses change places, and nor do the ports here. */
        expect_packet(t, udp_packet("10.8.0.2", 1000, "10.8.0.1", 2000, content));
    }
    expect_running(p);
    send_signal(p, SIGKILL);
    wait_exit(p);
    expect_no_tun(NULL, "tun0");
}

CHECK(any_tunnel, CORE, "tun", "Whatever device there is", .as_root = true)
{
    talk(TUN_ANY, "plain");
}

CHECK(emulated_tunnel, CORE, "tun", "The emulation", .as_root = true)
{
    talk(TUN_EMULATED, "plain");
}

CHECK(emulated_tunnel_with_info, CORE, "tun", "The emulation, with four bytes before each packet",
      .as_root = true)
{
    talk(TUN_EMULATED, "info");
}

CHECK(damaged_packet, CORE, "tun", "fails: a byte is another one", .as_root = true)
{
    talk(TUN_EMULATED, "damage");
}

CHECK(tunnel_is_down, CORE, "tun", "fails: nobody sets it up", .as_root = true)
{
    start_with((.tun = TUN_EMULATED), "down");
    expect_tun(NULL, "tun0", within(500));
}
