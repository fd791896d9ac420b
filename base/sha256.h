/* SHA-256 (FIPS 180-4) in hexadecimal, by nettle: names contents by what they are. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

#include <nettle/sha2.h>

enum { SHA256_HEX = 2 * SHA256_DIGEST_SIZE + 1 }; /* 64 hexadecimal digits and the NUL */

struct sha256 {
    struct sha256_ctx context;
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t n);
void sha256_end(struct sha256 *s, char hex[SHA256_HEX]);

#endif
