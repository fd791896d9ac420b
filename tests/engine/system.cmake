# Trees, small disks, signals: a program that uses them, and the checks that look at it.
add_executable(system_subject ${CMAKE_CURRENT_LIST_DIR}/system_subject.c)
set_target_properties(system_subject PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/harness OUTPUT_NAME system)
target_link_libraries(system_subject PRIVATE pthread)
lux_test(system
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/system.c ${CMAKE_CURRENT_LIST_DIR}/system_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_system system_subject)
