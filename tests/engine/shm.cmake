# Shared memory objects: a program that uses them, and the checks that look at it.
add_executable(shm_subject ${CMAKE_CURRENT_LIST_DIR}/shm_subject.c)
set_target_properties(shm_subject PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/harness OUTPUT_NAME shm)
target_link_libraries(shm_subject PRIVATE rt)
lux_test(shm
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/shm.c ${CMAKE_CURRENT_LIST_DIR}/shm_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_shm shm_subject)
