lux_test(runner SOURCES ${CMAKE_CURRENT_LIST_DIR}/runner.c LINKS runner course event sandbox base)
target_include_directories(test_runner PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../unit)
