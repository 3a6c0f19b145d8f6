#include "moments.h"

#define CK_DEFINE(T) \
  /* The mean (0 unless centred) and the scale of a row. */ \
  static void M(row_moments, T)(const ck_norm *g, const T *x, ptrdiff_t n, T *mean, T *scale) { \
    CK(moments) m = {0, 0, 0}; \
    for (ptrdiff_t start = 0; start < n; start += CK_RUN) { \
      const ptrdiff_t length = n - start < CK_RUN ? n - start : CK_RUN; \
      const T *a = x + start; \
      if (g->centred) { \
        M(add_block, T)(&m, a, 1, 0, length); \
      } else { \
        CK_ROW_SUM(T, squares, length, a[i] * a[i]) \
        m.squares += (double)squares; \
      } \
    } \
    *mean = (T)m.mean; \
    *scale = (T)CK(scale)(m.squares / (double)n, g->epsilon); \
  } \
  static void M(normalize, T)( \
      const ck_norm *g, const void *px, const void *pw, const void *pb, void *py, void *means, void *scales) { \
    const ptrdiff_t n = g->segments * g->inner; \
    for (ptrdiff_t r = 0; r < g->rows; r++) { \
      const T *x = (const T *)px + r * n; \
      const T *w = pw ? (const T *)pw + r * g->weight_step : 0; \
      const T *b = pb ? (const T *)pb + r * g->weight_step : 0; \
      T *y = (T *)py + r * n; \
      T c, s; \
      M(row_moments, T)(g, x, n, &c, &s); \
      if (means) ((T *)means)[r] = c; \
      ((T *)scales)[r] = s; \
      if (g->inner > 1) { \
        for (ptrdiff_t j = 0; j < g->segments; j++, x += g->inner, y += g->inner) { \
          const T k = w ? s * w[j] : s, d = b ? b[j] : 0; \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < g->inner; i++) y[i] = (x[i] - c) * k + d; \
        } \
      } else if (w && b) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = (x[i] - c) * s * w[i] + b[i]; \
      } else if (w) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = (x[i] - c) * s * w[i]; \
      } else { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) y[i] = (x[i] - c) * s; \
      } \
    } \
  } \
  /* Σ dy·weight and Σ dy·weight·h with h = (x - c)·s, for elements with a weight each. */ \
  static inline __attribute__((always_inline)) void M(weighted_sums, T)( \
      const int weighted, const T *dy, const T *x, const T *w, ptrdiff_t n, T c, T s, double *sum, double *product) { \
    *sum = *product = 0; \
    for (ptrdiff_t start = 0; start < n; start += CK_RUN) { \
      const ptrdiff_t length = n - start < CK_RUN ? n - start : CK_RUN; \
      const T *a = dy + start, *b = x + start, *v = weighted ? w + start : 0; \
      T lane[CK_LANES] = {0}, lane2[CK_LANES] = {0}; \
      CK_EACH_LANE(length, const T t = weighted ? a[i] * v[i] : a[i]; lane[l] += t; lane2[l] += t * ((b[i] - c) * s);) \
      CK_FOLD(lane, CK_ADD) \
      CK_FOLD(lane2, CK_ADD) \
      *sum += (double)lane[0]; \
      *product += (double)lane2[0]; \
    } \
  } \
  /* dx = s·(dy·weight - mean(dy·weight) - h·mean(dy·weight·h)), elements with a weight each. */ \
  static void M(element_gradient, T)( \
      const ck_norm *g, const T *dy, const T *x, const T *w, T c, T s, T *dx, T *dw, T *db) { \
    const ptrdiff_t n = g->segments; \
    double sum, product; \
    if (w) M(weighted_sums, T)(1, dy, x, w, n, c, s, &sum, &product); \
    else M(weighted_sums, T)(0, dy, x, w, n, c, s, &sum, &product); \
    const T k = g->centred ? (T)(sum / (double)n) : 0, p = (T)(product / (double)n); \
    if (dw) CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) dw[i] += dy[i] * ((x[i] - c) * s); \
    if (db) CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) db[i] += dy[i]; \
    if (w) { \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) dx[i] = ((dy[i] * w[i] - k) - ((x[i] - c) * s) * p) * s; \
    } else { \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) dx[i] = ((dy[i] - k) - ((x[i] - c) * s) * p) * s; \
    } \
  } \
  /* The same where a weight belongs to many adjacent elements. */ \
  static void M(segment_gradient, T)( \
      const ck_norm *g, const T *dy, const T *x, const T *w, T c, T s, T *dx, T *dw, T *db) { \
    const ptrdiff_t inner = g->inner; \
    const double n = (double)(g->segments * inner); \
    double sum = 0, product = 0; \
    for (ptrdiff_t j = 0; j < g->segments; j++) { \
      double own_sum, own_product; \
      M(weighted_sums, T)(0, dy + j * inner, x + j * inner, 0, inner, c, s, &own_sum, &own_product); \
      if (dw) dw[j] += (T)own_product; \
      if (db) db[j] += (T)own_sum; \
      sum += w ? own_sum * (double)w[j] : own_sum; \
      product += w ? own_product * (double)w[j] : own_product; \
    } \
    const T k = g->centred ? (T)(sum / n) : 0, p = (T)(product / n); \
    for (ptrdiff_t j = 0; j < g->segments; j++, dy += inner, x += inner, dx += inner) { \
      const T v = w ? w[j] : 1; \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < inner; i++) dx[i] = ((dy[i] * v - k) - ((x[i] - c) * s) * p) * s; \
    } \
  } \
  static void M(normalize_gradient, T)( \
      const ck_norm *g, const void *pdy, const void *px, const void *pw, const void *means, const void *scales, \
      void *pdx, void *pdw, void *pdb) { \
    const ptrdiff_t n = g->segments * g->inner; \
    for (ptrdiff_t r = 0; r < g->rows; r++) { \
      const ptrdiff_t partial = r / g->chunk * g->segments; \
      T *dw = pdw ? (T *)pdw + partial : 0, *db = pdb ? (T *)pdb + partial : 0; \
      if (r % g->chunk == 0) { \
        if (dw) memset(dw, 0, (size_t)g->segments * sizeof(T)); \
        if (db) memset(db, 0, (size_t)g->segments * sizeof(T)); \
      } \
      const T *dy = (const T *)pdy + r * n, *x = (const T *)px + r * n; \
      const T *w = pw ? (const T *)pw + r * g->weight_step : 0; \
      const T c = means ? ((const T *)means)[r] : 0, s = ((const T *)scales)[r]; \
      T *dx = (T *)pdx + r * n; \
      if (g->inner > 1) M(segment_gradient, T)(g, dy, x, w, c, s, dx, dw, db); \
      else M(element_gradient, T)(g, dy, x, w, c, s, dx, dw, db); \
    } \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
