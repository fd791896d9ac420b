/* What the screen reads and writes besides: what counts as a change of a workspace, and where one stopped. */
#include "../unit/cmocka_all.h"

#include "scenes.h"

#include "app/session.h"
#include "app/update.h"
#include "base/file.h"
#include "base/mem.h"
#include "watch/watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *temp_dir(void)
{
    char *dir = xstrdup("/tmp/lux-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static void write_file(const char *dir, const char *name, const char *text)
{
    struct error err = {0};
    autofree char *path = path_join(dir, name);
    if (file_write_atomic(path, text, strlen(text), 0644, &err) < 0)
        fail_msg("%s", err.text);
}

static void remove_dir(char *dir)
{
    autofree char *command = xasprintf("rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
    free(dir);
}

static void what_editors_and_builds_leave_does_not_count(void **state)
{
    (void)state;
    static const char *const noise[] = {".main.c.swp", "4913",   "main.c~", "#main.c#",
                                        ".#main.c",    "main.o", "server",  "target",
                                        "__pycache__", ".git",   "x.pyc",   "core"};
    static const char *const source[] = {"main.c",   "main.go", "go.mod",  "Makefile",
                                         "build.sh", "src",     "servers", "data.txt"};
    for (size_t i = 0; i < ARRAY_LEN(noise); i++)
        assert_false(watch_counts(noise[i], "server"));
    for (size_t i = 0; i < ARRAY_LEN(source); i++)
        assert_true(watch_counts(source[i], "server"));
}

static void a_save_changes_the_signature_and_a_build_does_not(void **state)
{
    (void)state;
    char *dir = temp_dir();
    write_file(dir, "main.c", "int main(void) {}\n");
    uint64_t before = watch_signature(dir, "server");
    write_file(dir, "server", "the binary");
    write_file(dir, "main.o", "an object");
    write_file(dir, "server-debug", "\177ELF a binary of another name");
    autofree char *binary = path_join(dir, "server-debug");
    assert_int_equal(chmod(binary, 0755), 0);
    assert_true(watch_signature(dir, "server") == before);
    write_file(dir, "main.c", "int main(void) { return 0; }\n");
    uint64_t saved = watch_signature(dir, "server");
    assert_true(saved != before);
    autofree char *sub = path_join(dir, "src");
    assert_int_equal(mkdir(sub, 0755), 0);
    write_file(dir, "src/echo.c", "int x;\n");
    assert_true(watch_signature(dir, "server") != saved);
    remove_dir(dir);
}

static void on_change(void *user)
{
    ++*(int *)user;
}

static void on_late(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/* Runs the loop until `changes` is `wanted`, or ten seconds are over. */
static void wait_for_changes(uv_loop_t *loop, const int *changes, int wanted)
{
    uv_timer_t late;
    uv_timer_init(loop, &late);
    uv_timer_start(&late, on_late, 10000, 0);
    while (*changes < wanted && uv_is_active((uv_handle_t *)&late))
        uv_run(loop, UV_RUN_ONCE);
    assert_int_equal(*changes, wanted);
    uv_close((uv_handle_t *)&late, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
}

static void more_directories_than_can_be_watched_are_looked_at(void **state)
{
    (void)state;
    char *dir = temp_dir();
    uv_loop_t loop;
    int changes = 0;
    assert_int_equal(uv_loop_init(&loop), 0);
    struct watch *w = watch_new(&loop, on_change, &changes);
    assert_null(watch_start(w, dir, "server"));
    write_file(dir, "main.c", "int main(void) {}\n");
    wait_for_changes(&loop, &changes, 1);
    assert_null(watch_polls(w));

    /* Beyond what can be watched while it is being watched: it says so with the change that it saw. */
    for (int i = 0; i < 70; i++) {
        autofree char *name = xasprintf("%s/part-%d", dir, i);
        assert_int_equal(mkdir(name, 0755), 0);
    }
    write_file(dir, "part-69/a.c", "int a;\n");
    write_file(dir, "b.c", "int b;\n");
    while (changes < 2 || !watch_polls(w))
        wait_for_changes(&loop, &changes, changes + 1);
    assert_non_null(strstr(watch_polls(w), "64 directories"));
    int before = changes;
    write_file(dir, "part-69/a.c", "int a = 3;\n");
    wait_for_changes(&loop, &changes, before + 1);

    assert_non_null(watch_start(w, dir, "server")); /* and from the beginning */
    write_file(dir, "part-69/a.c", "int a = 34;\n");
    wait_for_changes(&loop, &changes, before + 2);
    watch_free(w);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    remove_dir(dir);
}

static void the_session_brings_back_the_challenge_and_the_place(void **state)
{
    (void)state;
    char *dir = temp_dir();
    struct error err = {0};
    setenv("XDG_STATE_HOME", dir, 1);
    struct model *m = scene_new(24, 80);
    assert_null(session_load(m));
    scene_keys(m, "j j j h");
    int scroll = model_open_item(m)->scroll;
    assert_int_equal(session_save(m, &err), 0);
    scene_free(m);
    m = scene_new(24, 80);
    autofree char *slug = session_load(m);
    assert_string_equal(slug, "tcp-echo-server");
    m->reader.lesson_of = m->n_items; /* as before the first layout */
    update_settle(m);
    assert_int_equal(m->items[1].scroll, scroll);
    assert_int_equal(m->items[1].hints_shown, 1);
    scene_free(m);
    write_file(dir, "lux/session", "place tcp-echo-server -3 99\nchallenge\nnonsense\n\nplace nowhere 1 1\n");
    m = scene_new(24, 80);
    assert_null(session_load(m));
    assert_int_equal(m->items[1].place, 0);
    scene_free(m);
    remove_dir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_editors_and_builds_leave_does_not_count),
        cmocka_unit_test(a_save_changes_the_signature_and_a_build_does_not),
        cmocka_unit_test(more_directories_than_can_be_watched_are_looked_at),
        cmocka_unit_test(the_session_brings_back_the_challenge_and_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
