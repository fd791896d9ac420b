# Tunnels: a program that has one, and the checks that look at it.
add_executable(tun_subject ${CMAKE_CURRENT_LIST_DIR}/tun_subject.c)
set_target_properties(tun_subject PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/harness OUTPUT_NAME tun)
lux_test(tun
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/tun.c ${CMAKE_CURRENT_LIST_DIR}/tun_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_tun tun_subject)
