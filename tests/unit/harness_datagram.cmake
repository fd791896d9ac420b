lux_test(harness_datagram
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness_datagram.c
  LINKS harness event base PkgConfig::uv)
# The harness frees nothing: a check ends with its process.
set_tests_properties(harness_datagram PROPERTIES ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
