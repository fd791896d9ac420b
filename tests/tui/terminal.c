/* The terminal pane with real programs in it: looking back and copying, pasting, the mouse, vim and less, a
 * stop and its end, a shell that dies, many sizes one after the other. On the rendered screen. */
#include "cmocka_all.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "home.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What luxtui gave to the outer terminal's clipboard last, in base64. */
static bool was_copied(struct ptest *p, const char *base64)
{
    size_t n;
    autofree char *whole = xasprintf("\033]52;c;%s\033\\", base64);
    return strstr(pt_tail(p, &n), whole) != NULL;
}

static void mouse(struct ptest *p, int button, int row, int col, bool press)
{
    autofree char *report = xasprintf("\033[<lt>%d;%d;%d%c", button, col + 1, row + 1, press ? 'M' : 'm');
    pt_keys(p, report);
}

static void one_looks_back_finds_and_copies(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    pt_keys(p, "seq -f 'number-%g' 1 500<Enter>");
    pt_wait_text(p, "number-500");
    pt_sync(p);
    pt_keys(p, "<C-g>[?number-123<Enter>");
    pt_wait_text(p, "number-123");
    pt_wait_text(p, "q back");
    pt_keys(p, "v$y");
    pt_wait_text(p, "Copied: number-123");
    assert_true(was_copied(p, "bnVtYmVyLTEyMw=="));
    pt_wait_text(p, "number-500"); /* at the end again */
    pt_keys(p, "echo [<C-g>]]<Enter>");
    pt_wait_text(p, "[number-123]");
    home_leave(p);
}

static void output_goes_on_while_one_looks_back(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    struct error err;
    autofree char *go = path_join(home_dir(), "go");
    pt_keys(p, "seq 1000 109''9; (while [ ! -e ~/go ]; do sleep 0.01; done; seq 2000 2009) &<Enter>");
    pt_wait_text(p, "1099");
    pt_sync(p);
    pt_keys(p, "<C-g>[<PgUp>");
    pt_wait_gone(p, "1099");
    assert_int_equal(file_write_atomic(go, "", 0, 0644, &err), 0);
    pt_wait_text(p, "+10 new");
    assert_false(pt_has(p, "2009"));
    pt_keys(p, "<C-g>]"); /* says so, and stays */
    pt_wait_text(p, "Nothing was copied yet");
    pt_keys(p, "q");
    pt_wait_text(p, "2009");
    home_leave(p);
}

static void several_lines_are_asked_for_before_they_run(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    pt_paste(p, "echo one-''line");
    pt_wait_text(p, "ready% echo one-''line");
    pt_keys(p, "<C-u>");
    pt_wait_gone(p, "one-''line");
    pt_paste(p, "echo first-''line\necho second-''line\n");
    pt_wait_text(p, "Paste 2 lines?");
    assert_false(pt_has(p, "first-line"));
    pt_keys(p, "n");
    pt_wait_gone(p, "Paste 2 lines?");
    pt_sync(p);
    assert_false(pt_has(p, "first-"));
    pt_paste(p, "echo first-''line\necho second-''line\n");
    pt_wait_text(p, "Paste 2 lines?");
    pt_keys(p, "y");
    pt_wait_text(p, "second-line");
    pt_wait_text(p, "first-line");
    home_leave(p);
}

/* bash knows pasted text from typed text: nothing runs, and nobody is asked. */
static void a_shell_that_knows_pasted_text_gets_it_at_once(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/bash");
    pt_paste(p, "echo first-''line\necho second-''line\n");
    pt_wait_text(p, "echo second-''line");
    pt_sync(p);
    assert_false(pt_has(p, "Paste 2 lines?"));
    assert_false(pt_has(p, "first-line"));
    pt_keys(p, "<Enter>");
    pt_wait_text(p, "second-line");
    home_leave(p);
}

/* In parts of one read each, and the end has to be the end. */
static void a_long_paste_arrives_whole(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/bash");
    struct buf text = {0};
    for (int i = 0; i < 30000; i++)
        buf_printf(&text, "%07d\n", i);
    pt_keys(p, "vim -u NONE --clean pasted.txt<Enter>");
    pt_wait_text(p, "pasted.txt");
    pt_keys(p, "i");
    pt_wait_text(p, "INSERT");
    pt_paste(p, buf_str(&text));
    pt_wait_any(p, (const char *const[]){"0029999", NULL}, 60000);
    pt_keys(p, "<Esc>:wq<Enter>");
    pt_wait_text(p, "ready%");
    pt_keys(p, "md5sum pasted.txt; wc -l pasted.txt; echo all-''done<Enter>");
    pt_wait_text(p, "30001 pasted.txt");
    buf_free(&text);
    pt_wait_text(p, "all-done"); /* by the shell itself: nothing else runs any more */
    home_leave(p);
}

static void the_mouse_selects_and_the_wheel_scrolls(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    int row, col;
    pt_keys(p, "seq -f 'number-%g' 1 300<Enter>");
    pt_wait_text(p, "number-300");
    pt_sync(p);
    assert_true(pt_find(p, "number-299", &row, &col));
    mouse(p, 0, row, col, true);
    mouse(p, 32, row, col + 5, true);
    mouse(p, 0, row, col + 5, false);
    pt_wait_text(p, "Copied: number");
    mouse(p, 0, row - 1, col + 8, true); /* twice in one place: the word */
    mouse(p, 0, row - 1, col + 8, false);
    mouse(p, 0, row - 1, col + 8, true);
    mouse(p, 0, row - 1, col + 8, false);
    pt_wait_text(p, "Copied: number-298");
    for (int i = 0; i < 40; i++)
        mouse(p, 64, row, col, true);
    pt_wait_text(p, "number-170");
    for (int i = 0; i < 40; i++)
        mouse(p, 65, row, col, true);
    pt_wait_text(p, "number-300");
    pt_keys(p, "echo ba''ck<Enter>"); /* the wheel has led back into the shell */
    pt_wait_text(p, "back");
    home_leave(p);
}

/* vim asked for the mouse and gets it; less did not, and the wheel becomes arrow keys. */
static void programs_get_the_mouse_that_they_ask_for(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    int row, col;
    pt_keys(p, "seq 1 200 > numbers; vim numbers<Enter>");
    pt_wait_text(p, "\"numbers\" 200L");
    pt_sync(p);
    pt_wait_text(p, "1,1");
    assert_true(pt_find(p, "┃12 ", &row, &col));
    mouse(p, 0, row, col + 1, true);
    mouse(p, 0, row, col + 1, false);
    pt_wait_text(p, "12,1");
    pt_keys(p, ":q<Enter>");
    pt_wait_text(p, "ready%");
    pt_keys(p, "less numbers<Enter>");
    pt_wait_gone(p, "ready%");
    pt_wait_text(p, "numbers");
    pt_sync(p);
    for (int i = 0; i < 10; i++)
        mouse(p, 65, row, col + 1, true);
    pt_wait_text(p, "┃31 ");
    assert_false(pt_has(p, "q back"));
    pt_keys(p, "q");
    pt_wait_text(p, "ready%");
    home_leave(p);
}

static void a_dead_shell_is_told_and_begins_anew(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    pt_keys(p, "kill -9 $$<Enter>");
    pt_wait_text(p, "was ended by signal 9");
    pt_keys(p, "<Enter>");
    pt_wait_gone(p, "was ended by signal 9");
    pt_wait_text(p, "ready%");
    pt_keys(p, "exit 3<Enter>");
    pt_wait_text(p, "ended with status 3");
    home_leave(p);
}

/* Stopped and continued by a shell with job control: the terminal is the shell's in between. */
static void it_can_be_stopped_and_goes_on(void **state)
{
    (void)state;
    const char *env[] = {home_env(), home_path(), "SHELL=/bin/sh", "PS1=ready% ", "LUXTUI_TEST=1", NULL};
    const char *argv[] = {"/bin/bash", "--norc", "--noprofile", "-i", NULL};
    struct ptest *p =
        pt_start(&(struct pt_options){.rows = 40, .cols = 120, .argv = argv, .env = env, .cwd = home_dir()});
    pt_wait_text(p, "ready%");
    pt_keys(p, LUXTUI " 2<Enter>");
    pt_wait_text(p, "Stages");
    pt_keys(p, "t");
    pt_wait_text(p, "leaves");
    pt_wait_text(p, "┃ready%");
    pt_keys(p, "echo before-''stop<Enter>");
    pt_wait_text(p, "┃before-stop");
    pt_keys(p, "<F12>");
    pt_sync(p);
    pt_keys(p, "<C-z>");
    pt_wait_text(p, "Stopped");
    assert_false(pt_has(p, "Stages"));
    pt_keys(p, "stty -a | grep -o ' icanon'; fg<Enter>");
    pt_wait_text(p, "before-stop");
    pt_sync(p);
    pt_keys(p, "t");
    pt_sync(p);
    pt_keys(p, "echo after-''stop<Enter>");
    pt_wait_text(p, "┃after-stop");
    pt_keys(p, "<F12>q");
    pt_wait_gone(p, "Stages");
    pt_wait_text(p, " icanon");
    pt_keys(p, "exit<Enter>");
    pt_wait_exit(p);
    pt_free(p);
}

/* As when somebody drags at a window's corner: the last size counts, and nothing is lost. */
static void many_sizes_end_in_the_last_one(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    pt_keys(p, "seq 1 2000; echo storm-''begins<Enter>");
    pt_wait_text(p, "storm-begins");
    for (int i = 0; i < 300; i++)
        pt_resize(p, 5 + i * 7 % 60, 10 + i * 13 % 200);
    pt_resize(p, 40, 120);
    pt_sync(p);
    pt_wait_text(p, "storm-begins");
    pt_keys(p, "vim storm.txt<Enter>");
    pt_wait_text(p, "\"storm.txt\" [New]");
    for (int i = 0; i < 100; i++)
        pt_resize(p, 5 + i * 7 % 60, 10 + i * 13 % 200);
    pt_resize(p, 40, 120);
    pt_sync(p);
    pt_keys(p, ":q<Enter>");
    pt_wait_text(p, "ready% vim storm.txt");
    pt_wait_text(p, "storm-begins");
    pt_keys(p, "echo vim-''ended<Enter>");
    pt_wait_text(p, "vim-ended");
    home_leave(p);
}

static void a_zoomed_terminal_says_how_the_rest_comes_back(void **state)
{
    (void)state;
    struct ptest *p = home_open_shell("/bin/sh");
    pt_resize(p, 24, 80);
    pt_sync(p);
    pt_keys(p, "<C-g>z");
    pt_wait_text(p, "C-g then z zooms out, ? more   F12 leaves   "); /* and nothing on top of each other */
    assert_true(pt_has(p, " other keys go to the shell"));
    pt_keys(p, "<C-g>z");
    pt_wait_text(p, "C-g then q leaves");
    pt_resize(p, 40, 120);
    pt_sync(p);
    home_leave(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_looks_back_finds_and_copies),
        cmocka_unit_test(output_goes_on_while_one_looks_back),
        cmocka_unit_test(several_lines_are_asked_for_before_they_run),
        cmocka_unit_test(a_shell_that_knows_pasted_text_gets_it_at_once),
        cmocka_unit_test(a_long_paste_arrives_whole),
        cmocka_unit_test(the_mouse_selects_and_the_wheel_scrolls),
        cmocka_unit_test(programs_get_the_mouse_that_they_ask_for),
        cmocka_unit_test(a_dead_shell_is_told_and_begins_anew),
        cmocka_unit_test(it_can_be_stopped_and_goes_on),
        cmocka_unit_test(many_sizes_end_in_the_last_one),
        cmocka_unit_test(a_zoomed_terminal_says_how_the_rest_comes_back),
    };
    return cmocka_run_group_tests(tests, home_make, home_remove);
}
