/* Keys that are text, in a line: see model.h. What else a key does there stands in the table of actions. */
#include "model/model.h"

bool line_type(struct lineedit *e, const struct key *k)
{
    return k->code < KEYCODE_ENTER && !(k->mods & (MOD_CTRL | MOD_ALT)) &&
           lineedit_insert(e, k->bytes, k->n_bytes);
}
