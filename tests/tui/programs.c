/* Programs of every day in the emulator of the terminal pane, beside the same programs in tmux: the same bytes
 * are typed into both, and both must come to show the same. tmux is an emulator that shares no line with ours.
 * Compared are text and cursor; nothing sleeps: a step ends when its text stands on both screens and the
 * screens agree. */
#include "cmocka_all.h"

#include "ptest.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 24, COLS = 80, STEPS_MAX = 16, PATIENCE_MS = 10000 };

struct step {
    const char *keys; /* bytes, as a keyboard sends them */
    const char *text; /* then on the screen */
};

struct subject {
    const char *command;
    struct step steps[STEPS_MAX]; /* the last one's keys end it: no text */
};

static char home[64];
static char *tmux;           /* the command that speaks to the server of the subject at hand */
static char *environment[8]; /* of both sides; NULL-terminated */

/* ---- The oracle ---- */

static void run(const char *command)
{
    if (system(command) != 0)
        fail_msg("this did not work: %s", command);
}

static void oracle_start(const char *command)
{
    static int number;
    struct buf all = {0};

    free(tmux);
    buf_addstr(&all, "env -i");
    for (char **e = environment; *e; e++)
        buf_printf(&all, " '%s'", *e);
    tmux = xasprintf("%s tmux -S %s/oracle%d", buf_str(&all), home, ++number);
    buf_free(&all);
    autofree char *start = xasprintf("%s -f %s/tmux.conf new-session -d -x %d -y %d \"cd %s && exec %s\"",
                                     tmux, home, COLS, ROWS, home, command);
    run(start);
}

static void oracle_type(const char *keys)
{
    struct buf command = {0};
    buf_printf(&command, "%s send-keys -H", tmux);
    for (const char *k = keys; *k; k++)
        buf_printf(&command, " %02x", (unsigned char)*k);
    run(buf_str(&command));
    buf_free(&command);
}

static void oracle_end(void)
{
    autofree char *end = xasprintf("%s kill-server 2>/dev/null", tmux);
    if (system(end) != 0)
        return; /* it has ended with its program */
}

/* One row as tmux tells it with its attributes: without them, with lines drawn where it names them (between SO and
 * SI, by the letters of the DEC Special Graphics set), and without blanks at its end. */
static void add_row(struct buf *out, const char *row, bool *graphics)
{
    static const char *const lines[128] = {
        ['l'] = "┌", ['q'] = "─", ['k'] = "┐", ['x'] = "│", ['m'] = "└", ['j'] = "┘",
        ['t'] = "├", ['u'] = "┤", ['v'] = "┴", ['w'] = "┬", ['n'] = "┼", ['a'] = "▒"};
    size_t end = out->len;

    for (; *row && *row != '\n'; row++) {
        unsigned char c = (unsigned char)*row;
        if (c == '\033' && row[1] == '[')
            row += strcspn(row, "m");
        else if (c == '\016' || c == '\017')
            *graphics = c == '\016';
        else if (*graphics && c < 128 && lines[c])
            buf_addstr(out, lines[c]);
        else
            buf_addch(out, (char)c);
        if (c != ' ' && c != '\033' && c != '\016' && c != '\017')
            end = out->len;
    }
    out->len = end;
    buf_addch(out, '\n');
}

static void oracle_screen(struct buf *out)
{
    autofree char *look = xasprintf("%s capture-pane -pe 2>/dev/null", tmux);
    FILE *f = popen(look, "r");
    char line[COLS * 64];
    bool graphics = false; /* it goes on in the next row */

    buf_clear(out);
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        add_row(out, line, &graphics);
    pclose(f);
}

/* ---- Side by side ---- */

static void expect_same(struct ptest *p, const struct subject *s, const struct step *step)
{
    struct buf theirs = {0};
    uint64_t begun = clock_now_ns();

    for (;;) {
        oracle_screen(&theirs);
        const char *ours = pt_screen(p);
        if (strstr(ours, step->text) && strcmp(ours, buf_str(&theirs)) == 0)
            break;
        if (clock_ms_since(begun) > PATIENCE_MS) {
            fprintf(stderr, "---- ours\n%s---- tmux\n%s", ours, buf_str(&theirs));
            fail_msg("%s: the screens differ, or \"%s\" never came", s->command, step->text);
        }
        pt_look(p);
    }
    buf_free(&theirs);
}

static void compare(const struct subject *s)
{
    autofree char *there = xasprintf("cd %s && exec %s", home, s->command);
    const char *argv[] = {"/bin/sh", "-c", there, NULL};
    struct ptest *p = pt_start(&(struct pt_options){
        .rows = ROWS, .cols = COLS, .argv = argv, .env = (const char *const *)environment, .cwd = home});

    oracle_start(s->command);
    for (const struct step *step = s->steps; step < s->steps + STEPS_MAX && step->keys; step++) {
        if (*step->keys) {
            pt_bytes(p, step->keys);
            oracle_type(step->keys);
        }
        if (step->text)
            expect_same(p, s, step);
    }
    pt_wait_exit(p);
    pt_free(p);
    oracle_end();
}

/* ---- Programs ---- */

#define UP   "\033[A"
#define DOWN "\033[B"
#define ESC  "\033"

static void vim_edits_and_splits(void **state)
{
    (void)state;
    compare(&(struct subject){"vim -u vimrc text.txt",
                              {{"", "line 1 of"},
                               {"/line 19\r", "line 19"},
                               {"ddpO\tinserted: \xc3\xa4\xe6\xbc\xa2\xe5\xad\x97|" ESC, "漢字"},
                               {":vsplit\r:set number\r", " 20 "},
                               {"Gzz", "line 200"},
                               {":split\rgg", "line 1 of"},
                               {"5\005", "line 9 of"},
                               {"vjjy", "3 lines yanked"},
                               {":qa!\r", NULL}}});
}

static void neovim_draws(void **state)
{
    (void)state;
    compare(&(struct subject){"nvim -u NONE -i NONE --cmd 'set noswapfile shortmess+=I' text.txt",
                              {{"", "line 1 of"},
                               {"ihello \xe2\x9c\x93 ", "-- INSERT --"},
                               {ESC ":split\r", "hello"},
                               {"G", "line 200"},
                               {":qa!\r", NULL}}});
}

static void nano_writes(void **state)
{
    (void)state;
    compare(&(struct subject){"nano -I nano.txt",
                              {{"", "New File"},
                               {"one two three\rfour", "four"},
                               {UP "\001x ", "x one two"},
                               {"\013", "four"},
                               {"\017", "File Name to Write"},
                               {"\r", "Wrote 1 line"},
                               {"\030", NULL}}});
}

static void less_searches(void **state)
{
    (void)state;
    compare(&(struct subject){"less text.txt",
                              {{"", "line 1 of"},
                               {"/line 5\r", "line 5 of"},
                               {"nn", "line 51"},
                               {"G", "(END)"},
                               {"g", "line 1 of"},
                               {"20j", "line 21"},
                               {"q", NULL}}});
}

static void manual_pages_scroll(void **state)
{
    (void)state;
    compare(&(struct subject){"env MANPAGER=less LESS=-R man 7 tcp-of-lux",
                              {{"", "TCP-OF-LUX"}, {"G", "last words"}, {"g", "NAME"}, {"q", NULL}}});
}

static void the_debugger_shows_source(void **state)
{
    (void)state;
    compare(&(struct subject){"gdb -q -nx -tui -iex 'set debuginfod enabled off' -iex 'set pagination off' "
                              "-iex 'set style enabled off' ./subject",
                              {{"", "(gdb)"},
                               {"break main\r", "Breakpoint 1"},
                               {"list\r", "int main"},
                               {DOWN DOWN DOWN, "(gdb)"},
                               {"layout asm\r", "main"},
                               {"quit\r", NULL}}});
}

static void a_finder_narrows(void **state)
{
    (void)state;
    compare(&(struct subject){"sh -c 'seq 1 300 | fzf --no-color'",
                              {{"", "300/300"}, {"29", "/300"}, {"9", "1/300"}, {"\033", NULL}}});
}

static void a_dialog_draws_boxes(void **state)
{
    (void)state;
    compare(&(struct subject){"dialog --menu Which 15 40 5 1 one 2 two 3 three",
                              {{"", "three"}, {"2", "three"}, {"\t", "Cancel"}, {"\r", NULL}}});
}

static void tmux_inside_splits(void **state)
{
    (void)state;
    autofree char *command = xasprintf("tmux -S %s/inner$$ -f %s/tmux.conf", home, home);
    compare(&(struct subject){command,
                              {{"", "%"},
                               {"echo left\r", "left"},
                               {"\002%", "│%"},
                               {"seq 1 50\r", "50"},
                               {"\002\"", "│"},
                               {"exit\r", "50"},
                               {"exit\r", "left"},
                               {"exit\r", NULL}}});
}

static void a_shell_edits_long_lines(void **state)
{
    (void)state;
    compare(&(struct subject){"bash --norc --noprofile -i",
                              {{"", "%"},
                               {"echo 0123456789012345678901234567890123456789012345678901234567890123456789"
                                "01234567890123456789",
                                "56789"},
                               {"\001\006\006\006\006\006XY", "XY"},
                               {"\005Z\r", "789Z"},
                               {"\022echo", "reverse-i-search"},
                               {"\007seq 1 100; printf '\\033[31mred\\033[m\\ttab\\n'\r", "red"},
                               {"exit\r", NULL}}});
}

/* ---- Files ---- */

static void put(const char *name, const char *text)
{
    struct error err;
    autofree char *path = path_join(home, name);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &err), 0);
}

static int set_up(void **state)
{
    struct buf text = {0};
    (void)state;
    snprintf(home, sizeof home, "/tmp/lux-programs-XXXXXX");
    if (!mkdtemp(home))
        return -1;
    char *const both[] = {xasprintf("HOME=%s", home),
                          xasprintf("PATH=%s", getenv("PATH")),
                          xasprintf("MANPATH=%s/man", home),
                          xstrdup("LC_ALL=C.UTF-8"),
                          xstrdup("PS1=% "),
                          xstrdup("SHELL=/bin/sh")};
    memcpy(environment, both, sizeof both);
    for (int i = 1; i <= 200; i++)
        buf_printf(&text, "line %d of a text with a few words%s\n", i,
                   i % 7 ? "" : " \xe2\x80\x94 and a dash");
    put("text.txt", buf_str(&text));
    buf_free(&text);
    put("vimrc",
        "set nocompatible nobackup noswapfile viminfo= shortmess+=I t_RV= t_u7= ruler laststatus=2\n");
    put("tmux.conf",
        "set -g status off\nset -g default-terminal xterm-256color\nset -s escape-time 0\nset -g assume-paste-time 0\n"
        "set -g default-command '/bin/sh'\n");
    put("subject.c",
        "#include <stdio.h>\n\nint main(void)\n{\n    int n = 0;\n    n++;\n    printf(\"%d\\n\", n);\n"
        "    return 0;\n}\n");
    autofree char *page = xasprintf("mkdir -p %s/man/man7", home);
    run(page);
    put("man/man7/tcp-of-lux.7",
        ".TH TCP-OF-LUX 7\n.SH NAME\ntcp-of-lux \\- a page to scroll\n.SH TEXT\n"
        ".B Bold\nand\n.I underlined\nwords.\n.PP\n1\n.PP\n2\n.PP\n3\n.PP\n4\n.PP\n5\n"
        ".PP\n6\n.PP\n7\n.PP\n8\n.PP\n9\n.PP\n10\n.PP\nlast words\n");
    autofree char *compile = xasprintf("cd %s && cc -g -O0 -o subject subject.c", home);
    run(compile);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    oracle_end();
    autofree char *remove = xasprintf("rm -rf '%s'", home);
    for (char **e = environment; *e; e++)
        free(*e);
    free(tmux);
    return system(remove);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vim_edits_and_splits), cmocka_unit_test(neovim_draws),
        cmocka_unit_test(nano_writes),          cmocka_unit_test(less_searches),
        cmocka_unit_test(manual_pages_scroll),  cmocka_unit_test(the_debugger_shows_source),
        cmocka_unit_test(a_finder_narrows),     cmocka_unit_test(a_dialog_draws_boxes),
        cmocka_unit_test(tmux_inside_splits),   cmocka_unit_test(a_shell_edits_long_lines),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
