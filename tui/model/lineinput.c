/* Keys that edit a line: see model.h. */
#include "model/model.h"

#include "base/mem.h"

bool line_key(struct lineedit *e, const struct key *k)
{
    static const struct {
        uint32_t code;
        uint8_t mods;
        int move, erase; /* -1: not this */
    } edits[] = {
        {KEYCODE_LEFT, 0, LINE_LEFT, -1},       {KEYCODE_RIGHT, 0, LINE_RIGHT, -1},
        {KEYCODE_HOME, 0, LINE_START, -1},      {KEYCODE_END, 0, LINE_END, -1},
        {'a', MOD_CTRL, LINE_START, -1},        {'e', MOD_CTRL, LINE_END, -1},
        {KEYCODE_BACKSPACE, 0, -1, ERASE_LEFT}, {KEYCODE_DELETE, 0, -1, ERASE_RIGHT},
        {'w', MOD_CTRL, -1, ERASE_WORD},        {'u', MOD_CTRL, -1, ERASE_TO_START},
        {'k', MOD_CTRL, -1, ERASE_TO_END},
    };
    for (size_t i = 0; i < ARRAY_LEN(edits); i++)
        if (edits[i].code == k->code && edits[i].mods == k->mods) {
            if (edits[i].move >= 0)
                lineedit_move(e, (enum lineedit_move)edits[i].move);
            else
                lineedit_erase(e, (enum lineedit_erase)edits[i].erase);
            return true;
        }
    return k->code < KEYCODE_ENTER && !(k->mods & (MOD_CTRL | MOD_ALT)) &&
           lineedit_insert(e, k->bytes, k->n_bytes);
}
