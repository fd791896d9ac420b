#include "base/mem.h"
#include "harness/children.h"
#include "harness/harness.h"
#include "harness/leftovers.h"
#include "harness/level.h"
#include "harness/memory.h"
#include "harness/report.h"
#include "harness/world.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <unistd.h>

/* Descriptors 0 to 2 are taken, so that none of ours has a number that a program's stdin, stdout or stderr
 * gets. */
static void fill_standard_descriptors(void)
{
    int fd;

    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        ;
    if (fd >= 0)
        close(fd);
}

int harness_main(void *context)
{
    const struct harness_run *run = context;

    world.run = run;
    world.program_name = format("./%s", run->spec->binary);
    fill_standard_descriptors();
    report_prepare();
    world_begin(run);
    children_watch();
    if (run->check->as_root)
        require_root();
    leftovers_begin();
    memory_watch();
    run->check->run();
    if (memory_excess())
        claim(false, "%s; %s", memory_rule(), memory_excess());
    leftovers_note();
    report_pass();
    return 0;
}
