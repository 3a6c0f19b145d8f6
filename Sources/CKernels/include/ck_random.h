#ifndef ck_random_h
#define ck_random_h

#include <stddef.h>
#include <stdint.h>

/// Philox-4×32 with ten rounds: the four words of a counter under a key.
void ck_philox(const uint32_t key[_Nonnull 2], const uint32_t counter[_Nonnull 4], uint32_t words[_Nonnull 4]);

/// Elements first ..< first + count of a stream, evenly spread over 0 ..< 1 in steps of 2^-53.
void ck_random_uniform(
    const uint32_t key[_Nonnull 2], uint64_t stream, uint64_t first, size_t count, double *_Nonnull values);

/// Elements first ..< first + count of a stream, normal with mean 0 and deviation 1.
void ck_random_normal(
    const uint32_t key[_Nonnull 2], uint64_t stream, uint64_t first, size_t count, double *_Nonnull values);

#endif
