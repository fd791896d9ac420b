/* What the learner's keyboard and mouse send, parsed: bytes -> keys, mouse, pasted text, focus and replies.
 *
 * Accepts what xterm and its many relatives send: legacy keys in their CSI and SS3 forms with modifiers, SGR
 * mouse reports (mode 1006), bracketed paste (2004), focus reports (1004), replies to queries. A pure state
 * machine: it does no I/O and has no clock; the caller feeds bytes, and calls input_timeout when a lone ESC
 * was followed by nothing for INPUT_ESC_MS (it was the Escape key then, and not the start of a sequence). */
#ifndef TTY_INPUT_H
#define TTY_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INPUT_ESC_MS = 25, KEY_BYTES_MAX = 64 };

/* A key that is no character; characters are their code point (Enter, Tab, Escape and Backspace are below, so
 * that Ctrl-I and Tab, which send the same byte, are the same key). */
enum key_code {
    KEYCODE_ENTER = 0x110000,
    KEYCODE_TAB,
    KEYCODE_ESCAPE,
    KEYCODE_BACKSPACE,
    KEYCODE_UP,
    KEYCODE_DOWN,
    KEYCODE_LEFT,
    KEYCODE_RIGHT,
    KEYCODE_HOME,
    KEYCODE_END,
    KEYCODE_PAGE_UP,
    KEYCODE_PAGE_DOWN,
    KEYCODE_INSERT,
    KEYCODE_DELETE,
    KEYCODE_F1,
    KEYCODE_F2,
    KEYCODE_F3,
    KEYCODE_F4,
    KEYCODE_F5,
    KEYCODE_F6,
    KEYCODE_F7,
    KEYCODE_F8,
    KEYCODE_F9,
    KEYCODE_F10,
    KEYCODE_F11,
    KEYCODE_F12,
    KEYCODE_UNKNOWN /* a well-formed sequence that stands for no key known here; its bytes are there all the
                       same */
};

enum key_mod { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

struct key {
    uint32_t
        code; /* code point or enum key_code; with Ctrl the lower-case letter: Ctrl-G is {'g', MOD_CTRL} */
    uint8_t mods; /* of enum key_mod; Shift only where the terminal says so: 'A' is {'A', 0}, Shift-Tab {TAB,
                     SHIFT} */
    uint8_t n_bytes;
    char bytes[KEY_BYTES_MAX]; /* as they came: what a program in the terminal pane is given */
};

enum mouse_action { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_DRAG, MOUSE_MOVE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct mouse {
    enum mouse_action action;
    int row, col; /* from 0 */
    int button;   /* 1 left, 2 middle, 3 right; 0 none */
    int clicks;   /* of a press, when the caller counts them: 2 is a double click; the parser has no clock */
    uint8_t mods;
};

enum input_type {
    INPUT_KEY,
    INPUT_MOUSE,
    INPUT_PASTE, /* a part of a pasted text, as it came; the last part has paste_end set (and may be empty) */
    INPUT_FOCUS,
    INPUT_REPLY /* an answer of the terminal to a query: the whole sequence in `data` */
};

struct input_event {
    enum input_type type;
    struct key key;
    struct mouse mouse;
    bool focused;
    const char *data; /* valid during the call */
    size_t size;
    bool paste_end;
};

typedef void input_handler(void *context, const struct input_event *e);

struct input;
struct input *input_new(input_handler *handler, void *context);
void input_free(struct input *in);
void input_feed(struct input *in, const void *bytes, size_t n);
/* An ESC or the start of a sequence is waiting for more: call input_timeout in INPUT_ESC_MS unless bytes
 * come. */
bool input_is_waiting(const struct input *in);
void input_timeout(struct input *in);

/* "C-g", "M-x", "S-Tab", "F12", "Space", "?" ... False if the text is no key. The bytes are left empty. */
bool key_parse(const char *name, struct key *out);
/* The same in the other direction, into out (cut never happens with 32 bytes). */
const char *key_name(const struct key *k, char out[32]);
bool key_equal(const struct key *a, const struct key *b); /* code and mods */

#endif
