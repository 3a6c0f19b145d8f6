// The two nested loops of an elementwise function over a span, with the cases that matter told apart outside the
// inner loop: an operand either moves along it or stays.

#define CK_AT(T, k, r) ((T *)p[k] + s->base[k] + (r) * s->row[k])
#define CK_MOVES(k) ((s->unit >> (k)) & 1)

/// y = f(x). The output moves; the input moves too, or is one number.
#define CK_LOOP1(name, TX, TY, formula) \
  static void M(name, TX)(const ck_span *s, void *const *p) { \
    const ptrdiff_t n = s->n; \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      const TX *a = CK_AT(const TX, 0, r); \
      TY *y = CK_AT(TY, 1, r); \
      if (CK_MOVES(0)) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { const TX x = a[i]; y[i] = (formula); } \
      } else { \
        const TX x = a[0]; \
        const TY c = (formula); \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = c; \
      } \
    } \
  }

/// y = f(x, z). The output moves.
#define CK_LOOP2(name, T, TY, formula) \
  static void M(name, T)(const ck_span *s, void *const *p) { \
    const ptrdiff_t n = s->n; \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      const T *a = CK_AT(const T, 0, r), *b = CK_AT(const T, 1, r); \
      TY *y = CK_AT(TY, 2, r); \
      if (CK_MOVES(0) && CK_MOVES(1)) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { const T x = a[i], z = b[i]; y[i] = (formula); } \
      } else if (CK_MOVES(0)) { \
        const T z = b[0]; \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { const T x = a[i]; y[i] = (formula); } \
      } else if (CK_MOVES(1)) { \
        const T x = a[0]; \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { const T z = b[i]; y[i] = (formula); } \
      } else { \
        const T x = a[0], z = b[0]; \
        const TY c = (formula); \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = c; \
      } \
    } \
  }
