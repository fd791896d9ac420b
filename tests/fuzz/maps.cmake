lux_fuzzer(maps SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_maps.c LINKS harness event base PkgConfig::uv)
