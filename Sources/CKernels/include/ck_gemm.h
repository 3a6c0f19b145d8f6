#ifndef CK_GEMM_H
#define CK_GEMM_H

#include <stdbool.h>
#include <stdint.h>

/// c = op(a) · op(b), or c += op(a) · op(b) when `accumulating`, over row-major matrices with leading dimensions:
/// op(a) is m × k, op(b) k × n. Packs nothing; for products too small for a library.
void ck_gemm_small_f32(
    int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, bool transpose_a, const float *b, int64_t ldb,
    bool transpose_b, float *c, int64_t ldc, bool accumulating);

/// The same in double precision.
void ck_gemm_small_f64(
    int64_t m, int64_t n, int64_t k, const double *a, int64_t lda, bool transpose_a, const double *b, int64_t ldb,
    bool transpose_b, double *c, int64_t ldc, bool accumulating);

#endif
