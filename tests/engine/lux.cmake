# lux as a learner runs it.
foreach(topic lux)
  lux_test(${topic}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/${topic}.c ${CMAKE_CURRENT_LIST_DIR}/lux_help.c ${CMAKE_CURRENT_LIST_DIR}/wellformed.c
    LINKS event db base TIMEOUT 180)
  target_include_directories(test_${topic} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../unit)
  add_dependencies(test_${topic} lux)
endforeach()
