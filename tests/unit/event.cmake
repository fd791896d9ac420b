lux_test(event SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/event.c LINKS event base)
