lux_fuzzer(codecs SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_codecs.c ${CMAKE_CURRENT_LIST_DIR}/no_leaks.c LINKS harness event base PkgConfig::uv)
