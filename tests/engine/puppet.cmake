# The puppet, and the checks that speak of it.
lux_test(puppet
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/puppet.c ${CMAKE_CURRENT_LIST_DIR}/puppet_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_puppet harness_subject)
