lux_test(harness_dhcp
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness_dhcp.c
  LINKS harness event base PkgConfig::uv)
# The harness frees nothing: a check ends with its process.
set_tests_properties(harness_dhcp PROPERTIES ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
