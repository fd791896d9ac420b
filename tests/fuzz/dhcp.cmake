lux_fuzzer(dhcp SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_dhcp.c LINKS harness event base PkgConfig::uv)
