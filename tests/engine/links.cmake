# Machines and wires, and what programs and the checker do on them.
lux_test(links
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/links.c ${CMAKE_CURRENT_LIST_DIR}/links_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_links harness_subject)
