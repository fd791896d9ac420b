/* Any bytes as a lesson: it is taken apart or refused with a sentence. */
#include "base/mem.h"
#include "course/course.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lesson lesson;
    struct error err = {""};

    if (lesson_parse("lesson.md", (const char *)data, size, &lesson, &err)) {
        if (err.text[0] == '\0')
            abort();
        return 0;
    }
    for (size_t i = 0; i < lesson.n_clauses; i++)
        if (lesson_clause(&lesson, lesson.clauses[i].id) != &lesson.clauses[i] ||
            !lesson.clauses[i].sentence[0])
            abort();
    if (strlen(lesson.body) > size + 1)
        abort();
    lesson_free(&lesson);
    return 0;
}
