#ifndef COneDNN_H
#define COneDNN_H

#include <stdbool.h>
#include <stdint.h>

/// The instruction sets that the library's f32 matrix product distinguishes.
typedef enum { tdnn_isa_baseline = 0, tdnn_isa_avx2 = 1, tdnn_isa_avx512 = 2 } tdnn_isa;

/// The best set that the library will use on this processor, as limited by `DNNL_MAX_CPU_ISA`.
tdnn_isa tdnn_effective_isa(void);

/// The library's version: major · 10000 + minor · 100 + patch.
int32_t tdnn_version(void);

/// c = op(a) · op(b) + beta · c over row-major matrices with leading dimensions; 0 on success, else the library's
/// error number. Runs on the calling thread alone, whatever OpenMP's settings are, and leaves those as they were.
int32_t tdnn_sgemm(
    bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b,
    int64_t ldb, float beta, float *c, int64_t ldc);

#endif
