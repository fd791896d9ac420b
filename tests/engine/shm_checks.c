/* Tiny checks of shared memory, lines and naps, and the programs that break them: shm.c runs them. */
#include "harness/check.h"
#include "harness/processes.h"
#include "harness/shm.h"

#include <string.h>

CHALLENGE("shm");

CHECK(object_is_made, CORE, "shm", "A program makes an object, and has it mapped")
{
    const char *name = shm_name();

    claim(!shm_is_there(name), "the name is new");
    Program *p = start("writer", name);
    expect_shm(name);
    expect_shm_mapped(p, name);
    expect_stdout(p, "written\n");
    claim(shm_size(name) == 10000 && shm_permissions(name) == 0600, "its length and permissions");
    claim(memcmp(shm_content(name).data, "hello", 6) == 0, "what is in it");
    shm_remove(name);
    expect_shm_mapped(p, name);
}

CHECK(object_is_read, CORE, "shm", "The checker makes an object")
{
    const char *name = shm_name();

    shm_make(name, text("from the checker"));
    Bytes line = next_stdout_line(start("reader", name));
    claim(line.size == 16 && memcmp(line.data, "from the checker", 16) == 0, "the line has no line feed");
    shm_remove(name);
    Program *p = start("remover", name);
    expect_stdout(p, "removed\n");
    expect_no_shm(name);
    expect_shm_mapped(p, name);
}

CHECK(object_is_not_made, CORE, "shm", "fails: nobody makes the object")
{
    start("sleeper");
    expect_shm(shm_name(), within(500));
}

CHECK(object_stays, CORE, "shm", "fails: the object is still there")
{
    const char *name = shm_name();

    accept_leftovers();
    expect_stdout(start("writer", name), "written\n");
    expect_no_shm(name, within(500));
}

CHECK(mapped_for_itself, CORE, "shm", "fails: the mapping is private")
{
    const char *name = shm_name();

    accept_leftovers();
    expect_shm_mapped(start("loner", name), name, within(500));
}

CHECK(mapped_to_read, CORE, "shm", "fails: the mapping is read-only")
{
    const char *name = shm_name();

    accept_leftovers();
    expect_shm_mapped(start("reader", name), name, within(500));
}

CHECK(line_is_missing, CORE, "line", "fails: the second line has no end")
{
    Program *p = start("half");

    next_stdout_line(p);
    next_stdout_line(p);
}

CHECK(naps_are_counted, CORE, "naps", "One program sleeps, another one looks every 5 ms")
{
    Program *sleeper = start("sleeper"), *dreamer = start("dreamer");

    wait_until_idle(sleeper);
    claim(naps_while_idle(sleeper, 500) <= 2, "one that sleeps does not wake up");
    claim(naps_while_idle(dreamer, 500) > 5, "one that looks again does");
}
