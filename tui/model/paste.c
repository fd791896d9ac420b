/* Pasting into the shell: what came from outside, and what was copied here. A text of several lines would be
 * run line by line by a shell that cannot tell pasted text from typed one, so it is asked for first. */
#include "model/model.h"

#include "base/mem.h"
#include "model/shell.h"

#include <string.h>

enum { PASTE_HELD_MAX = 8 << 20 };

/* Lines that would be run: a line end at the very end runs one, which is what one expects of it. */
static size_t lines_of(const char *text, size_t n)
{
    size_t lines = 1;
    for (size_t i = 0; i + 1 < n; i++)
        lines += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    return lines;
}

static void ask_or_paste(struct model *m, struct shell *s)
{
    size_t lines = lines_of(buf_str(&m->paste), m->paste.len);
    if (lines > 1) {
        autofree char *question =
            xasprintf("Paste %zu lines? The shell runs each of them as if you had typed it.", lines);
        model_ask(m, INTENT_PASTE, question);
        return;
    }
    shell_paste(s, buf_str(&m->paste), m->paste.len, true);
    buf_clear(&m->paste);
}

void model_paste(struct model *m, const char *text, size_t n, bool last)
{
    struct shell *s = model_open_item(m)->shell;
    if (!m->paste_begun) {
        m->paste_held = shell_runs_lines(s);
        buf_clear(&m->paste);
    }
    m->paste_begun = !last;
    if (!m->paste_held) {
        shell_paste(s, text, n, last);
        return;
    }
    buf_add(&m->paste, text, n);
    if (m->paste.len > PASTE_HELD_MAX) { /* what would be asked for is not the whole */
        model_complain(m, "That is too much to paste into a shell: more than %d MiB.", PASTE_HELD_MAX >> 20);
        buf_drop(&m->paste, m->paste.len - PASTE_HELD_MAX);
        if (last)
            buf_clear(&m->paste);
        return;
    }
    if (last)
        ask_or_paste(m, s);
}
