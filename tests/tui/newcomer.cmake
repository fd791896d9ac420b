# End to end: luxtui in a pseudo-terminal, with lux, vim, cc and a shell behind it.
add_library(ptest STATIC ${CMAKE_CURRENT_LIST_DIR}/ptest.c)
target_include_directories(ptest PUBLIC ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_SOURCE_DIR}/tests/unit)
target_link_libraries(ptest PUBLIC vt ui base PkgConfig::cmocka PRIVATE lux_compiler)

lux_test(newcomer SOURCES ${CMAKE_CURRENT_LIST_DIR}/newcomer.c LINKS ptest base TIMEOUT 300)
set_tests_properties(newcomer PROPERTIES RUN_SERIAL ON)

foreach(topic terminal trouble)
  lux_test(${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${topic}.c ${CMAKE_CURRENT_LIST_DIR}/home.c LINKS ptest base TIMEOUT 300)
  set_tests_properties(${topic} PROPERTIES RUN_SERIAL ON)
endforeach()

# The emulator of the terminal pane beside tmux. No matter of memory, and slow under a sanitizer.
lux_test(programs SOURCES ${CMAKE_CURRENT_LIST_DIR}/programs.c LINKS ptest base TIMEOUT 300)
set_tests_properties(programs PROPERTIES LABELS release-only)
