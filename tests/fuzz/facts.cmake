lux_fuzzer(facts SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_facts.c LINKS harness event base PkgConfig::uv)
