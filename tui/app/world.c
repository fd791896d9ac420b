/* Intentions carried out: what the model wants of the world goes to whoever does it. */
#include "app/program.h"

#include "app/session.h"
#include "app/update.h"
#include "base/buf.h"
#include "base/mem.h"
#include "model/shell.h"

#include <signal.h>
#include <string.h>

enum { COPY_MAX = 100 << 10 };

/* ---- Copying ---- */

static void add_base64(struct buf *out, const unsigned char *s, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned v =
            (unsigned)s[i] << 16 | (i + 1 < n ? (unsigned)s[i + 1] << 8 : 0) | (i + 2 < n ? s[i + 2] : 0u);
        buf_addch(out, digits[v >> 18]);
        buf_addch(out, digits[v >> 12 & 63]);
        buf_addch(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
        buf_addch(out, i + 2 < n ? digits[v & 63] : '=');
    }
}

/* By OSC 52, which travels through ssh too; a terminal that does not know it ignores it. */
static void copy(struct program *p, const char *text)
{
    size_t n = strlen(text), lines = 1;
    free(p->m->copied);
    p->m->copied = xstrdup(text);
    if (n > COPY_MAX) {
        char key[32];
        model_complain(p->m,
                       "That is too much for a clipboard (%zu bytes); %s ] pastes it here all the same.", n,
                       key_name(&p->m->leave_key, key));
        return;
    }
    struct buf out = {0};
    buf_addstr(&out, "\033]52;c;");
    add_base64(&out, (const unsigned char *)text, n);
    buf_addstr(&out, "\033\\");
    tty_send(p->tty, out.data, out.len);
    buf_free(&out);
    for (size_t i = 0; i + 1 < n; i++)
        lines += text[i] == '\n';
    if (lines == 1)
        model_say(p->m, "Copied: %s", text);
    else
        model_say(p->m, "Copied %zu lines.", lines);
}

/* ---- Intentions ---- */

static void suspend(struct program *p)
{
    tty_suspend(p->tty);
    uv_signal_t *handle = &p->signals[SIGNAL_STOP];
    uv_signal_cb callback = handle->signal_cb;
    uv_signal_stop(handle); /* the default again, which stops us */
    raise(SIGTSTP);
    p->continued = true;
    uv_signal_start(handle, callback, SIGTSTP);
    tty_resume(p->tty);
    int rows, cols;
    tty_size(p->tty, &rows, &cols);
    update_resize(p->m, rows, cols);
}

static void carry_out(struct program *p, const struct intent *i)
{
    switch (i->type) {
    case INTENT_QUIT:
        p->quitting = true;
        uv_stop(&p->loop);
        break;
    case INTENT_SUSPEND:
        suspend(p);
        break;
    case INTENT_REPAINT:
        tty_repaint(p->tty);
        break;
    case INTENT_OPEN:
        workspace_open(p);
        workspace_watch(p);
        session_save(p->m, NULL); /* losing it is a nuisance and no more */
        break;
    case INTENT_RUN:
        engine_check(p, i->text);
        break;
    case INTENT_CANCEL:
        engine_cancel(p);
        break;
    case INTENT_START:
        engine_make_workspace(p, i->text);
        break;
    case INTENT_SHELL:
        workspace_shell(p, p->m->open);
        break;
    case INTENT_EDIT:
        workspace_edit(p, i->text, i->number);
        break;
    case INTENT_TYPE:
        workspace_type(p, i->text);
        break;
    case INTENT_COPY:
        copy(p, i->text);
        break;
    case INTENT_PASTE: {
        struct shell *s = model_open_item(p->m)->shell;
        if (s && shell_alive(s))
            shell_paste(s, buf_str(&p->m->paste), p->m->paste.len, true);
        buf_clear(&p->m->paste);
        program_poll_shell(p, p->m->open);
        break;
    }
    case INTENT_WATCH:
        workspace_watch(p);
        break;
    case INTENT_MOUSE:
        tty_set_mouse(p->tty, p->m->mouse);
        break;
    case INTENT_SAVE_SETTING:
        progress_save_setting(p, i->text);
        break;
    case INTENT_SOLUTION:
        update_solution(p->m);
        break;
    case INTENT_NOTES:
        workspace_notes(p);
        break;
    case INTENT_HISTORY:
        history_load(p);
        break;
    case INTENT_CHANGES:
        history_changes(p, i->number);
        break;
    case INTENT_RESTORE:
        history_restore(p, i->text);
        break;
    case INTENT_MANUAL:
        manual_fetch(p, i->text, i->number);
        break;
    case INTENT_DOCTOR:
        engine_doctor(p);
        break;
    }
}

void world_do_intentions(struct program *p)
{
    struct intent i;
    if (!p->tty || !p->watch) /* not before world_start */
        return;
    while (model_take_intent(p->m, &i)) {
        carry_out(p, &i);
        free(i.text);
        program_changed(p);
    }
}

void world_start(struct program *p)
{
    engine_start(p);
    workspace_start(p);
    world_do_intentions(p);
    program_changed(p);
}

void world_stop(struct program *p)
{
    engine_stop(p);
    workspace_stop(p);
    manual_stop(p);
}
