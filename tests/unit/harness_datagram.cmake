lux_test(harness_datagram
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness_datagram.c
  LINKS harness event base PkgConfig::uv)
