# A program with many faults, compiled like a learner's, and checks that find each.
add_executable(harness_subject ${CMAKE_CURRENT_LIST_DIR}/harness_subject.c)
set_target_properties(harness_subject PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/harness OUTPUT_NAME subject)
target_link_libraries(harness_subject PRIVATE pthread rt)
lux_test(harness
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness.c ${CMAKE_CURRENT_LIST_DIR}/harness_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_harness harness_subject)
foreach(level nopid shared)
  add_test(NAME harness_${level} COMMAND test_harness)
  set_tests_properties(harness_${level} PROPERTIES TIMEOUT 300 ENVIRONMENT LUX_SANDBOX=${level})
endforeach()
