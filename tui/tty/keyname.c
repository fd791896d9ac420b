/* Keys by name, as they stand in the table of actions, in help and in settings. */
#include "tty/input.h"

#include "base/escape.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t code;
} names[] = {
    {"Enter", KEYCODE_ENTER},
    {"Tab", KEYCODE_TAB},
    {"Esc", KEYCODE_ESCAPE},
    {"Backspace", KEYCODE_BACKSPACE},
    {"Up", KEYCODE_UP},
    {"Down", KEYCODE_DOWN},
    {"Left", KEYCODE_LEFT},
    {"Right", KEYCODE_RIGHT},
    {"Home", KEYCODE_HOME},
    {"End", KEYCODE_END},
    {"PgUp", KEYCODE_PAGE_UP},
    {"PgDn", KEYCODE_PAGE_DOWN},
    {"Insert", KEYCODE_INSERT},
    {"Delete", KEYCODE_DELETE},
    {"Space", ' '},
    {"F1", KEYCODE_F1},
    {"F2", KEYCODE_F2},
    {"F3", KEYCODE_F3},
    {"F4", KEYCODE_F4},
    {"F5", KEYCODE_F5},
    {"F6", KEYCODE_F6},
    {"F7", KEYCODE_F7},
    {"F8", KEYCODE_F8},
    {"F9", KEYCODE_F9},
    {"F10", KEYCODE_F10},
    {"F11", KEYCODE_F11},
    {"F12", KEYCODE_F12},
};

static const struct {
    char prefix[3];
    uint8_t mod;
} prefixes[] = {{"C-", MOD_CTRL}, {"M-", MOD_ALT}, {"S-", MOD_SHIFT}};

static uint8_t take_prefix(const char **name)
{
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (strncmp(*name, prefixes[i].prefix, 2) == 0 && (*name)[2]) {
            *name += 2;
            return prefixes[i].mod;
        }
    }
    return 0;
}

bool key_parse(const char *name, struct key *out)
{
    *out = (struct key){0};
    for (uint8_t mod; (mod = take_prefix(&name));)
        out->mods |= mod;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i].name, name) == 0) {
            out->code = names[i].code;
            return true;
        }
    }
    unsigned cp;
    size_t n = utf8_decode(name, strlen(name), &cp);
    out->code = cp;
    return n > 0 && name[n] == '\0' && cp > 0x20 && cp != 0x7f;
}

const char *key_name(const struct key *k, char out[32])
{
    char character[5] = "";
    const char *name = NULL;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].code == k->code)
            name = names[i].name;
    if (!name && k->code < 0x110000) {
        character[utf8_encode(k->code, character)] = '\0';
        name = character;
    }
    snprintf(out, 32, "%s%s%s%s", k->mods & MOD_CTRL ? "C-" : "", k->mods & MOD_ALT ? "M-" : "",
             k->mods & MOD_SHIFT ? "S-" : "", name ? name : "?");
    return out;
}

bool key_equal(const struct key *a, const struct key *b)
{
    return a->code == b->code && a->mods == b->mods;
}
