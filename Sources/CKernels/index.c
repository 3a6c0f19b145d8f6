#include "ck_index.h"

#include <string.h>

// The sign bit is set where k lies outside 0 ..< limit; vectors of any level have these operations.
static inline uint64_t outside_of(int64_t limit, int64_t k) {
  return (uint64_t)k | ((uint64_t)limit - 1 - (uint64_t)k);
}

static inline int64_t at(const void *indices, int wide, ptrdiff_t i) {
  return wide ? ((const int64_t *)indices)[i] : ((const int32_t *)indices)[i];
}

int ck_indices_valid(const void *indices, int wide, ptrdiff_t count, int64_t limit, int64_t *bad) {
  uint64_t outside = 0;
  if (wide) {
    for (ptrdiff_t i = 0; i < count; i++) outside |= outside_of(limit, ((const int64_t *)indices)[i]);
  } else {
    for (ptrdiff_t i = 0; i < count; i++) outside |= outside_of(limit, ((const int32_t *)indices)[i]);
  }
  if (!(outside >> 63)) return 1;
  for (ptrdiff_t i = 0; i < count; i++) {
    const int64_t k = at(indices, wide, i);
    if (k < 0 || k >= limit) {
      *bad = k;
      return 0;
    }
  }
  return 1;
}

void ck_take_run(const ck_take *t, const void *x, const void *indices, void *y) {
  for (ptrdiff_t o = 0; o < t->outer; o++) {
    const char *from = (const char *)x + t->x_offset + o * t->x_outer;
    char *to = (char *)y + t->y_offset + o * t->y_outer;
    for (ptrdiff_t j = 0; j < t->count; j++)
      memcpy(to + j * t->y_stride, from + at(indices, t->wide, t->first_index + j) * t->x_stride, (size_t)t->bytes);
  }
}

// Integers are added without a sign, so that an overflow wraps.
#define ADD_ROWS(T, NAME) \
  static void NAME(const ck_add_rows *a, const T *x, const void *indices, T *y) { \
    for (ptrdiff_t j = 0; j < a->count; j++) { \
      const int64_t k = at(indices, a->wide, j); \
      if (k < a->row_begin || k >= a->row_end) continue; \
      const T *from = x + a->x_offset + j * a->x_stride; \
      T *to = y + a->y_offset + k * a->y_stride; \
      for (ptrdiff_t i = 0; i < a->width; i++) to[i] += from[i]; \
    } \
  }
ADD_ROWS(float, add_rows_f32)
ADD_ROWS(double, add_rows_f64)
ADD_ROWS(uint32_t, add_rows_i32)
ADD_ROWS(uint64_t, add_rows_i64)

void ck_add_rows_run(ck_dtype type, const ck_add_rows *a, const void *x, const void *indices, void *y) {
  switch (type) {
  case CK_F32: add_rows_f32(a, (const float *)x, indices, (float *)y); break;
  case CK_F64: add_rows_f64(a, (const double *)x, indices, (double *)y); break;
  case CK_I32: add_rows_i32(a, (const uint32_t *)x, indices, (uint32_t *)y); break;
  case CK_I64: add_rows_i64(a, (const uint64_t *)x, indices, (uint64_t *)y); break;
  case CK_BOOL: break;
  }
}

void ck_indexed_axis(
    ck_indexed *w, ptrdiff_t length, ptrdiff_t index_stride, ptrdiff_t tensor_stride) {
  w->lengths[w->rank] = length;
  w->index_strides[w->rank] = index_stride;
  w->tensor_strides[w->rank++] = tensor_stride;
}

// Runs the body for every position with its offsets p in the index and t in the tensor (along the axis at 0); along the
// last axis in a loop of its own, where offsets that follow one another are told apart.
#define WALK(w, ...) \
  { \
    const int32_t last = (w)->rank - 1; \
    const ptrdiff_t n = last < 0 ? 1 : (w)->lengths[last]; \
    const ptrdiff_t dp = last < 0 ? 0 : (w)->index_strides[last], dt = last < 0 ? 0 : (w)->tensor_strides[last]; \
    ptrdiff_t place[8] = {0}, p0 = (w)->index_offset, t0 = (w)->tensor_offset; \
    int empty = 0; \
    for (int32_t axis = 0; axis < (w)->rank; axis++) empty |= (w)->lengths[axis] == 0; \
    while (!empty) { \
      if (dp == 1 && dt == 0) { \
        const ptrdiff_t t = t0; \
        for (ptrdiff_t p = p0; p < p0 + n; p++) { __VA_ARGS__; } \
      } else { \
        for (ptrdiff_t i = 0, p = p0, t = t0; i < n; i++, p += dp, t += dt) { __VA_ARGS__; } \
      } \
      int32_t axis = last - 1; \
      for (; axis >= 0; axis--) { \
        p0 += (w)->index_strides[axis]; \
        t0 += (w)->tensor_strides[axis]; \
        if (++place[axis] < (w)->lengths[axis]) break; \
        p0 -= (w)->index_strides[axis] * (w)->lengths[axis]; \
        t0 -= (w)->tensor_strides[axis] * (w)->lengths[axis]; \
        place[axis] = 0; \
      } \
      if (axis < 0) break; \
    } \
  }

// A body for indices of 64 bits and of 32: I is their type.
#define BY_WIDTH(w, FORM) \
  if ((w)->wide) { \
    FORM(int64_t) \
  } else { \
    FORM(int32_t) \
  }

int ck_indexed_valid(const ck_indexed *w, const void *indices, int64_t limit, int64_t *bad) {
  uint64_t outside = 0;
#define OUTSIDE(I) \
  WALK(w, { \
    (void)t; \
    outside |= outside_of(limit, ((const I *)indices)[p]); \
  })
  BY_WIDTH(w, OUTSIDE)
#undef OUTSIDE
  if (!(outside >> 63)) return 1;
  WALK(w, {
    const int64_t k = at(indices, w->wide, p);
    (void)t;
    if (k < 0 || k >= limit) {
      *bad = k;
      return 0;
    }
  })
  return 1;
}

#define GATHER(T, I) \
  { \
    const ptrdiff_t step = w->axis_stride; \
    const I *k = (const I *)indices; \
    const T *from = (const T *)x; \
    T *to = (T *)y; \
    WALK(w, to[p] = from[t + (ptrdiff_t)k[p] * step]) \
  }
#define GATHER_BITS(I) \
  switch (type) { \
  case CK_F32: \
  case CK_I32: GATHER(uint32_t, I) break; \
  case CK_F64: \
  case CK_I64: GATHER(uint64_t, I) break; \
  case CK_BOOL: GATHER(uint8_t, I) break; \
  }

void ck_gather_run(ck_dtype type, const ck_indexed *w, const void *x, const void *indices, void *y) {
  BY_WIDTH(w, GATHER_BITS)
}

#define SCATTER(T, I) \
  { \
    const ptrdiff_t step = w->axis_stride; \
    const I *k = (const I *)indices; \
    const T *from = (const T *)x; \
    T *to = (T *)y; \
    WALK(w, to[t + (ptrdiff_t)k[p] * step] += from[p]) \
  }
#define SCATTER_NUMBERS(I) \
  switch (type) { \
  case CK_F32: SCATTER(float, I) break; \
  case CK_F64: SCATTER(double, I) break; \
  case CK_I32: SCATTER(uint32_t, I) break; \
  case CK_I64: SCATTER(uint64_t, I) break; \
  case CK_BOOL: break; \
  }

void ck_scatter_add_run(ck_dtype type, const ck_indexed *w, const void *x, const void *indices, void *y) {
  BY_WIDTH(w, SCATTER_NUMBERS)
}
