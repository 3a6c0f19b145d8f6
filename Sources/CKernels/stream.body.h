// The triad, as plain as elementwise kernels are.
static void M(triad, float)(ptrdiff_t n, const float *b, const float *c, float s, float *a) {
  CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) a[i] = b[i] + s * c[i];
}
