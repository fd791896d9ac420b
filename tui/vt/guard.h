/* The guard in front of libvterm: any bytes in, only what every libvterm survives out.
 *
 * libvterm 0.1.4 crashes, hangs or misreads on ordinary output: more than 16 parameters, REP before any
 * character, broken UTF-8, several modes in one sequence, strings in two reads. The guard parses the stream
 * by a table of states, writes whole, canonical units, and turns what libvterm does not know or does badly
 * into events. It is a pure function over its struct: no I/O, no clock, and the same result wherever the
 * stream is cut. */
#ifndef VT_GUARD_H
#define VT_GUARD_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GUARD_PARAMS_MAX = 64, /* parameters of a CSI; of SGR more are ignored, other sequences are dropped */
    GUARD_STRING_MAX = 1 << 20,   /* decoded bytes of a string: a longer one is dropped */
    GUARD_TITLE_MAX = 256,        /* characters; a longer title is cut */
    GUARD_URI_MAX = 2083,         /* bytes; a longer address is no link */
    GUARD_STAND_IN_CHAR = 0x3000, /* has two columns in every libvterm */
    GUARD_OUT_MAX = 4096          /* bytes of one write: libvterm puts four times as many on its stack */
};

/* What SGR can ask for and libvterm 0.1.4 ignores. */
enum guard_extra { EXTRA_DIM = 1 << 0, EXTRA_CONCEAL = 1 << 1, EXTRA_OVERLINE = 1 << 2 };

enum guard_event_type {
    GUARD_REPLY,         /* text: bytes for the child */
    GUARD_TITLE,         /* text: printable UTF-8 */
    GUARD_DIRECTORY,     /* text: host, NUL, absolute path */
    GUARD_COLOR_QUERY,   /* number: 10 foreground, 11 background; on: the question ended in BEL */
    GUARD_LINK,          /* text: the address that following characters lead to; empty: none */
    GUARD_CLIPBOARD,     /* text: decoded */
    GUARD_PROMPT,        /* number: 'A' prompt, 'B' command, 'C' output, 'D' end */
    GUARD_MARK,          /* number: a combining character, for the last printed one */
    GUARD_STAND_IN,      /* number: what the next character, GUARD_STAND_IN_CHAR, stands for */
    GUARD_EXTRA,         /* number: of guard_extra, for the characters that follow */
    GUARD_MODE,          /* number: a DEC mode of ours, on: its new state */
    GUARD_ALTERNATE,     /* number: mode 47, 1047 or 1049; on: to the alternate screen */
    GUARD_SAVE,          /* cursor (DECSC) */
    GUARD_RESTORE,       /* cursor (DECRC) */
    GUARD_CURSOR_STYLE,  /* number: 0 to 6 (DECSCUSR) */
    GUARD_CLEAR_HISTORY, /* ED 3 */
    GUARD_ALIGNMENT,     /* DECALN: the screen full of E */
    GUARD_SOFT_RESET,    /* DECSTR */
    GUARD_HARD_RESET,    /* RIS */
    GUARD_SIZE_QUERY     /* number: 14, 16, 18 or 19, as in XTWINOPS */
};

struct guard_event {
    enum guard_event_type type;
    int number;
    bool on;
    const char *text; /* NUL-terminated */
    size_t n;
};

struct guard_sink {
    void (*write)(void *context, const char *bytes, size_t n); /* to libvterm; n <= GUARD_OUT_MAX */
    void (*event)(void *context, const struct guard_event *e); /* all bytes before it have been written */
    void *context;
};

/* The modes that the guard keeps itself. */
enum guard_mode {
    MODE_APPLICATION_CURSOR, /* 1 */
    MODE_COLUMNS,            /* 3: 132 columns, if 40 allows it */
    MODE_REVERSE,            /* 5 */
    MODE_ORIGIN,             /* 6, also libvterm's */
    MODE_AUTOWRAP,           /* 7, also libvterm's */
    MODE_MOUSE_X10,          /* 9 */
    MODE_CURSOR_BLINK,       /* 12 */
    MODE_CURSOR_VISIBLE,     /* 25 */
    MODE_COLUMNS_ALLOWED,    /* 40 */
    MODE_ALTERNATE,          /* 47, 1047, 1049 */
    MODE_KEYPAD,             /* 66, DECKPAM */
    MODE_MOUSE_CLICK,        /* 1000 */
    MODE_MOUSE_DRAG,         /* 1002 */
    MODE_MOUSE_MOVE,         /* 1003 */
    MODE_FOCUS,              /* 1004 */
    MODE_MOUSE_UTF8,         /* 1005 */
    MODE_MOUSE_SGR,          /* 1006 */
    MODE_WHEEL_ARROWS,       /* 1007: the wheel sends arrow keys on the alternate screen */
    MODE_MOUSE_URXVT,        /* 1015 */
    MODE_PASTE,              /* 2004 */
    MODE_SYNC,               /* 2026 */
    MODE_COUNT_
};

/* What DECSC saves and libvterm keeps hidden. */
struct guard_shift {
    char charset[4]; /* designated as G0 to G3: '0', 'A' or 'B' */
    uint8_t gl;      /* which of them is in use */
    uint8_t extra;   /* of guard_extra */
    bool origin;
};

struct guard {
    /* The sequence that is being read. */
    uint8_t state;
    uint8_t leader;      /* '<' to '?', or 0 */
    uint8_t inter[2];    /* intermediate bytes */
    uint8_t n_inter;     /* 3 when there are too many */
    uint8_t string_kind; /* ']' OSC, 'P' DCS, 'k' title; others are swallowed */
    bool too_many;       /* parameters */
    bool string_by_bel;  /* it ended in BEL, not in ST */
    bool string_over;    /* it is longer than GUARD_STRING_MAX: swallowed to its end */
    bool link;           /* a link is open */
    int n_params;
    int32_t params[GUARD_PARAMS_MAX]; /* -1: missing */
    uint64_t sub;                     /* bit i: parameter i follows a colon */
    struct buf string;
    unsigned strings; /* how many have begun */
    /* A character that is being read. */
    uint8_t utf8[4];
    uint8_t utf8_n, utf8_need;
    /* The last one that was printed, for REP. */
    char last[4];
    uint8_t last_n;
    /* State that stays. */
    struct guard_shift shift;
    uint8_t cursor_style;
    uint32_t modes; /* bit: enum guard_mode */
    int repeat_max; /* the cells of the screen: REP prints no more than that */
    size_t out_n;
    char out[GUARD_OUT_MAX];
};

void guard_init(struct guard *g, int repeat_max);
void guard_free(struct guard *g);

/* Takes n bytes; everything that is complete has gone to the sink when it returns. */
void guard_feed(struct guard *g, const void *bytes, size_t n, const struct guard_sink *sink);

/* Modes and pen as after RIS. The sequence being read is not touched. */
void guard_reset_modes(struct guard *g);

/* Whether a string (OSC, DCS ...) has begun and not ended; guard_abort gives it up. */
bool guard_in_string(const struct guard *g);
void guard_abort(struct guard *g);

static inline bool guard_mode(const struct guard *g, enum guard_mode m)
{
    return g->modes >> m & 1u;
}

#endif
