// The sum of constant[0] inputs that all lie alike, from left to right: ((p0 + p1) + p2) + ..., a block at a time so
// that the partial sums stay in the first-level cache. The output may be input 0.
#define CK_DEFINE(T, U) \
  static void M(accumulate_loop, T)(const ck_span *s, void *const *p) { \
    const int inputs = (int)s->constant[0]; \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      const ptrdiff_t offset = s->base[0] + r * s->row[0]; \
      for (ptrdiff_t start = 0; start < s->n; start += 2048) { \
        const ptrdiff_t n = s->n - start < 2048 ? s->n - start : 2048; \
        T *y = (T *)p[inputs] + offset + start; \
        const T *a = (const T *)p[0] + offset + start; \
        if (inputs == 1) { \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i]; \
        } else { \
          const T *b = (const T *)p[1] + offset + start; \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = (T)((U)a[i] + (U)b[i]); \
        } \
        for (int k = 2; k < inputs; k++) { \
          const T *c = (const T *)p[k] + offset + start; \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = (T)((U)y[i] + (U)c[i]); \
        } \
      } \
    } \
  }
CK_DEFINE(float, float)
CK_DEFINE(double, double)
CK_DEFINE(int32_t, uint32_t)
CK_DEFINE(int64_t, uint64_t)
#undef CK_DEFINE

// Whether the one row of input 0 is finite throughout, as one bool.
#define CK_DEFINE(T, U, exponent) \
  static void M(all_finite_loop, T)(const ck_span *s, void *const *p) { \
    const U *x = (const U *)p[0] + s->base[0]; \
    U bad = 0; \
    for (ptrdiff_t i = 0; i < s->n; i++) bad |= (U)((x[i] & (exponent)) == (exponent)); \
    *(uint8_t *)p[1] = bad == 0; \
  }
CK_DEFINE(float, uint32_t, 0x7f800000u)
CK_DEFINE(double, uint64_t, 0x7ff0000000000000u)
#undef CK_DEFINE
