// The two nested loops of an elementwise function over a span, with the cases that matter told apart outside the
// inner loop: an operand either moves along it or stays.

#define CK_AT(T, k, r) ((T *)p[k] + s->base[k] + (r) * s->row[k])
#define CK_MOVES(k) ((s->unit >> (k)) & 1)

/// y = f(x). The output moves; the input moves too, or is one number.
#define CK_LOOP1(name, TX, TY, formula) CK_LOOP1_WITH(name, TX, TY, , formula)

/// The same after `constants`, declarations from s->constant.
#define CK_LOOP1_WITH(name, TX, TY, constants, formula) \
  static void M(name, TX)(const ck_span *s, void *const *p) { \
    const ptrdiff_t n = s->n; \
    constants \
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
#define CK_LOOP2(name, T, TY, formula) CK_LOOP2_WITH(name, T, TY, , formula)

/// The same after `constants`, declarations from s->constant.
#define CK_LOOP2_WITH(name, T, TY, constants, formula) \
  static void M(name, T)(const ck_span *s, void *const *p) { \
    const ptrdiff_t n = s->n; \
    constants \
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

/// y = f(g, x, z) after `constants`. The output moves; the case that x and z move is told apart, the rest steps by 0 or 1.
#define CK_LOOP3_WITH(name, T, constants, formula) \
  static void M(name, T)(const ck_span *s, void *const *p) { \
    const ptrdiff_t n = s->n, step0 = CK_MOVES(0), step1 = CK_MOVES(1), step2 = CK_MOVES(2); \
    constants \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      const T *c = CK_AT(const T, 0, r), *a = CK_AT(const T, 1, r), *b = CK_AT(const T, 2, r); \
      T *y = CK_AT(T, 3, r); \
      if (step0 && step1 && step2) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { const T g = c[i], x = a[i], z = b[i]; y[i] = (formula); } \
      } else if (step1 && step2) { \
        const T g = c[0]; \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { const T x = a[i], z = b[i]; y[i] = (formula); } \
      } else { \
        for (ptrdiff_t i = 0; i < n; i++) { \
          const T g = c[i * step0], x = a[i * step1], z = b[i * step2]; \
          y[i] = (formula); \
        } \
      } \
    } \
  }
