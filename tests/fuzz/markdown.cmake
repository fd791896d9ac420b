lux_fuzzer(markdown SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_markdown.c LINKS markdown ui base)
