lux_test(course SOURCES course.c LINKS course base)
