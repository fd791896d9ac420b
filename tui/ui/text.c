/* How wide text is. The widths are those of the C library (wcwidth), because curses positions by them too; in
 * a locale that is not UTF-8 every character outside ASCII counts as one column, for it is drawn as one
 * question mark. */
#include "ui/cell.h"

#include "base/escape.h"

#include <string.h>
#include <wchar.h>

static bool unicode = true;

void ui_set_unicode(bool yes)
{
    unicode = yes;
}

bool ui_unicode(void)
{
    return unicode;
}

int char_width(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
        return 1;
    if (cp < 0x7f || !unicode)
        return 1;
    int width = wcwidth((wchar_t)cp);
    return width < 0 ? 1 : width;
}

int text_width(const char *utf8)
{
    int width = 0;
    size_t left = strlen(utf8);

    while (left > 0) {
        unsigned cp;
        size_t n = utf8_decode(utf8, left, &cp);
        width += n ? char_width(cp) : 1;
        n = n ? n : 1;
        utf8 += n;
        left -= n;
    }
    return width;
}
