lux_test(contracts SOURCES ${CMAKE_CURRENT_LIST_DIR}/contracts.c LINKS challenges harness course base)
lux_test(browse SOURCES ${CMAKE_CURRENT_LIST_DIR}/browse.c LINKS base PkgConfig::jansson)
add_dependencies(test_browse lux)
