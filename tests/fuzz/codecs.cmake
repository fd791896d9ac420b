lux_fuzzer(codecs SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_codecs.c LINKS harness event base PkgConfig::uv)
