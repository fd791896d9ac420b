lux_test(harness_parts
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/harness_parts.c ${CMAKE_CURRENT_LIST_DIR}/harness_diagnose.c
  LINKS harness event base PkgConfig::uv)
lux_test(history SOURCES ${CMAKE_CURRENT_LIST_DIR}/history.c LINKS harness base)
