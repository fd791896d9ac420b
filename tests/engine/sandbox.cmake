# Each runs twice: as the caller, and, when that is root, as nobody.
foreach(topic sandbox sandbox_life sandbox_refusals)
  lux_test(${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${topic}.c ${CMAKE_CURRENT_LIST_DIR}/sandbox_help.c
                   ${CMAKE_CURRENT_LIST_DIR}/contain.c
           LINKS sandbox base)
  add_test(NAME ${topic}_as_nobody COMMAND test_${topic} --as-nobody)
  set_tests_properties(${topic}_as_nobody PROPERTIES TIMEOUT 120)
endforeach()
# How it ends, at the lower levels too.
foreach(level nopid shared)
  add_test(NAME sandbox_life_${level} COMMAND test_sandbox_life)
  add_test(NAME sandbox_life_${level}_as_nobody COMMAND test_sandbox_life --as-nobody)
  set_tests_properties(sandbox_life_${level} sandbox_life_${level}_as_nobody PROPERTIES
    TIMEOUT 300 ENVIRONMENT LUX_SANDBOX=${level})
endforeach()
