#ifndef ck_gemm_h
#define ck_gemm_h

#include "ck_dispatch.h"

/// A product of row-major matrices, c = op(a) · op(b) or c += op(a) · op(b); op(a) is m × k, op(b) k × n, and the
/// leading dimensions are the distances between rows as stored.
typedef struct {
  ptrdiff_t m, n, k, lda, ldb, ldc;
  /// Whether a and b are transposed.
  int turn_a, turn_b;
  /// Whether the product is added to c.
  int add;
  /// Whether the operands are first laid out in the order in which they are read. A transposed b always is.
  int lay_a, lay_b;
} ck_product;

/// Bytes of scratch that a product needs.
size_t ck_gemm_scratch(ck_level level, ck_dtype type, const ck_product *_Nonnull g);

/// Computes a product of f32 or f64 matrices.
void ck_gemm(ck_level level, ck_dtype type, const ck_product *_Nonnull g, const void *_Nonnull a,
             const void *_Nonnull b, void *_Nonnull c, void *_Nullable scratch);

#endif
