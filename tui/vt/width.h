/* Which characters take no column of their own, whatever the locale of this process. */
#ifndef VT_WIDTH_H
#define VT_WIDTH_H

#include <stdbool.h>
#include <stdint.h>

/* Combining characters, joiners, variation selectors, direction marks. */
bool width_is_zero(uint32_t cp);

/* Those among them that only change how other characters look or join: they are kept for copying, but never
 * drawn, because terminals disagree about what they do to the width. */
bool width_is_invisible(uint32_t cp);

/* Characters of two columns that came into Unicode too late for libvterm's tables, which give them one:
 * mostly emoji. */
bool width_is_late_wide(uint32_t cp);

#endif
