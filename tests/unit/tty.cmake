lux_test(input SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_input.c LINKS tty base)
lux_test(keyname SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_keyname.c LINKS tty base)
