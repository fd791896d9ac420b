lux_fuzzer(event SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_event.c LINKS event base)
