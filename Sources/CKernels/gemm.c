#include "ck_gemm.h"

#define SMALL(T, NAME)                                                                                           \
  void NAME(                                                                                                     \
      int64_t m, int64_t n, int64_t k, const T *a, int64_t lda, bool transpose_a, const T *b, int64_t ldb,       \
      bool transpose_b, T *c, int64_t ldc, bool accumulating) {                                                  \
    int64_t a_row = transpose_a ? 1 : lda, a_column = transpose_a ? lda : 1;                                     \
    int64_t b_row = transpose_b ? 1 : ldb, b_column = transpose_b ? ldb : 1;                                     \
    for (int64_t i = 0; i < m; i++) {                                                                            \
      T *row = c + i * ldc;                                                                                      \
      if (!accumulating)                                                                                         \
        for (int64_t j = 0; j < n; j++) row[j] = 0;                                                              \
      for (int64_t p = 0; p < k; p++) {                                                                          \
        T x = a[i * a_row + p * a_column];                                                                       \
        const T *y = b + p * b_row;                                                                              \
        for (int64_t j = 0; j < n; j++) row[j] += x * y[j * b_column];                                           \
      }                                                                                                          \
    }                                                                                                            \
  }

SMALL(float, ck_gemm_small_f32)
SMALL(double, ck_gemm_small_f64)
