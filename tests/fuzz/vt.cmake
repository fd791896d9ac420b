lux_fuzzer(vt SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_vt.c LINKS vt ui base)
