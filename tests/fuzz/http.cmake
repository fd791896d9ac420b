lux_fuzzer(http SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_http.c LINKS harness event base PkgConfig::uv)
