#ifndef ck_softmax_h
#define ck_softmax_h

#include "ck_dispatch.h"

/// Rows that are normalised one by one: `rows` blocks, `row_stride` elements apart, of `columns` adjacent columns with
/// `length` elements each, `stride` elements apart.
typedef struct {
  ptrdiff_t rows, row_stride, length, stride, columns;
} ck_softmax_box;

/// y = softmax(x), or its logarithm, along the length; y may be x. A row of -∞ alone gives NaN.
void ck_softmax(ck_level level, ck_dtype type, int logarithm, const ck_softmax_box *_Nonnull box,
                const void *_Nonnull x, void *_Nonnull y);

/// dx of y = softmax(x) or its logarithm, from dy and y: (dy - Σ dy·y)·y, or dy - exp(y)·Σ dy. dx may be dy or y.
void ck_softmax_gradient(ck_level level, ck_dtype type, int logarithm, const ck_softmax_box *_Nonnull box,
                         const void *_Nonnull dy, const void *_Nonnull y, void *_Nonnull dx);

/// Cross entropy between logits [batch, classes, inner] and class numbers [batch, inner].
typedef struct {
  /// The part of the batch to compute.
  ptrdiff_t begin, end;
  ptrdiff_t classes, inner;
  /// Whether class numbers are 64 bits wide, else 32.
  int wide;
  /// Whether positions whose class number is `ignored` count for nothing.
  int ignoring;
  int64_t ignored;
  /// s: the target is (1 - s)·onehot + s / classes.
  double smoothing;
} ck_entropy;

/// Looks for a class number outside 0 ..< classes that is not ignored, from position `from` to `to`. Returns the
/// number of positions that are not ignored, or -1 with the class number found in *bad.
ptrdiff_t ck_entropy_check(const ck_entropy *_Nonnull e, const void *_Nonnull numbers, ptrdiff_t from, ptrdiff_t to,
                           int64_t *_Nonnull bad);

/// The loss at each position, written to `losses` unless null; returns their sum, added in order of position.
double ck_entropy_loss(ck_level level, ck_dtype type, const ck_entropy *_Nonnull e, const void *_Nonnull logits,
                       const void *_Nonnull numbers, void *_Nullable losses);

/// d logits = g·(softmax - target), g = cotangent·scale; `each`: the cotangent has an element for each position, else
/// one for all. d logits may be the logits.
void ck_entropy_gradient(ck_level level, ck_dtype type, const ck_entropy *_Nonnull e, const void *_Nonnull cotangent,
                         int each, double scale, const void *_Nonnull logits, const void *_Nonnull numbers,
                         void *_Nonnull d_logits);

#endif
