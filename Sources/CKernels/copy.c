#include "ck_copy.h"

#include <string.h>

#include "ck_access.h"

void ck_copy_plan_make(
    ck_copy_plan *plan, int32_t element_bytes, int32_t rank, const int64_t *lengths, int64_t source_offset,
    const int64_t *source_strides, int64_t target_offset, const int64_t *target_strides) {
  memset(plan, 0, sizeof *plan);
  plan->element_bytes = element_bytes;
  plan->source_offset = source_offset * element_bytes;
  plan->target_offset = target_offset * element_bytes;
  int32_t kept = 0;
  for (int32_t axis = 0; axis < rank; axis++) {
    if (lengths[axis] == 0) {
      // An empty box: one axis of length zero says so.
      plan->rank = 1;
      plan->lengths[0] = 0;
      return;
    }
    if (lengths[axis] == 1) continue;
    int64_t source = source_strides[axis] * element_bytes, target = target_strides[axis] * element_bytes;
    if (kept > 0 && plan->source_strides[kept - 1] == source * lengths[axis] &&
        plan->target_strides[kept - 1] == target * lengths[axis]) {
      plan->lengths[kept - 1] *= lengths[axis];
      plan->source_strides[kept - 1] = source;
      plan->target_strides[kept - 1] = target;
      continue;
    }
    plan->lengths[kept] = lengths[axis];
    plan->source_strides[kept] = source;
    plan->target_strides[kept] = target;
    kept++;
  }
  plan->rank = kept;
}

#define TILE 32

// A matrix whose rows lie apart in the target and whose columns lie apart in the source: tiles of TILE × TILE, so that
// the lines of both sides stay in the first-level cache.
#define TRANSPOSE(T, NAME)                                                                                       \
  static void NAME(                                                                                              \
      char *target, const char *source, int64_t rows, int64_t columns, int64_t target_stride,                    \
      int64_t source_stride) {                                                                                   \
    for (int64_t r0 = 0; r0 < rows; r0 += TILE) {                                                                \
      int64_t r1 = r0 + TILE < rows ? r0 + TILE : rows;                                                          \
      for (int64_t c0 = 0; c0 < columns; c0 += TILE) {                                                           \
        int64_t c1 = c0 + TILE < columns ? c0 + TILE : columns;                                                  \
        int64_t r = r0;                                                                                          \
        for (; r + 4 <= r1; r += 4) {                                                                            \
          T *t0 = (T *)(target + r * target_stride), *t1 = (T *)((char *)t0 + target_stride);                    \
          T *t2 = (T *)((char *)t1 + target_stride), *t3 = (T *)((char *)t2 + target_stride);                    \
          for (int64_t c = c0; c < c1; c++) {                                                                    \
            const T *s = (const T *)(source + c * source_stride) + r;                                            \
            T x0 = s[0], x1 = s[1], x2 = s[2], x3 = s[3];                                                        \
            t0[c] = x0, t1[c] = x1, t2[c] = x2, t3[c] = x3;                                                      \
          }                                                                                                      \
        }                                                                                                        \
        for (; r < r1; r++) {                                                                                    \
          T *t = (T *)(target + r * target_stride);                                                              \
          for (int64_t c = c0; c < c1; c++) t[c] = ((const T *)(source + c * source_stride))[r];                 \
        }                                                                                                        \
      }                                                                                                          \
    }                                                                                                            \
  }

TRANSPOSE(uint8_t, transpose1)
TRANSPOSE(uint32_t, transpose4)
TRANSPOSE(uint64_t, transpose8)

#define ROW(T, NAME)                                                                                             \
  static void NAME(char *target, const char *source, int64_t n, int64_t target_stride, int64_t source_stride) { \
    if (target_stride == (int64_t)sizeof(T)) {                                                                   \
      T *t = (T *)target;                                                                                        \
      if (source_stride == 0) {                                                                                  \
        T value = *(const T *)source;                                                                            \
        for (int64_t i = 0; i < n; i++) t[i] = value;                                                            \
      } else if (source_stride == -(int64_t)sizeof(T)) {                                                         \
        const T *s = (const T *)source;                                                                          \
        for (int64_t i = 0; i < n; i++) t[i] = s[-i];                                                            \
      } else {                                                                                                   \
        for (int64_t i = 0; i < n; i++) t[i] = *(const T *)(source + i * source_stride);                         \
      }                                                                                                          \
    } else {                                                                                                     \
      for (int64_t i = 0; i < n; i++) *(T *)(target + i * target_stride) = *(const T *)(source + i * source_stride); \
    }                                                                                                            \
  }

ROW(uint8_t, row1)
ROW(uint32_t, row4)
ROW(uint64_t, row8)

static void run_row(const ck_copy_plan *plan, char *target, const char *source) {
  int32_t last = plan->rank - 1;
  int64_t n = plan->lengths[last], ts = plan->target_strides[last], ss = plan->source_strides[last];
  switch (plan->element_bytes) {
  case 1: row1(target, source, n, ts, ss); break;
  case 4: row4(target, source, n, ts, ss); break;
  default: row8(target, source, n, ts, ss); break;
  }
}

static void run_transpose(const ck_copy_plan *plan, int32_t axis, char *target, const char *source) {
  int32_t last = plan->rank - 1;
  int64_t rows = plan->lengths[axis], columns = plan->lengths[last];
  int64_t ts = plan->target_strides[axis], ss = plan->source_strides[last];
  switch (plan->element_bytes) {
  case 1: transpose1(target, source, rows, columns, ts, ss); break;
  case 4: transpose4(target, source, rows, columns, ts, ss); break;
  default: transpose8(target, source, rows, columns, ts, ss); break;
  }
}

// Walks the axes before the last except `skipped` (-1 for none) and hands each position to the innermost copy.
static void walk(
    const ck_copy_plan *plan, int32_t skipped, int32_t axis, char *target, const char *source) {
  int32_t last = plan->rank - 1;
  while (axis == skipped) axis++;
  if (axis == last) {
    if (skipped >= 0) {
      run_transpose(plan, skipped, target, source);
    } else if (
        plan->source_strides[last] == plan->element_bytes && plan->target_strides[last] == plan->element_bytes) {
      memcpy(target, source, (size_t)(plan->lengths[last] * plan->element_bytes));
    } else {
      run_row(plan, target, source);
    }
    return;
  }
  for (int64_t i = 0; i < plan->lengths[axis]; i++)
    walk(
        plan, skipped, axis + 1, target + i * plan->target_strides[axis], source + i * plan->source_strides[axis]);
}

void ck_copy_run(const ck_copy_plan *plan, void *target, const void *source) {
  char *to = (char *)target + plan->target_offset;
  const char *from = (const char *)source + plan->source_offset;
  if (plan->rank == 0) {
    memcpy(to, from, (size_t)plan->element_bytes);
    return;
  }
  int32_t last = plan->rank - 1;
  if (plan->lengths[last] == 0) return;
  int32_t unit = -1;
  if (plan->target_strides[last] == plan->element_bytes && plan->source_strides[last] != plan->element_bytes &&
      plan->source_strides[last] != 0) {
    for (int32_t axis = 0; axis < last; axis++)
      if (plan->source_strides[axis] == plan->element_bytes && plan->lengths[axis] >= 4) unit = axis;
  }
  walk(plan, unit, 0, to, from);
}
