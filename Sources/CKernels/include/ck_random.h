#ifndef ck_random_h
#define ck_random_h

#include "ck_dispatch.h"

/// Philox-4×32 with ten rounds: the four words of a counter under a key.
void ck_philox(const uint32_t key[_Nonnull 2], const uint32_t counter[_Nonnull 4], uint32_t words[_Nonnull 4]);

/// Elements first ..< first + count of a stream, evenly spread over 0 ..< 1 in steps of 2^-53.
void ck_random_uniform(
    const uint32_t key[_Nonnull 2], uint64_t stream, uint64_t first, size_t count, double *_Nonnull values);

/// Elements first ..< first + count of a stream, normal with mean 0 and deviation 1.
void ck_random_normal(
    const uint32_t key[_Nonnull 2], uint64_t stream, uint64_t first, size_t count, double *_Nonnull values);

/// A region of a row-major value as runs of adjacent elements, `depth` axes of which are walked around a run; and the
/// seed and stream of its random numbers. An element's number is its place in the value.
typedef struct {
  uint64_t seed, stream;
  int32_t depth;
  ptrdiff_t first, length;
  ptrdiff_t count[8], stride[8];
} ck_random_region;

/// Appends an axis around the runs, the outermost first.
void ck_random_axis(ck_random_region *_Nonnull r, ptrdiff_t count, ptrdiff_t stride);

/// What random numbers are made into.
typedef enum {
  /// a + (b - a)·u with u evenly spread over 0 ..< 1; below b, where a < b.
  CK_UNIFORM = 0,
  /// a + b·z with z normal, mean 0 and deviation 1.
  CK_NORMAL = 1,
} ck_distribution;

/// Fills a region of an f32 or f64 value at a step. Numbers are drawn in double and rounded once.
void ck_random_fill(
    ck_level level, ck_dtype type, const ck_random_region *_Nonnull r, int64_t step, ck_distribution distribution,
    double a, double b, void *_Nonnull y);

/// y = scale·x where the element's word is at least `threshold`, a part of 2^32, else 0; y may be x.
void ck_dropout(
    ck_level level, ck_dtype type, const ck_random_region *_Nonnull r, int64_t step, uint64_t threshold, double scale,
    const void *_Nonnull x, void *_Nonnull y);

#endif
