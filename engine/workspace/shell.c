#include "workspace/shell.h"

#include <string.h>

void shell_add_word(struct buf *out, const char *word)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+:,@%";
    if (word[0] && word[strspn(word, harmless)] == '\0') {
        buf_addstr(out, word);
        return;
    }
    buf_addch(out, '\'');
    for (const char *p = word; *p; p++)
        if (*p == '\'')
            buf_addstr(out, "'\\''");
        else
            buf_addch(out, *p);
    buf_addch(out, '\'');
}
