lux_test(ui SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_ui.c LINKS ui base)
