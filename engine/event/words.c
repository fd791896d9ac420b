#include "event/words.h"

#include "base/escape.h"
#include "base/mem.h"

#include <string.h>

static const char *const tiers[] = {[TIER_CORE] = "core", [TIER_ROBUST] = "robust", [TIER_FAST] = "fast"};

static const char *const verdicts[] = {
    [VERDICT_NONE] = "none", [VERDICT_PASS] = "pass",       [VERDICT_FAIL] = "fail",
    [VERDICT_SKIP] = "skip", [VERDICT_BLOCKED] = "blocked", [VERDICT_ERROR] = "error",
};

static const char *const causes[] = {
    [CAUSE_NONE] = "none",   [CAUSE_WRONG] = "wrong", [CAUSE_TIMEOUT] = "timeout",
    [CAUSE_CRASH] = "crash", [CAUSE_LEAK] = "leak",
};

static const struct words {
    const char *const *list;
    int count;
} words[] = {
    [FIELD_TIER] = {tiers, (int)ARRAY_LEN(tiers)},
    [FIELD_VERDICT] = {verdicts, (int)ARRAY_LEN(verdicts)},
    [FIELD_CAUSE] = {causes, (int)ARRAY_LEN(causes)},
};

const char *word_of(enum field_kind kind, int value)
{
    return value >= 0 && value < words[kind].count ? words[kind].list[value] : "";
}

int word_value(enum field_kind kind, const char *word)
{
    for (int i = 0; i < words[kind].count; i++) {
        if (strcmp(words[kind].list[i], word) == 0)
            return i;
    }
    return -1;
}

const char *tier_name(enum tier t)
{
    return word_of(FIELD_TIER, (int)t);
}

const char *verdict_name(enum verdict v)
{
    return word_of(FIELD_VERDICT, (int)v);
}

const char *cause_name(enum cause c)
{
    return word_of(FIELD_CAUSE, (int)c);
}

static bool is_plain(unsigned char c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t';
}

bool text_is_clean(const char *s)
{
    while (is_plain((unsigned char)*s))
        s++;
    if (!*s)
        return true;

    struct buf cleaned = {0};
    text_clean(&cleaned, s);
    bool same = strcmp(buf_str(&cleaned), s) == 0;
    buf_free(&cleaned);
    return same;
}

void text_clean(struct buf *out, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\\");
        escape_text(out, s, n);
        for (s += n; *s == '\\'; s++)
            buf_addch(out, '\\');
    }
}
