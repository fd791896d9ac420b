/* Reads content/course.yaml and the front matter of each lesson, and holds one against the other: a lesson
 * that says something else than the course about its name or its command line is an error, at once and for
 * everybody. */
#include "course/course.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "course/internal.h"
#include "course/yamlfile.h"

#include <string.h>

/* ---- The shape of course.yaml ---- */

struct challenge_entry {
    int number;
    char *slug, *title, *binary, *usage, *summary;
};

struct stage_entry {
    char *slug, *title;
    struct challenge_entry *challenges;
    unsigned n_challenges;
};

struct course_file {
    struct stage_entry *stages;
    unsigned n_stages;
};

#define TEXT(type, name)   CYAML_FIELD_STRING_PTR(#name, CYAML_FLAG_POINTER, struct type, name, 1, 400)
#define NUMBER(type, name) CYAML_FIELD_INT(#name, CYAML_FLAG_DEFAULT, struct type, name)

static const cyaml_schema_field_t challenge_fields[] = {
    NUMBER(challenge_entry, number),
    TEXT(challenge_entry, slug),
    TEXT(challenge_entry, title),
    TEXT(challenge_entry, binary),
    TEXT(challenge_entry, usage),
    TEXT(challenge_entry, summary),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t challenge_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct challenge_entry, challenge_fields),
};
static const cyaml_schema_field_t stage_fields[] = {
    TEXT(stage_entry, slug),
    TEXT(stage_entry, title),
    CYAML_FIELD_SEQUENCE_COUNT("challenges", CYAML_FLAG_POINTER, struct stage_entry, challenges, n_challenges,
                               &challenge_schema, 1, 999),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t stage_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct stage_entry, stage_fields),
};
static const cyaml_schema_field_t course_fields[] = {
    CYAML_FIELD_SEQUENCE_COUNT("stages", CYAML_FLAG_POINTER, struct course_file, stages, n_stages,
                               &stage_schema, 1, 99),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t course_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct course_file, course_fields),
};

/* ---- The shape of a lesson's front matter ---- */

struct front_matter {
    int number;
    char *slug, *title, *stage, *binary, *usage;
    int difficulty, minutes;
    char **concepts, **needs, **man, **capabilities;
    unsigned n_concepts, n_needs, n_man, n_capabilities;
    const char **lists; /* the four lists, each with a NULL behind it; made here, not by libcyaml */
};

static const cyaml_schema_value_t word_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 200)};

#define WORDS(name)                                                                                        \
    CYAML_FIELD_SEQUENCE_COUNT(#name, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct front_matter, name, \
                               n_##name, &word_schema, 0, 99)

static const cyaml_schema_field_t front_fields[] = {
    NUMBER(front_matter, number),
    TEXT(front_matter, slug),
    TEXT(front_matter, title),
    TEXT(front_matter, stage),
    TEXT(front_matter, binary),
    TEXT(front_matter, usage),
    NUMBER(front_matter, difficulty),
    NUMBER(front_matter, minutes),
    WORDS(concepts),
    WORDS(needs),
    WORDS(man),
    WORDS(capabilities),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t front_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct front_matter, front_fields),
};

/* ---- course.yaml ---- */

/* Names become names of files, and words of a shell command. */
static bool is_name(const char *s)
{
    return s[0] != '-' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int check_challenge(const struct course *c, const struct challenge *ch, const char *path,
                           struct error *err)
{
    size_t expected = (size_t)(ch - c->challenges) + 1;

    if ((size_t)ch->number != expected)
        return error_set(err, "%s: %s has number %d where %zu comes next", path, ch->slug, ch->number,
                         expected);
    if (!is_name(ch->slug))
        return error_set(err, "%s: the slug \"%s\" may hold a-z, 0-9 and '-' alone", path, ch->slug);
    if (!is_name(ch->binary))
        return error_set(err, "%s: %s: the binary \"%s\" may hold a-z, 0-9 and '-' alone", path, ch->slug,
                         ch->binary);
    for (const struct challenge *other = c->challenges; other < ch; other++)
        if (strcmp(other->slug, ch->slug) == 0)
            return error_set(err, "%s: there are two challenges called %s", path, ch->slug);
    return 0;
}

static int read_course_file(struct course *c, const char *path, struct error *err)
{
    static const char *const nothing[] = {NULL};
    void *data;
    if (yamlfile_read(path, &course_schema, &data, err))
        return -1;
    c->file = data;
    for (unsigned i = 0; i < c->file->n_stages; i++)
        c->n_challenges += c->file->stages[i].n_challenges;
    c->n_stages = c->file->n_stages;
    c->stages = xcalloc(c->n_stages, sizeof *c->stages);
    c->challenges = xcalloc(c->n_challenges, sizeof *c->challenges);
    c->front = xcalloc(c->n_challenges, sizeof(struct front_matter *));

    struct challenge *next = c->challenges;
    for (size_t i = 0; i < c->n_stages; i++) {
        const struct stage_entry *from = &c->file->stages[i];
        struct stage *stage = &c->stages[i];
        *stage = (struct stage){(int)i + 1, from->slug, from->title, from->challenges[0].number,
                                from->challenges[from->n_challenges - 1].number};
        if (!is_name(stage->slug))
            return error_set(err, "%s: the stage \"%s\" may hold a-z, 0-9 and '-' alone", path, stage->slug);
        for (unsigned k = 0; k < from->n_challenges; k++, next++) {
            const struct challenge_entry *e = &from->challenges[k];
            *next = (struct challenge){.number = e->number,
                                       .slug = e->slug,
                                       .title = e->title,
                                       .binary = e->binary,
                                       .usage = e->usage,
                                       .summary = e->summary,
                                       .stage = stage,
                                       .concepts = nothing,
                                       .needs = nothing,
                                       .man = nothing,
                                       .capabilities = nothing};
            if (check_challenge(c, next, path, err))
                return -1;
        }
    }
    return 0;
}

/* ---- Front matter ---- */

int front_matter_split(const char *path, const char *text, size_t n, size_t *begin, size_t *length,
                       size_t *body, struct error *err)
{
    size_t at = 0;
    int line = 0;

    while (at < n) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t next = end ? (size_t)(end - text) + 1 : n;
        size_t size = (end ? (size_t)(end - text) : n) - at;
        while (size > 0 && (text[at + size - 1] == '\r' || text[at + size - 1] == ' '))
            size--;
        bool is_mark = size == 3 && memcmp(text + at, "---", 3) == 0;
        line++;
        if (line == 1 && !is_mark)
            break;
        if (line == 1)
            *begin = next;
        if (line > 1 && is_mark) {
            *length = at - *begin;
            *body = next;
            return 0;
        }
        at = next;
    }
    if (line <= 1)
        return error_set(err, "%s:1: a lesson begins with its front matter, between two lines \"---\"", path);
    return error_set(err, "%s:%d: the front matter has no end: a second line \"---\" is missing", path, line);
}

/* A copy of a list of the front matter, with NULL at its end. */
static const char *const *list_in(const char ***room, char **words, unsigned n)
{
    const char **list = *room;
    for (unsigned i = 0; i < n; i++)
        list[i] = words[i];
    list[n] = NULL;
    *room += n + 1;
    return list;
}

static int agree(const struct challenge *ch, const struct front_matter *f, const char *path,
                 struct error *err)
{
    const struct {
        const char *field, *lesson, *course;
    } same[] = {
        {"slug", f->slug, ch->slug},          {"title", f->title, ch->title},
        {"stage", f->stage, ch->stage->slug}, {"binary", f->binary, ch->binary},
        {"usage", f->usage, ch->usage},
    };

    if (f->number != ch->number)
        return error_set(err, "%s: number is %d, but course.yaml says %d", path, f->number, ch->number);
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (strcmp(same[i].lesson, same[i].course) != 0)
            return error_set(err, "%s: %s is \"%s\", but course.yaml says \"%s\"", path, same[i].field,
                             same[i].lesson, same[i].course);
    if (f->difficulty < 1 || f->difficulty > 5)
        return error_set(err, "%s: difficulty is %d, but goes from 1 to 5", path, f->difficulty);
    if (f->minutes < 1)
        return error_set(err, "%s: minutes is %d, but a lesson takes some", path, f->minutes);
    return 0;
}

static int read_front_matter(struct course *c, struct challenge *ch, struct error *err)
{
    autofree char *path = lesson_path(c, ch);
    struct buf text = {0};
    size_t begin = 0, length = 0, body = 0;
    void *data = NULL;

    if (!file_exists(path))
        return 0;
    int result = file_read(path, LESSON_FILE_MAX, &text, err);
    if (result == 0)
        result = front_matter_split(path, buf_str(&text), text.len, &begin, &length, &body, err);
    if (result == 0)
        result = yamlfile_parse(path, 2, buf_str(&text) + begin, length, &front_schema, &data, err);
    buf_free(&text);
    if (result)
        return -1;

    struct front_matter *f = data;
    c->front[ch - c->challenges] = f;
    if (agree(ch, f, path, err))
        return -1;
    f->lists = xcalloc((size_t)f->n_concepts + f->n_needs + f->n_man + f->n_capabilities + 4, sizeof(char *));
    const char **room = f->lists;
    ch->concepts = list_in(&room, f->concepts, f->n_concepts);
    ch->needs = list_in(&room, f->needs, f->n_needs);
    ch->man = list_in(&room, f->man, f->n_man);
    ch->capabilities = list_in(&room, f->capabilities, f->n_capabilities);
    ch->difficulty = f->difficulty;
    ch->minutes = f->minutes;
    ch->has_lesson = true;
    return 0;
}

static int check_needs(const struct course *c, const struct challenge *ch, struct error *err)
{
    for (const char *const *need = ch->needs; *need; need++) {
        bool known = false;
        for (size_t i = 0; i < c->n_challenges; i++)
            known |= strcmp(c->challenges[i].slug, *need) == 0;
        if (!known) {
            autofree char *path = lesson_path(c, ch);
            return error_set(err, "%s: needs \"%s\", but no challenge is called that", path, *need);
        }
    }
    return 0;
}

/* ---- The public face ---- */

struct course *course_load(const char *data_dir, struct error *err)
{
    struct course *c = xcalloc(1, sizeof *c);
    autofree char *path = path_join(data_dir, "content/course.yaml");
    c->data_dir = xstrdup(data_dir);

    int result = read_course_file(c, path, err);
    for (size_t i = 0; result == 0 && i < c->n_challenges; i++)
        result = read_front_matter(c, &c->challenges[i], err);
    for (size_t i = 0; result == 0 && i < c->n_challenges; i++)
        result = check_needs(c, &c->challenges[i], err);
    if (result == 0)
        return c;
    course_free(c);
    return NULL;
}

void course_free(struct course *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->front && i < c->n_challenges; i++) {
        if (c->front[i])
            free(c->front[i]->lists);
        yamlfile_free(&front_schema, c->front[i]);
    }
    free(c->front);
    free(c->stages);
    free(c->challenges);
    yamlfile_free(&course_schema, c->file);
    free(c->data_dir);
    free(c);
}

size_t course_stage_count(const struct course *c)
{
    return c->n_stages;
}

const struct stage *course_stage(const struct course *c, size_t i)
{
    return &c->stages[i];
}

size_t course_challenge_count(const struct course *c)
{
    return c->n_challenges;
}

const struct challenge *course_challenge(const struct course *c, size_t i)
{
    return &c->challenges[i];
}

char *course_workspace_name(const struct challenge *ch)
{
    return xasprintf("%02d-%s", ch->number, ch->slug);
}
