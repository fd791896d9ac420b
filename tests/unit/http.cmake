lux_test(harness_http
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness_http.c
  LINKS harness event base PkgConfig::uv)
