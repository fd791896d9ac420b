lux_test(report
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/report.c ${CMAKE_CURRENT_LIST_DIR}/../engine/wellformed.c
  LINKS report event base)
target_include_directories(test_report PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../engine)
