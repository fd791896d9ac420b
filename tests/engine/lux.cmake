# lux as a learner runs it: as the caller, and, when that is root, as nobody too.
foreach(topic lux lux_by_hand lux_hostile lux_levels lux_life lux_moving lux_past)
  lux_test(${topic}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/${topic}.c ${CMAKE_CURRENT_LIST_DIR}/lux_help.c ${CMAKE_CURRENT_LIST_DIR}/contain.c
            ${CMAKE_CURRENT_LIST_DIR}/wellformed.c
    LINKS event db base TIMEOUT 300)
  target_include_directories(test_${topic} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../unit)
  add_dependencies(test_${topic} lux)
  add_test(NAME ${topic}_as_nobody COMMAND test_${topic} --as-nobody)
  set_tests_properties(${topic}_as_nobody PROPERTIES TIMEOUT 300)
endforeach()
foreach(level nopid shared)
  foreach(topic lux_hostile lux_life)
    add_test(NAME ${topic}_${level} COMMAND test_${topic})
    add_test(NAME ${topic}_${level}_as_nobody COMMAND test_${topic} --as-nobody)
    set_tests_properties(${topic}_${level} ${topic}_${level}_as_nobody PROPERTIES
      TIMEOUT 300 ENVIRONMENT LUX_SANDBOX=${level})
  endforeach()
endforeach()
add_test(NAME symbols COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/symbols.sh ${CMAKE_BINARY_DIR})
