#include "ck_random.h"

#define CK_FAMILY "random.body.h"
#include "levels.h"

#if defined(__x86_64__)
#define CK_TABLE(name) {name##_base, name##_v3, name##_v4}
#else
#define CK_TABLE(name) {name##_base, 0, 0}
#endif

void ck_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t words[4]) {
  const uint64_t stream = (uint64_t)counter[3] << 32 | counter[2];
  blocks_base(key, stream, (uint64_t)counter[1] << 32 | counter[0], 1, words);
}

static void draw(const uint32_t key[2], uint64_t stream, int normal, uint64_t first, size_t count, double *values) {
  static void (*const table[CK_LEVELS])(const uint32_t *, uint64_t, int, uint64_t, ptrdiff_t, double *) =
      CK_TABLE(draw);
  table[ck_current_level()](key, stream, normal, first, (ptrdiff_t)count, values);
}

void ck_random_uniform(const uint32_t key[2], uint64_t stream, uint64_t first, size_t count, double *values) {
  draw(key, stream, 0, first, count, values);
}

void ck_random_normal(const uint32_t key[2], uint64_t stream, uint64_t first, size_t count, double *values) {
  draw(key, stream, 1, first, count, values);
}

void ck_random_axis(ck_random_region *r, ptrdiff_t count, ptrdiff_t stride) {
  r->count[r->depth] = count;
  r->stride[r->depth++] = stride;
}

/// The generator of a step: the block of (step, stream) under the seed gives its key and its stream.
static uint64_t generator(const ck_random_region *r, int64_t step, uint32_t key[2]) {
  const uint32_t seed[2] = {(uint32_t)r->seed, (uint32_t)(r->seed >> 32)};
  uint32_t words[4];
  blocks_base(seed, r->stream, (uint64_t)step, 1, words);
  key[0] = words[0];
  key[1] = words[1];
  return (uint64_t)words[3] << 32 | words[2];
}

/// Moves to the next run of a region; false after the last.
static int next_run(const ck_random_region *r, ptrdiff_t place[8], ptrdiff_t *offset) {
  for (int32_t axis = r->depth - 1; axis >= 0; axis--) {
    *offset += r->stride[axis];
    if (++place[axis] < r->count[axis]) return 1;
    *offset -= r->stride[axis] * r->count[axis];
    place[axis] = 0;
  }
  return 0;
}

void ck_random_fill(
    ck_level level, ck_dtype type, const ck_random_region *r, int64_t step, ck_distribution distribution, double a,
    double b, void *y) {
  static void (*const single[CK_LEVELS])(
      const uint32_t *, uint64_t, int, double, double, uint64_t, ptrdiff_t, float *) = CK_ALL_LEVELS(fill_run, float);
  static void (*const wide[CK_LEVELS])(
      const uint32_t *, uint64_t, int, double, double, uint64_t, ptrdiff_t, double *) =
      CK_ALL_LEVELS(fill_run, double);
  uint32_t key[2];
  const uint64_t stream = generator(r, step, key);
  const int normal = distribution == CK_NORMAL;
  ptrdiff_t place[8] = {0}, offset = r->first;
  do {
    if (type == CK_F32) single[level](key, stream, normal, a, b, (uint64_t)offset, r->length, (float *)y + offset);
    else wide[level](key, stream, normal, a, b, (uint64_t)offset, r->length, (double *)y + offset);
  } while (next_run(r, place, &offset));
}

void ck_dropout(
    ck_level level, ck_dtype type, const ck_random_region *r, int64_t step, uint64_t threshold, double scale,
    const void *x, void *y) {
  static void (*const single[CK_LEVELS])(
      const uint32_t *, uint64_t, uint64_t, double, uint64_t, ptrdiff_t, const float *, float *) =
      CK_ALL_LEVELS(dropout_run, float);
  static void (*const wide[CK_LEVELS])(
      const uint32_t *, uint64_t, uint64_t, double, uint64_t, ptrdiff_t, const double *, double *) =
      CK_ALL_LEVELS(dropout_run, double);
  uint32_t key[2];
  const uint64_t stream = generator(r, step, key);
  ptrdiff_t place[8] = {0}, offset = r->first;
  do {
    const uint64_t first = (uint64_t)offset;
    if (type == CK_F32)
      single[level](
          key, stream, threshold, scale, first, r->length, (const float *)x + offset, (float *)y + offset);
    else
      wide[level](
          key, stream, threshold, scale, first, r->length, (const double *)x + offset, (double *)y + offset);
  } while (next_run(r, place, &offset));
}
