// condition ? a : b, for each width of element. Where the output's inner axis is not shared by an operand, the operand
// stays; the cases of two moving values are told apart, the rest step by 0 or 1.
#define CK_DEFINE(T) \
  static void M(where_loop, T)(const ck_span *s, void *const *p) { \
    const ptrdiff_t n = s->n; \
    const ptrdiff_t c1 = CK_MOVES(0), a1 = CK_MOVES(1), b1 = CK_MOVES(2); \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      const uint8_t *c = CK_AT(const uint8_t, 0, r); \
      const T *a = CK_AT(const T, 1, r), *b = CK_AT(const T, 2, r); \
      T *y = CK_AT(T, 3, r); \
      if (c1 && a1 && b1) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = c[i] ? a[i] : b[i]; \
      } else if (c1 && a1) { \
        const T z = b[0]; \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = c[i] ? a[i] : z; \
      } else if (c1 && b1) { \
        const T x = a[0]; \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = c[i] ? x : b[i]; \
      } else { \
        for (ptrdiff_t i = 0; i < n; i++) y[i] = c[i * c1] ? a[i * a1] : b[i * b1]; \
      } \
    } \
  }
CK_DEFINE(uint8_t)
CK_DEFINE(uint32_t)
CK_DEFINE(uint64_t)
#undef CK_DEFINE

CK_LOOP1(copy_loop, uint8_t, uint8_t, x)
CK_LOOP1(copy_loop, uint32_t, uint32_t, x)
CK_LOOP1(copy_loop, uint64_t, uint64_t, x)

// Conversions. From floating point to integers: towards zero, saturating, NaN to 0.
#define CK_DEFINE(name, TX, TY, formula) CK_LOOP1(name##_loop, TX, TY, formula)
CK_CASTS(CK_DEFINE)
#undef CK_DEFINE
