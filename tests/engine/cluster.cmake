# Clusters behind links that can be cut, and lines: members that pass words on.
add_executable(cluster_subject ${CMAKE_CURRENT_LIST_DIR}/cluster_subject.c)
set_target_properties(cluster_subject PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/harness OUTPUT_NAME gossip)
lux_test(cluster
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/cluster.c ${CMAKE_CURRENT_LIST_DIR}/cluster_checks.c ${CMAKE_CURRENT_LIST_DIR}/harness_help.c
  LINKS harness sandbox event base)
add_dependencies(test_cluster cluster_subject)
