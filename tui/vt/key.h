/* Keys that have no character of their own, and the modifiers. */
#ifndef VT_KEY_H
#define VT_KEY_H

enum terminal_mods { MOD_SHIFT = 1 << 0, MOD_ALT = 1 << 1, MOD_CTRL = 1 << 2 };

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
    /* The numeric keypad: digits and signs as typed, unless the child asked for application keypad codes. */
    TKEY_KP_0,
    TKEY_KP_1,
    TKEY_KP_2,
    TKEY_KP_3,
    TKEY_KP_4,
    TKEY_KP_5,
    TKEY_KP_6,
    TKEY_KP_7,
    TKEY_KP_8,
    TKEY_KP_9,
    TKEY_KP_MULTIPLY,
    TKEY_KP_PLUS,
    TKEY_KP_COMMA,
    TKEY_KP_MINUS,
    TKEY_KP_PERIOD,
    TKEY_KP_DIVIDE,
    TKEY_KP_ENTER,
    TKEY_KP_EQUAL,
    TKEY_COUNT_
};

#endif
