/* The two halves of the unit tests of the harness. */
#ifndef TESTS_HARNESS_PARTS_H
#define TESTS_HARNESS_PARTS_H

int test_diagnoses(void);

#endif
