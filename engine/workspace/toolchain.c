/* Reads the tables of toolchains and holds them against the files of a directory. */
#include "workspace/toolchain.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "course/yamlfile.h"
#include "workspace/diagnostics.h"
#include "workspace/shell.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRIORITY_DEFAULT = 50, DIRECTORY_FILES_MAX = 10000 };

struct toolchain_file {
    struct toolchain *list;
    unsigned n_list;
};

struct toolchains {
    struct toolchain_file *files[2]; /* the learner's own, then ours; NULL when there is none */
    struct toolchain **sorted;
    size_t n;
};

/* ---- The shape of the file ---- */

#define TEXT(type, name, flags) \
    CYAML_FIELD_STRING_PTR(#name, CYAML_FLAG_POINTER | (flags), struct type, name, 0, 2000)
#define WORDS(name, flags)                                                                            \
    CYAML_FIELD_SEQUENCE_COUNT(#name, CYAML_FLAG_POINTER | (flags), struct toolchain, name, n_##name, \
                               &word_schema, 0, 99)

static const cyaml_schema_value_t word_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 200)};
static const cyaml_schema_field_t variable_fields[] = {
    TEXT(toolchain_variable, name, 0),
    TEXT(toolchain_variable, value, 0),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t variable_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct toolchain_variable, variable_fields),
};
static const cyaml_schema_field_t toolchain_fields[] = {
    TEXT(toolchain, name, 0),
    TEXT(toolchain, language, CYAML_FLAG_OPTIONAL),
    TEXT(toolchain, title, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_INT("priority", CYAML_FLAG_OPTIONAL, struct toolchain, priority),
    WORDS(files, 0),
    WORDS(sources, CYAML_FLAG_OPTIONAL),
    WORDS(exclude, CYAML_FLAG_OPTIONAL),
    TEXT(toolchain, build, 0),
    TEXT(toolchain, product, CYAML_FLAG_OPTIONAL),
    TEXT(toolchain, program, 0),
    TEXT(toolchain, package, CYAML_FLAG_OPTIONAL),
    TEXT(toolchain, version, CYAML_FLAG_OPTIONAL),
    TEXT(toolchain, errors, CYAML_FLAG_OPTIONAL),
    TEXT(toolchain, pattern, CYAML_FLAG_OPTIONAL),
    TEXT(toolchain, hint, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_SEQUENCE_COUNT("environment", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct toolchain,
                               environment, n_environment, &variable_schema, 0, 99),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t toolchain_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct toolchain, toolchain_fields),
};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE_COUNT("toolchains", CYAML_FLAG_POINTER, struct toolchain_file, list, n_list,
                               &toolchain_schema, 0, 200),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct toolchain_file, file_fields),
};

/* ---- Loading ---- */

static int check(const char *path, const struct toolchain *tc, struct error *err)
{
    struct error why;
    if (tc->n_files == 0)
        return error_set(err, "%s: %s: files is empty, so it would never be recognised", path, tc->name);
    if (diagnostics_check(tc->errors, tc->pattern, &why))
        return error_set(err, "%s: %s: %s", path, tc->name, why.text);
    for (unsigned i = 0; i < tc->n_environment; i++)
        if (!tc->environment[i].name[0] || strchr(tc->environment[i].name, '='))
            return error_set(err, "%s: %s: \"%s\" is no name of a variable", path, tc->name,
                             tc->environment[i].name);
    return 0;
}

static int read_file(const char *path, struct toolchain_file **out, struct error *err)
{
    void *data;
    if (yamlfile_read(path, &file_schema, &data, err))
        return -1;
    *out = data;
    for (unsigned i = 0; i < (*out)->n_list; i++) {
        struct toolchain *tc = &(*out)->list[i];
        if (tc->priority == 0)
            tc->priority = PRIORITY_DEFAULT;
        if (check(path, tc, err))
            return -1;
    }
    return 0;
}

static bool replaced(const struct toolchain_file *by, const struct toolchain *tc)
{
    for (unsigned i = 0; by && i < by->n_list; i++)
        if (strcmp(by->list[i].name, tc->name) == 0)
            return true;
    return false;
}

/* Insertion keeps the order of the files among equals. */
static void insert(struct toolchains *t, struct toolchain *tc)
{
    size_t at = t->n++;
    t->sorted = xreallocarray(t->sorted, t->n, sizeof(struct toolchain *));
    for (; at > 0 && t->sorted[at - 1]->priority > tc->priority; at--)
        t->sorted[at] = t->sorted[at - 1];
    t->sorted[at] = tc;
}

struct toolchains *toolchains_load(const char *data_dir, struct error *err)
{
    struct toolchains *t = xcalloc(1, sizeof *t);
    autofree char *config = path_xdg("XDG_CONFIG_HOME", ".config");
    autofree char *own = path_join(config, "toolchains.yaml");
    autofree char *ours = path_join(data_dir, "assets/toolchains.yaml");

    int result = file_exists(own) ? read_file(own, &t->files[0], err) : 0;
    if (result == 0)
        result = read_file(ours, &t->files[1], err);
    if (result) {
        toolchains_free(t);
        return NULL;
    }
    for (size_t f = 0; f < ARRAY_LEN(t->files); f++)
        for (unsigned i = 0; t->files[f] && i < t->files[f]->n_list; i++)
            if (f == 0 || !replaced(t->files[0], &t->files[f]->list[i]))
                insert(t, &t->files[f]->list[i]);
    return t;
}

void toolchains_free(struct toolchains *t)
{
    if (!t)
        return;
    for (size_t f = 0; f < ARRAY_LEN(t->files); f++)
        yamlfile_free(&file_schema, t->files[f]);
    free(t->sorted);
    free(t);
}

size_t toolchains_count(const struct toolchains *t)
{
    return t->n;
}

const struct toolchain *toolchains_get(const struct toolchains *t, size_t i)
{
    return t->sorted[i];
}

const char *toolchain_language(const struct toolchain *tc)
{
    return tc->language ? tc->language : tc->name;
}

const char *toolchain_title(const struct toolchain *tc)
{
    return tc->title ? tc->title : toolchain_language(tc);
}

/* ---- Recognising ---- */

/* The names of the regular files in a directory, sorted. */
struct names {
    char **list;
    size_t n;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->list[i]);
    free(names->list);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_regular(DIR *dir, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type == DT_REG)
        return true;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return false;
    return fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int names_read(struct names *names, const char *path, struct error *err)
{
    *names = (struct names){.n = 0};
    DIR *dir = opendir(path);
    if (!dir) {
        error_errno(err, "cannot read the workspace %s", path);
        return -1;
    }
    size_t room = 0;
    const struct dirent *entry;
    while ((errno = 0, entry = readdir(dir)) && names->n < DIRECTORY_FILES_MAX) {
        if (entry->d_name[0] == '.' || !is_regular(dir, entry))
            continue;
        if (names->n == room) {
            room = room ? 2 * room : 16;
            names->list = xreallocarray(names->list, room, sizeof(char *));
        }
        names->list[names->n++] = xstrdup(entry->d_name);
    }
    int failed = entry ? E2BIG : errno;
    closedir(dir);
    if (failed) {
        names_free(names);
        errno = failed;
        error_errno(err, "cannot read the workspace %s", path);
        return -1;
    }
    if (names->n)
        qsort(names->list, names->n, sizeof(char *), by_name);
    return 0;
}

static bool fits_one(char *const *patterns, unsigned n, const char *name)
{
    for (unsigned i = 0; i < n; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

static bool fits(const struct toolchain *tc, const struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (fits_one(tc->files, tc->n_files, names->list[i]))
            return true;
    return false;
}

static int not_recognised(const struct toolchains *t, const char *dir, struct error *err)
{
    struct buf wanted = {0};
    for (size_t i = 0; i < t->n; i++)
        for (unsigned k = 0; k < t->sorted[i]->n_files; k++)
            if (!strpbrk(t->sorted[i]->files[k], "*?["))
                buf_printf(&wanted, "%s%s", wanted.len ? ", " : "", t->sorted[i]->files[k]);
    error_set(err, "nothing in %s says how to build it: Lux looks for %s", dir, buf_str(&wanted));
    buf_free(&wanted);
    return -1;
}

const struct toolchain *toolchains_recognise(const struct toolchains *t, const char *dir, struct error *err)
{
    struct names names;
    size_t first = 0;

    if (names_read(&names, dir, err))
        return NULL;
    while (first < t->n && !fits(t->sorted[first], &names))
        first++;
    bool is_empty = names.n == 0;
    names_free(&names);
    if (first < t->n)
        return t->sorted[first];
    if (is_empty)
        error_set(err, "the workspace %s is empty: write a program there, or begin with `lux start`", dir);
    else
        not_recognised(t, dir, err);
    return NULL;
}

/* ---- Commands ---- */

static int add_sources(struct buf *out, const struct toolchain *tc, const char *dir, struct error *err)
{
    struct names names;
    size_t before = out->len;
    char *const *patterns = tc->n_sources ? tc->sources : tc->files;
    unsigned n = tc->n_sources ? tc->n_sources : tc->n_files;

    if (names_read(&names, dir, err))
        return -1;
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.list[i];
        if (!fits_one(patterns, n, name) || fits_one(tc->exclude, tc->n_exclude, name))
            continue;
        if (out->len > before)
            buf_addch(out, ' ');
        if (name[0] == '-')
            buf_addstr(out, "./"); /* or the compiler takes it for an option */
        shell_add_word(out, name);
    }
    names_free(&names);
    return out->len > before ? 0
                             : error_set(err, "there is no %s source file in %s", toolchain_title(tc), dir);
}

char *toolchain_expand(const struct toolchain *tc, const char *text, const char *dir, const char *binary,
                       struct error *err)
{
    struct buf out = {0};
    int result = 0;

    while (*text && result == 0) {
        if (strncmp(text, "{binary}", 8) == 0) {
            shell_add_word(&out, binary);
            text += 8;
        } else if (strncmp(text, "{sources}", 9) == 0) {
            result = add_sources(&out, tc, dir, err);
            text += 9;
        } else if (strncmp(text, "{dir}", 5) == 0) {
            shell_add_word(&out, dir);
            text += 5;
        } else {
            buf_addch(&out, *text++);
        }
    }
    char *command = buf_take(&out);
    if (result == 0)
        return command;
    free(command);
    return NULL;
}

bool toolchain_present(const struct toolchain *tc, struct error *err)
{
    const char *path = getenv("PATH");
    autofree char *copy = xstrdup(path && path[0] ? path : "/usr/local/bin:/usr/bin:/bin");
    char *rest = copy;

    for (char *dir = strsep(&rest, ":"); dir; dir = strsep(&rest, ":")) {
        autofree char *program = path_join(dir[0] ? dir : ".", tc->program);
        if (access(program, X_OK) == 0 && !file_is_dir(program))
            return true;
    }
    if (tc->package && tc->package[0])
        error_set(err, "%s is not installed, and %s needs it: sudo apt-get install %s", tc->program,
                  toolchain_title(tc), tc->package);
    else
        error_set(err, "%s is not installed or not on PATH, and %s needs it", tc->program,
                  toolchain_title(tc));
    return false;
}
