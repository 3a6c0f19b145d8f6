#include "transcendental.h"

static void M(fused, float)(ptrdiff_t n, const float *a, const float *b, const float *c, float *y) {
  CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = CK(fma)(a[i], b[i], c[i]);
}
