lux_test(markdown SOURCES ${CMAKE_CURRENT_LIST_DIR}/markdown.c LINKS markdown ui base)
