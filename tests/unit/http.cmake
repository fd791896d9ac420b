lux_test(harness_http
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness_http.c
  LINKS harness event base PkgConfig::uv)
# The harness frees nothing: a check ends with its process.
set_tests_properties(harness_http PROPERTIES ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
