# End to end: luxtui in a pseudo-terminal, with lux, vim, cc and a shell behind it.
add_library(ptest STATIC ${CMAKE_CURRENT_LIST_DIR}/ptest.c)
target_include_directories(ptest PUBLIC ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_SOURCE_DIR}/tests/unit)
target_link_libraries(ptest PUBLIC vt ui base PkgConfig::cmocka PRIVATE lux_compiler)

lux_test(newcomer SOURCES ${CMAKE_CURRENT_LIST_DIR}/newcomer.c LINKS ptest base TIMEOUT 300)
set_tests_properties(newcomer PROPERTIES RUN_SERIAL ON)

lux_test(terminal SOURCES ${CMAKE_CURRENT_LIST_DIR}/terminal.c LINKS ptest base TIMEOUT 300)
set_tests_properties(terminal PROPERTIES RUN_SERIAL ON)
