// Division of integers towards -∞, and the search for a divisor that is 0. The least number divided by -1 wraps.
#define CK_DEFINE(T, U) \
  static inline T M(floor_divide, T)(T x, T z) { \
    if (z == -1) return (T)((U)0 - (U)x); \
    const T q = x / z; \
    return (T)(q - (q * z != x && (x < 0) != (z < 0))); \
  } \
  static inline T M(remainder, T)(T x, T z) { \
    if (z == -1) return 0; \
    const T r = x % z; \
    return (T)(r != 0 && (r < 0) != (z < 0) ? r + z : r); \
  } \
  CK_LOOP2(floor_divide_loop, T, T, M(floor_divide, T)(x, z)) \
  CK_LOOP2(remainder_loop, T, T, M(remainder, T)(x, z)) \
  /* Operand 1 is one number of 64 bits: where the first 0 was found, negative as long as none was. */ \
  static void M(find_zero_loop, T)(const ck_span *s, void *const *p) { \
    int64_t *found = (int64_t *)p[1]; \
    for (ptrdiff_t r = 0; r < s->rows && *found < 0; r++) { \
      const T *a = CK_AT(const T, 0, r); \
      int zero = 0; \
      for (ptrdiff_t i = 0; i < s->n; i++) zero |= a[i] == 0; \
      for (ptrdiff_t i = 0; zero && *found < 0; i++) \
        if (a[i] == 0) *found = s->base[0] + r * s->row[0] + i; \
    } \
  }
CK_DEFINE(int32_t, uint32_t)
CK_DEFINE(int64_t, uint64_t)
#undef CK_DEFINE
