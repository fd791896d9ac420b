#include "base/sha256.h"

#include <stdint.h>
#include <stdio.h>

void sha256_begin(struct sha256 *s)
{
    sha256_init(&s->context);
}

void sha256_add(struct sha256 *s, const void *bytes, size_t n)
{
    sha256_update(&s->context, n, bytes);
}

void sha256_end(struct sha256 *s, char hex[SHA256_HEX])
{
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_digest(&s->context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
