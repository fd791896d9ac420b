# Manual pages and completions.
add_test(NAME manual COMMAND ${CMAKE_CURRENT_LIST_DIR}/manual.sh ${CMAKE_BINARY_DIR})
