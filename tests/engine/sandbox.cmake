# Each runs twice: as the caller, and, when that is root, as nobody.
foreach(topic sandbox sandbox_life sandbox_refusals)
  lux_test(${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${topic}.c ${CMAKE_CURRENT_LIST_DIR}/sandbox_help.c
           LINKS sandbox base)
  add_test(NAME ${topic}_as_nobody COMMAND test_${topic} --as-nobody)
  set_tests_properties(${topic}_as_nobody PROPERTIES TIMEOUT 120)
endforeach()
