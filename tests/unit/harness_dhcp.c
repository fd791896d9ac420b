/* DHCP messages as bytes: what is built is read back, and what is wrong with others is named. */
#include "harness/dhcppacket.h"

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static const uint8_t discover[] = {53, 1, 1, 55, 3, 1, 3, 6, 255};

static Bytes message_with(const void *options, size_t size)
{
    DhcpMessage m = {.op = 1, .htype = 1, .hlen = 6, .xid = 0x12345678, .secs = 3, .flags = 0x8000};

    m.chaddr[5] = 9;
    return dhcp_build(&m, bytes(options, size));
}

static const char *wrong_with(Bytes message)
{
    DhcpMessage m = {0};

    return dhcp_parse(message, &m);
}

#define wrong_options(...) \
    wrong_with(message_with((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})))

static void what_is_built_is_read_back(void **state)
{
    (void)state;
    DhcpMessage m = {0};

    assert_null(dhcp_parse(message_with(discover, sizeof discover), &m));
    assert_int_equal(m.size, DHCP_SMALLEST);
    assert_int_equal(m.type, DHCP_DISCOVER);
    assert_int_equal(m.xid, 0x12345678);
    assert_int_equal(m.secs, 3);
    assert_int_equal(m.flags, 0x8000);
    assert_int_equal(m.chaddr[5], 9);
    assert_int_equal(m.options[DHCP_PARAMETERS].size, 3);
    assert_null(m.options[DHCP_SERVER].data);
    assert_int_equal(dhcp_number(&m, DHCP_PARAMETERS), 0);
}

static void a_frame_is_read_back_and_its_checksums_are_looked_at(void **state)
{
    (void)state;
    DhcpMessage m = {.from = ipv4_number("10.77.0.1"), .to = UINT32_MAX, .from_port = 68, .to_port = 67}, out;
    const char *wrong;
    Bytes frame = dhcp_build_frame(&m, message_with(discover, sizeof discover));
    uint8_t *p = memcpy(malloc(frame.size), frame.data, frame.size);

    assert_int_equal(dhcp_parse_frame(frame, &out, &wrong), DHCP_FRAME_WHOLE);
    assert_string_equal(ipv4_words(out.from), "10.77.0.1");
    assert_int_equal(out.to, UINT32_MAX);
    assert_int_equal(out.from_port, 68);
    p[60] ^= 1;
    assert_int_equal(dhcp_parse_frame(bytes(p, frame.size), &out, &wrong), DHCP_FRAME_BAD);
    assert_non_null(strstr(wrong, "UDP checksum"));
    p[40] = p[41] = 0; /* there is none */
    assert_int_equal(dhcp_parse_frame(bytes(p, frame.size), &out, &wrong), DHCP_FRAME_WHOLE);
    p[22]++;
    assert_int_equal(dhcp_parse_frame(bytes(p, frame.size), &out, &wrong), DHCP_FRAME_BAD);
    assert_non_null(strstr(wrong, "IP checksum"));
    p[13] = 6;
    assert_int_equal(dhcp_parse_frame(bytes(p, frame.size), &out, &wrong), DHCP_FRAME_OTHER);
    for (size_t size = 0; size < frame.size; size++)
        assert_int_equal(dhcp_parse_frame(bytes(frame.data, size), &out, &wrong), DHCP_FRAME_OTHER);
    free(p);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    Bytes whole = message_with(discover, sizeof discover);
    uint8_t copy[DHCP_SMALLEST];

    assert_non_null(strstr(wrong_with(slice(whole, 0, 239)), "239 bytes"));
    memcpy(copy, whole.data, sizeof copy);
    copy[236] = 98;
    assert_non_null(strstr(wrong_with(bytes(copy, sizeof copy)), "cookie"));
    assert_non_null(strstr(wrong_options(53, 1, 1), "option 255"));
    assert_non_null(strstr(wrong_options(53, 1, 1, 50, 255), "middle of option 50"));
    assert_non_null(strstr(wrong_options(53, 1, 1, 255, 7), "behind option 255"));
    assert_non_null(strstr(wrong_options(12, 1, 1, 255), "option 53"));
    assert_non_null(strstr(wrong_options(53, 2, 1, 1, 255), "option 53"));
}

static void options_are_found_in_other_fields_and_in_pieces(void **state)
{
    (void)state;
    static const uint8_t options[] = {0, 53, 1, 5, 52, 1, 3, 6, 2, 10, 77, 255};
    static const uint8_t file[] = {6, 2, 0, 53, 255}, sname[] = {51, 4, 0, 0, 1, 0, 255};
    DhcpMessage m = {.op = 2}, out = {0};

    memcpy(m.file, file, sizeof file);
    memcpy(m.sname, sname, sizeof sname);
    assert_null(dhcp_parse(dhcp_build(&m, bytes(options, sizeof options)), &out));
    assert_int_equal(out.type, DHCP_ACK);
    assert_int_equal(dhcp_number(&out, DHCP_DNS), ipv4_number("10.77.0.53"));
    assert_int_equal(dhcp_number(&out, DHCP_LEASE), 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_is_read_back),
        cmocka_unit_test(a_frame_is_read_back_and_its_checksums_are_looked_at),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(options_are_found_in_other_fields_and_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
