lux_test(forms
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/forms.c ${CMAKE_CURRENT_LIST_DIR}/../mutants/forms.c
  LINKS base)
target_include_directories(test_forms PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../mutants
  ${CMAKE_CURRENT_LIST_DIR}/../engine)
