/* SHA-1 (FIPS 180-4), which WebSocket's handshake asks for and nothing else should. Pure. */
#ifndef HARNESS_SHA1_H
#define HARNESS_SHA1_H

#include "harness/check.h"

enum { SHA1_SIZE = 20 };

void sha1(Bytes b, uint8_t out[SHA1_SIZE]);

#endif
