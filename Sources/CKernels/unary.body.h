#include "transcendental.h"

#define CK_DEFINE(name, T, U, formula) CK_LOOP1(name##_loop, T, T, formula)
CK_UNARY_ARITHMETIC(CK_DEFINE, float, float)
CK_UNARY_ARITHMETIC(CK_DEFINE, double, double)
CK_UNARY_ARITHMETIC(CK_DEFINE, int32_t, uint32_t)
CK_UNARY_ARITHMETIC(CK_DEFINE, int64_t, uint64_t)
CK_UNARY_REAL(CK_DEFINE, float, float)
CK_UNARY_REAL(CK_DEFINE, double, double)
#undef CK_DEFINE

// Blocks all of whose elements are in range take the vector form; an element's result depends on its value alone,
// since out of range no vector form is used and in range both forms of a block are the vector form.
#define CK_DEFINE(name, T, fast, in_range, any) \
  static void M(name##_loop, T)(const ck_span *s, void *const *p) { \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      const T *a = CK_AT(const T, 0, r); \
      T *y = CK_AT(T, 1, r); \
      if (!CK_MOVES(0)) { \
        const T x = a[0], c = (in_range) ? (fast) : (any); \
        for (ptrdiff_t i = 0; i < s->n; i++) y[i] = c; \
        continue; \
      } \
      for (ptrdiff_t start = 0; start < s->n; start += 256) { \
        const ptrdiff_t stop = start + 256 < s->n ? start + 256 : s->n; \
        int outside = 0; \
        for (ptrdiff_t i = start; i < stop; i++) { const T x = a[i]; outside |= !(in_range); } \
        if (!outside) { \
          CK_INDEPENDENT for (ptrdiff_t i = start; i < stop; i++) { const T x = a[i]; y[i] = (fast); } \
        } else { \
          for (ptrdiff_t i = start; i < stop; i++) { const T x = a[i]; y[i] = (in_range) ? (fast) : (any); } \
        } \
      } \
    } \
  }
CK_UNARY_GUARDED(CK_DEFINE, float)
CK_UNARY_GUARDED(CK_DEFINE, double)
#undef CK_DEFINE
