/* Keys that have no character of their own, and the modifiers. */
#ifndef VT_KEY_H
#define VT_KEY_H

/* The same bits as in tty/input.h. */
enum terminal_mods { TMOD_SHIFT = 1 << 0, TMOD_ALT = 1 << 1, TMOD_CTRL = 1 << 2 };

enum terminal_key {
    TKEY_UP,
    TKEY_DOWN,
    TKEY_RIGHT,
    TKEY_LEFT,
    TKEY_HOME,
    TKEY_END,
    TKEY_INSERT,
    TKEY_DELETE,
    TKEY_PAGE_UP,
    TKEY_PAGE_DOWN,
    TKEY_BACKTAB,
    TKEY_F1,
    TKEY_F2,
    TKEY_F3,
    TKEY_F4,
    TKEY_F5,
    TKEY_F6,
    TKEY_F7,
    TKEY_F8,
    TKEY_F9,
    TKEY_F10,
    TKEY_F11,
    TKEY_F12,
    TKEY_COUNT_
};

#endif
