lux_test(harness_codecs
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness_codecs.c
  LINKS harness event base PkgConfig::uv)
# The harness frees nothing: a check ends with its process.
set_tests_properties(harness_codecs PROPERTIES ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
