#ifndef ck_index_h
#define ck_index_h

#include "ck_dispatch.h"

/// Looks for a number outside 0 ..< limit among `count` indices of 64 bits (`wide`) or 32. Returns whether all are
/// inside, else false with the first that is not in *bad.
int ck_indices_valid(const void *_Nonnull indices, int wide, ptrdiff_t count, int64_t limit, int64_t *_Nonnull bad);

/// Copies slices: for every outer o and j < count, the `bytes` bytes at x + o·x_outer + index[j]·x_stride go to
/// y + o·y_outer + j·y_stride. Distances in bytes; the indices are valid.
typedef struct {
  ptrdiff_t outer, count, bytes;
  ptrdiff_t x_offset, x_outer, x_stride, y_offset, y_outer, y_stride;
  ptrdiff_t first_index;
  int wide;
} ck_take;
void ck_take_run(const ck_take *_Nonnull t, const void *_Nonnull x, const void *_Nonnull indices, void *_Nonnull y);

/// Adds rows of `width` elements: y[index[j]] += x[j] for every j in order, where index[j] lies in
/// row_begin ..< row_end. Strides and offsets in elements.
typedef struct {
  ptrdiff_t count, width, row_begin, row_end;
  ptrdiff_t x_offset, x_stride, y_offset, y_stride;
  int wide;
} ck_add_rows;
void ck_add_rows_run(
    ck_dtype type, const ck_add_rows *_Nonnull a, const void *_Nonnull x, const void *_Nonnull indices,
    void *_Nonnull y);

/// A walk over a box of positions in row-major order, along one axis of which a tensor is indexed: position p of the
/// index tensor belongs to the tensor's element p with the number along that axis replaced. Elements, not bytes.
typedef struct {
  int32_t rank;
  int wide;
  ptrdiff_t lengths[8];
  ptrdiff_t index_offset, index_strides[8];
  ptrdiff_t tensor_offset, tensor_strides[8], axis_stride;
} ck_indexed;

/// y[position] = x[indexed].
void ck_gather_run(
    ck_dtype type, const ck_indexed *_Nonnull w, const void *_Nonnull x, const void *_Nonnull indices,
    void *_Nonnull y);

/// y[indexed] += x[position], in order of position.
void ck_scatter_add_run(
    ck_dtype type, const ck_indexed *_Nonnull w, const void *_Nonnull x, const void *_Nonnull indices,
    void *_Nonnull y);

/// Whether all indices of the walk lie in 0 ..< limit, else false with the first that does not in *bad.
int ck_indexed_valid(
    const ck_indexed *_Nonnull w, const void *_Nonnull indices, int64_t limit, int64_t *_Nonnull bad);

/// Adds an axis to a walk, the outermost first.
void ck_indexed_axis(
    ck_indexed *_Nonnull w, ptrdiff_t length, ptrdiff_t index_stride, ptrdiff_t tensor_stride);

#endif
