lux_fuzzer(input SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_input.c LINKS tty base)
