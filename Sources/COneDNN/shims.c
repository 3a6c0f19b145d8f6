#include "COneDNN.h"

#include <dnnl.h>

// clang has no <omp.h> of gcc's runtime, with which the library is built.
extern void omp_set_num_threads(int);
extern int omp_get_max_threads(void);

tdnn_isa tdnn_effective_isa(void) {
  unsigned isa = (unsigned)dnnl_get_effective_cpu_isa();
  // The values are bit sets in which a better instruction set includes the lesser ones.
  if ((isa & (unsigned)dnnl_cpu_isa_avx512_core) == (unsigned)dnnl_cpu_isa_avx512_core) return tdnn_isa_avx512;
  if ((isa & (unsigned)dnnl_cpu_isa_avx2) == (unsigned)dnnl_cpu_isa_avx2) return tdnn_isa_avx2;
  return tdnn_isa_baseline;
}

int32_t tdnn_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return version->major * 10000 + version->minor * 100 + version->patch;
}

int32_t tdnn_sgemm(
    bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b,
    int64_t ldb, float beta, float *c, int64_t ldc) {
  // The library cuts a product by OpenMP's maximum, which is a setting of the calling thread.
  int threads = omp_get_max_threads();
  if (threads != 1) omp_set_num_threads(1);
  dnnl_status_t status =
      dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc);
  if (threads != 1) omp_set_num_threads(threads);
  return (int32_t)status;
}
