/* The whole screen from the model. Reads the model and nothing else. */
#ifndef APP_DRAW_H
#define APP_DRAW_H

#include "model/model.h"
#include "ui/cell.h"

/* The surface must have the model's size. */
void draw_screen(const struct model *m, struct surface *s);

#endif
