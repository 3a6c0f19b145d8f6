#ifndef ck_sort_h
#define ck_sort_h

#include "ck_dispatch.h"

/// Rows that are sorted one by one: a box of rows, `rank` axes of which are walked, the outermost first. Strides and
/// offsets in elements.
typedef struct {
  int32_t rank;
  int descending;
  ptrdiff_t lengths[8], x_strides[8], y_strides[8];
  ptrdiff_t x_offset, y_offset;
  /// A row of x has `length` elements; the first `kept` of them in order are written.
  ptrdiff_t length, x_stride, kept, y_stride;
} ck_sort;

/// Appends an axis of the box.
void ck_sort_axis(ck_sort *_Nonnull s, ptrdiff_t length, ptrdiff_t x_stride, ptrdiff_t y_stride);

/// Bytes of scratch that a sort needs.
size_t ck_sort_scratch(const ck_sort *_Nonnull s);

/// Sorts every row: the elements to `values` and their numbers in the row to `numbers`. Stable; NaN comes last in both
/// directions, and -0 is equal to 0.
void ck_sort_run(
    ck_dtype type, const ck_sort *_Nonnull s, const void *_Nonnull x, void *_Nonnull values,
    int64_t *_Nonnull numbers, void *_Nonnull scratch);

#endif
