lux_test(vt_guard SOURCES ${CMAKE_CURRENT_LIST_DIR}/vt_guard_test.c LINKS vt base)
lux_test(vt_screen SOURCES ${CMAKE_CURRENT_LIST_DIR}/vt_screen_test.c LINKS vt ui base)
lux_test(vt_history SOURCES ${CMAKE_CURRENT_LIST_DIR}/vt_history_test.c LINKS vt ui base)
lux_test(vt_input SOURCES ${CMAKE_CURRENT_LIST_DIR}/vt_input_test.c LINKS vt ui base)
