#include "trace/shapes.h"

#include "base/mem.h"
#include "trace/structs.h"
#include "trace/words.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- Numbers and words ---- */

static void add_number(struct buf *out, char letter, uint64_t a)
{
    if (letter == 'o')
        buf_printf(out, "0%" PRIo64, a & 07777);
    else if (letter != 'd')
        buf_printf(out, a ? "0x%" PRIx64 : "%" PRIu64, a);
    else if ((int)a == AT_FDCWD)
        buf_addstr(out, "AT_FDCWD");
    else
        buf_printf(out, "%" PRId64,
                   (int64_t)a > INT32_MAX && a <= UINT32_MAX ? (int64_t)(int32_t)a : (int64_t)a);
}

struct vocabulary {
    char letter;
    bool is_flags;
    enum words words;
};

static const struct vocabulary vocabularies[] = {
    {'C', false, WORDS_FCNTL},    {'D', false, WORDS_DOMAIN},  {'E', false, WORDS_EPOLL_VERB},
    {'H', false, WORDS_SHUTDOWN}, {'I', false, WORDS_IOCTL},   {'K', false, WORDS_SEEK},
    {'L', false, WORDS_LEVEL},    {'c', true, WORDS_CREATION}, {'y', true, WORDS_SOCKET},
    {'G', true, WORDS_MSG},       {'U', true, WORDS_AT},       {'Y', true, WORDS_INOTIFY},
    {'k', true, WORDS_WAIT},      {'l', true, WORDS_FLOCK},    {'M', true, WORDS_MOUNT},
};

static bool add_word(struct buf *out, char letter, uint64_t a)
{
    for (size_t i = 0; i < ARRAY_LEN(vocabularies); i++)
        if (vocabularies[i].letter == letter) {
            (vocabularies[i].is_flags ? words_add_flags : words_add_one)(out, vocabularies[i].words,
                                                                         (uint32_t)a);
            return true;
        }
    return false;
}

static void add_open_flags(struct buf *out, uint64_t value)
{
    static const char *const access[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "3"};
    uint64_t flags = (uint32_t)value & ~(uint32_t)O_ACCMODE;
    buf_addstr(out, access[value & O_ACCMODE]);
    if (flags) {
        buf_addch(out, '|');
        words_add_flags(out, WORDS_OPEN, flags);
    }
}

static void add_type(struct buf *out, uint64_t value)
{
    uint64_t flags = value & (uint64_t)(SOCK_NONBLOCK | SOCK_CLOEXEC);
    words_add_one(out, WORDS_TYPE, value & ~flags);
    if (flags) {
        buf_addch(out, '|');
        words_add_flags(out, WORDS_SOCKET, flags);
    }
}

static void add_option_name(struct buf *out, uint64_t level, uint64_t option)
{
    enum words words = level == SOL_SOCKET     ? WORDS_OPTION
                       : level == IPPROTO_TCP  ? WORDS_OPTION_TCP
                       : level == IPPROTO_IPV6 ? WORDS_OPTION_IPV6
                                               : WORDS_OPTION_PACKET;
    if (level == IPPROTO_IP)
        buf_printf(out, "%" PRIu64, option);
    else
        words_add_one(out, words, option);
}

/* ---- What depends on another argument ---- */

static bool is_lock(uint64_t command)
{
    switch (command) {
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return true;
    default:
        return false;
    }
}

static void add_fcntl(struct buf *out, const struct call_seen *c, size_t i)
{
    const uint64_t command = c->args[i - 1], a = c->args[i];
    if (is_lock(command))
        struct_add_lock(out, c->tid, a);
    else if (command == F_SETFL)
        words_add_flags(out, WORDS_OPEN, (uint32_t)a & ~(uint32_t)O_ACCMODE);
    else if (command == F_SETFD)
        buf_addstr(out, a & FD_CLOEXEC ? "FD_CLOEXEC" : "0");
    else
        add_number(out, 'd', a);
}

/* Those that are about an interface begin with its name. */
static void add_ioctl(struct buf *out, const struct call_seen *c, size_t i)
{
    const uint64_t request = c->args[i - 1], a = c->args[i];
    char name[IFNAMSIZ + 1] = "";
    if (request >= SIOCGIFNAME && request <= SIOCSIFHWBROADCAST && request != SIOCGIFCONF)
        struct_read_text(c->tid, a, name, sizeof name);
    if (name[0])
        struct_add_text(out, c->tid, a);
    else
        add_number(out, 'p', a);
}

/* ---- Structures ---- */

static const struct structure {
    char letter;
    void (*add)(struct buf *out, pid_t tid, uint64_t address);
} structures[] = {
    {'s', struct_add_text},  {'X', struct_add_texts},     {'t', struct_add_timespec},
    {'e', struct_add_epoll}, {'h', struct_add_sigaction}, {'g', struct_add_sigset},
    {'B', struct_add_clone}, {'b', struct_add_stat},      {'2', struct_add_two},
};

static bool add_structure(struct buf *out, char letter, pid_t tid, uint64_t address)
{
    for (size_t i = 0; i < ARRAY_LEN(structures); i++)
        if (structures[i].letter == letter) {
            structures[i].add(out, tid, address);
            return true;
        }
    return false;
}

/* ---- All of them ---- */

/* What the pointer to a socklen_t points to. */
static socklen_t length_at(pid_t tid, uint64_t address)
{
    socklen_t n = 0;
    return struct_read(tid, address, &n, sizeof n) == sizeof n ? n : 0;
}

static void add_what_comes_back(struct buf *out, char letter, const struct call_seen *c, size_t i)
{
    const uint64_t a = c->result < 0 ? 0 : c->args[i], next = i < 5 ? c->args[i + 1] : 0;
    const uint64_t count = c->result > 0 ? (uint64_t)c->result : 0;
    if (add_structure(out, letter, c->tid, a))
        return;
    switch (letter) {
    case 'r':
        struct_add_bytes(out, c->tid, c->args[i], count);
        break;
    case 'j':
        struct_add_iovec(out, c->tid, a, next, count);
        break;
    case 'R':
        struct_add_message(out, c->tid, a, count);
        break;
    case 'A':
        struct_add_address(out, c->tid, a, a ? sizeof(struct sockaddr_un) : 0);
        break;
    case 'W':
        struct_add_wait(out, c->tid, count ? a : 0);
        break;
    case 'Z':
        struct_add_epolled(out, c->tid, a, count);
        break;
    default: /* V */
        struct_add_value(out, c->tid, a, length_at(c->tid, next));
    }
}

void shape_add(struct buf *out, char letter, const struct call_seen *c, size_t i)
{
    const uint64_t a = c->args[i], next = i < 5 ? c->args[i + 1] : 0;
    if (shape_comes_back(letter)) {
        add_what_comes_back(out, letter, c, i);
        return;
    }
    if (add_word(out, letter, a) || add_structure(out, letter, c->tid, a))
        return;
    switch (letter) {
    case 'w':
        struct_add_bytes(out, c->tid, a, next);
        break;
    case 'a':
        struct_add_address(out, c->tid, a, next);
        break;
    case 'i':
        struct_add_iovec(out, c->tid, a, next, UINT64_MAX);
        break;
    case 'm':
        struct_add_message(out, c->tid, a, UINT64_MAX);
        break;
    case 'N':
        add_option_name(out, c->args[i - 1], a);
        break;
    case 'S':
        words_add_signal(out, (int)a);
        break;
    case 'T':
        add_type(out, a);
        break;
    case 'F':
        struct_add_clone_flags(out, a);
        break;
    case 'O':
        add_open_flags(out, a);
        break;
    case 'u':
        add_number(out, 'o', a);
        break;
    case 'f':
        struct_add_polled(out, c->tid, a, next, false);
        break;
    case 'q':
        struct_add_fds(out, c->tid, a, c->args[0]);
        break;
    case 'v':
        if (c->args[i - 2] == SOL_SOCKET && c->args[i - 1] == SO_BINDTODEVICE)
            struct_add_bytes(out, c->tid, a, next);
        else
            struct_add_value(out, c->tid, a, next);
        break;
    case 'z':
        add_fcntl(out, c, i);
        break;
    case 'Q':
        add_ioctl(out, c, i);
        break;
    default:
        add_number(out, letter, a);
    }
}

bool shape_comes_back(char letter)
{
    return letter && strchr("rjRAb2WVZ", letter);
}

bool shape_is_shown(char letter, const struct call_seen *c, size_t i)
{
    switch (letter) {
    case 'n':
        return false;
    case 'u':
        return c->args[i - 1] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
    case 'e':
        return c->args[i - 2] != EPOLL_CTL_DEL;
    case 'z':
        return c->args[i - 1] != F_GETFL && c->args[i - 1] != F_GETFD;
    default:
        return true;
    }
}
