lux_fuzzer(maps SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_maps.c ${CMAKE_CURRENT_LIST_DIR}/no_leaks.c LINKS harness event base PkgConfig::uv)
