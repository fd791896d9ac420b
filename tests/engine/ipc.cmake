# Unix sockets, FIFOs, message queues: a program that uses them, and the checks that look at it.
add_executable(ipc_subject ${CMAKE_CURRENT_LIST_DIR}/ipc_subject.c)
set_target_properties(ipc_subject PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/harness OUTPUT_NAME ipc)
target_link_libraries(ipc_subject PRIVATE rt)
lux_test(ipc
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/ipc.c ${CMAKE_CURRENT_LIST_DIR}/ipc_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_ipc ipc_subject)
