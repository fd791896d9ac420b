# DNS and syslog: clients of them, and the checks that serve these.
add_executable(wire_subject ${CMAKE_CURRENT_LIST_DIR}/wire_subject.c
  ${CMAKE_SOURCE_DIR}/engine/harness/sha1.c)
set_target_properties(wire_subject PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/harness OUTPUT_NAME wire)
target_include_directories(wire_subject PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/engine)
lux_test(wire
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/wire.c ${CMAKE_CURRENT_LIST_DIR}/wire_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_wire wire_subject)
