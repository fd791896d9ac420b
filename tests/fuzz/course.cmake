lux_fuzzer(lesson SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_lesson.c LINKS course base)
lux_fuzzer(course SOURCES ${CMAKE_CURRENT_LIST_DIR}/fuzz_course.c LINKS course workspace base)
