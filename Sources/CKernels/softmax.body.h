#include "rows.h"

// Rows are adjacent elements, whose sums are spread over fixed lanes; or columns side by side, a strip at a time. Short
// rows too are taken several at a time, so that their logarithms are computed side by side.
#define CK_STRIP 64
#define CK_STRIP_ELEMENTS 8192

/// How many of `rows` rows of n elements to take at a time.
static ptrdiff_t CK(strip_of_rows)(ptrdiff_t rows, ptrdiff_t n) {
  ptrdiff_t w = CK_STRIP;
  while (w > 1 && w * n > CK_STRIP_ELEMENTS) w /= 2;
  return rows < w ? rows : w;
}

#define CK_DEFINE(T) \
  /* The logarithms of w ≤ CK_STRIP numbers in their place; whole vectors, filled up with 1. */ \
  static void M(logarithms, T)(T *sum, ptrdiff_t w) { \
    const ptrdiff_t whole = (w + 15) / 16 * 16; \
    for (ptrdiff_t i = w; i < whole; i++) sum[i] = 1; \
    CK_INDEPENDENT for (ptrdiff_t i = 0; i < whole; i++) sum[i] = M(log, T)(sum[i]); \
  } \
  /* The exponentials of a row and their sum, for w columns side by side. */ \
  static void M(strip_exponentials, T)( \
      const T *x, T *y, ptrdiff_t n, ptrdiff_t stride, ptrdiff_t w, T *maximum, T *sum) { \
    for (ptrdiff_t i = 0; i < w; i++) maximum[i] = -(T)INFINITY, sum[i] = 0; \
    for (ptrdiff_t j = 0; j < n; j++) \
      for (ptrdiff_t i = 0; i < w; i++) maximum[i] = CK_LARGER(x[j * stride + i], maximum[i]); \
    for (ptrdiff_t j = 0; j < n; j++) { \
      const T *a = x + j * stride; \
      T *e = y ? y + j * stride : 0; \
      if (e) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) { \
          const T t = M(exp, T)(a[i] - maximum[i]); \
          e[i] = t; \
          sum[i] += t; \
        } \
      } else { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) sum[i] += M(exp, T)(a[i] - maximum[i]); \
      } \
    } \
  } \
  /* w rows, `stride` elements apart. */ \
  static void M(softmax_rows, T)(int logarithm, const T *x, T *y, ptrdiff_t n, ptrdiff_t stride, ptrdiff_t w) { \
    T maximum[CK_STRIP], sum[CK_STRIP]; \
    for (ptrdiff_t i = 0; i < w; i++) { \
      const T *a = x + i * stride; \
      maximum[i] = M(row_maximum, T)(a, n); \
      sum[i] = M(row_exponentials, T)(a, logarithm ? 0 : y + i * stride, n, maximum[i]); \
    } \
    if (logarithm) M(logarithms, T)(sum, w); \
    for (ptrdiff_t i = 0; i < w; i++) { \
      const T *a = x + i * stride; \
      T *b = y + i * stride; \
      if (logarithm) { \
        const T most = maximum[i], rest = sum[i]; \
        CK_INDEPENDENT for (ptrdiff_t j = 0; j < n; j++) b[j] = (a[j] - most) - rest; \
      } else { \
        const T scale = 1 / sum[i]; \
        CK_INDEPENDENT for (ptrdiff_t j = 0; j < n; j++) b[j] *= scale; \
      } \
    } \
  } \
  static void M(softmax_strip, T)(int logarithm, const T *x, T *y, ptrdiff_t n, ptrdiff_t stride, ptrdiff_t w) { \
    T maximum[CK_STRIP], sum[CK_STRIP]; \
    M(strip_exponentials, T)(x, logarithm ? 0 : y, n, stride, w, maximum, sum); \
    if (logarithm) M(logarithms, T)(sum, w); \
    for (ptrdiff_t i = 0; i < w && !logarithm; i++) sum[i] = 1 / sum[i]; \
    for (ptrdiff_t j = 0; j < n; j++) { \
      const T *a = x + j * stride; \
      T *b = y + j * stride; \
      if (logarithm) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) b[i] = (a[i] - maximum[i]) - sum[i]; \
      } else { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) b[i] *= sum[i]; \
      } \
    } \
  } \
  static void M(softmax, T)(int logarithm, const ck_softmax_box *box, const void *x, void *y) { \
    const ptrdiff_t n = box->length, apart = box->row_stride; \
    if (box->stride == 1) { \
      const ptrdiff_t block = CK(strip_of_rows)(box->rows, n); \
      for (ptrdiff_t r = 0; r < box->rows; r += block) { \
        const ptrdiff_t w = box->rows - r < block ? box->rows - r : block; \
        M(softmax_rows, T)(logarithm, (const T *)x + r * apart, (T *)y + r * apart, n, apart, w); \
      } \
      return; \
    } \
    for (ptrdiff_t r = 0; r < box->rows; r++) { \
      const T *a = (const T *)x + r * apart; \
      T *b = (T *)y + r * apart; \
      for (ptrdiff_t c = 0; c < box->columns; c += CK_STRIP) { \
        const ptrdiff_t w = box->columns - c < CK_STRIP ? box->columns - c : CK_STRIP; \
        M(softmax_strip, T)(logarithm, a + c, b + c, n, box->stride, w); \
      } \
    } \
  } \
  static void M(softmax_gradient_row, T)(int logarithm, const T *dy, const T *y, T *dx, ptrdiff_t n) { \
    if (logarithm) { \
      CK_ROW_SUM(T, sum, n, dy[i]) \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] - M(exp, T)(y[i]) * sum; \
    } else { \
      CK_ROW_SUM(T, sum, n, dy[i] * y[i]) \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) dx[i] = (dy[i] - sum) * y[i]; \
    } \
  } \
  static void M(softmax_gradient_strip, T)( \
      int logarithm, const T *dy, const T *y, T *dx, ptrdiff_t n, ptrdiff_t stride, ptrdiff_t w) { \
    T sum[CK_STRIP] = {0}; \
    for (ptrdiff_t j = 0; j < n; j++) { \
      const T *a = dy + j * stride, *b = y + j * stride; \
      for (ptrdiff_t i = 0; i < w; i++) sum[i] += logarithm ? a[i] : a[i] * b[i]; \
    } \
    for (ptrdiff_t j = 0; j < n; j++) { \
      const T *a = dy + j * stride, *b = y + j * stride; \
      T *d = dx + j * stride; \
      if (logarithm) { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) d[i] = a[i] - M(exp, T)(b[i]) * sum[i]; \
      } else { \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) d[i] = (a[i] - sum[i]) * b[i]; \
      } \
    } \
  } \
  static void M(softmax_gradient, T)( \
      int logarithm, const ck_softmax_box *box, const void *dy, const void *y, void *dx) { \
    for (ptrdiff_t r = 0; r < box->rows; r++) { \
      const ptrdiff_t offset = r * box->row_stride; \
      const T *a = (const T *)dy + offset, *b = (const T *)y + offset; \
      T *d = (T *)dx + offset; \
      if (box->stride == 1) { \
        M(softmax_gradient_row, T)(logarithm, a, b, d, box->length); \
        continue; \
      } \
      for (ptrdiff_t c = 0; c < box->columns; c += CK_STRIP) { \
        const ptrdiff_t w = box->columns - c < CK_STRIP ? box->columns - c : CK_STRIP; \
        M(softmax_gradient_strip, T)(logarithm, a + c, b + c, d + c, box->length, box->stride, w); \
      } \
    } \
  } \
  /* Of w positions, rows of classes or columns of them: the maximum, the logarithm of Σ exp(x - max), and Σ(x - max) \
     where the target is smoothed. */ \
  static void M(entropy_strip, T)( \
      const ck_entropy *e, const T *x, ptrdiff_t w, T *maximum, T *rest, T *from_maximum) { \
    const ptrdiff_t classes = e->classes, inner = e->inner; \
    if (inner == 1) { \
      for (ptrdiff_t i = 0; i < w; i++, x += classes) { \
        const T most = maximum[i] = M(row_maximum, T)(x, classes); \
        rest[i] = M(row_exponentials, T)(x, 0, classes, most); \
        if (e->smoothing == 0) continue; \
        CK_ROW_SUM(T, difference, classes, x[i] - most) \
        from_maximum[i] = difference; \
      } \
    } else { \
      M(strip_exponentials, T)(x, 0, classes, inner, w, maximum, rest); \
      for (ptrdiff_t i = 0; i < w; i++) from_maximum[i] = 0; \
      for (ptrdiff_t j = 0; j < classes && e->smoothing != 0; j++) \
        for (ptrdiff_t i = 0; i < w; i++) from_maximum[i] += x[j * inner + i] - maximum[i]; \
    } \
    M(logarithms, T)(rest, w); \
  } \
  /* -log p of the class, mixed with the mean of -log p where the target is smoothed. */ \
  static T M(entropy_at, T)(const ck_entropy *e, T own, T rest, T from_maximum) { \
    if (e->smoothing == 0) return own; \
    const T s = (T)e->smoothing; \
    return (1 - s) * own + s * (rest - from_maximum / (T)e->classes); \
  } \
  static double M(entropy_loss, T)(const ck_entropy *e, const void *logits, const void *numbers, void *losses) { \
    const ptrdiff_t inner = e->inner, classes = e->classes, step = inner == 1 ? classes : 1; \
    const ptrdiff_t block = inner == 1 ? CK(strip_of_rows)(e->end - e->begin, classes) : 1; \
    T *out = (T *)losses; \
    double total = 0; \
    for (ptrdiff_t r = e->begin; r < e->end; r += block) { \
      for (ptrdiff_t c = 0; c < inner; c += CK_STRIP) { \
        const ptrdiff_t left = inner == 1 ? e->end - r : inner - c, most = inner == 1 ? block : CK_STRIP; \
        const ptrdiff_t w = left < most ? left : most; \
        const T *x = (const T *)logits + r * classes * inner + c; \
        T maximum[CK_STRIP], rest[CK_STRIP], from_maximum[CK_STRIP]; \
        M(entropy_strip, T)(e, x, w, maximum, rest, from_maximum); \
        for (ptrdiff_t i = 0; i < w; i++) { \
          const ptrdiff_t position = r * inner + c + i; \
          const int64_t k = ck_class_number(e, numbers, position); \
          T loss = 0; \
          if (!e->ignoring || k != e->ignored) \
            loss = M(entropy_at, T)(e, rest[i] - (x[k * inner + i * step] - maximum[i]), rest[i], from_maximum[i]); \
          if (out) out[position] = loss; \
          total += (double)loss; \
        } \
      } \
    } \
    return total; \
  } \
  static void M(entropy_gradient, T)( \
      const ck_entropy *e, const void *cotangent, int each, double scale, const void *logits, const void *numbers, \
      void *d_logits) { \
    const ptrdiff_t inner = e->inner, classes = e->classes; \
    const T *g = (const T *)cotangent; \
    const T even = (T)(e->smoothing / (double)classes), own = (T)(1 - e->smoothing); \
    for (ptrdiff_t r = e->begin; r < e->end; r++) { \
      const T *x = (const T *)logits + r * classes * inner; \
      T *d = (T *)d_logits + r * classes * inner; \
      for (ptrdiff_t c = 0; c < inner; c += CK_STRIP) { \
        const ptrdiff_t w = inner - c < CK_STRIP ? inner - c : CK_STRIP; \
        T maximum[CK_STRIP], sum[CK_STRIP], factor[CK_STRIP]; \
        for (ptrdiff_t i = 0; i < w; i++) { \
          const ptrdiff_t position = r * inner + c + i; \
          const int dropped = e->ignoring && ck_class_number(e, numbers, position) == e->ignored; \
          factor[i] = dropped ? 0 : (T)((double)g[each ? position : 0] * scale); \
        } \
        if (inner == 1) { \
          maximum[0] = M(row_maximum, T)(x, classes); \
          sum[0] = M(row_exponentials, T)(x, d, classes, maximum[0]); \
          const T inverse = 1 / sum[0], f = factor[0]; \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < classes; i++) d[i] = f * (d[i] * inverse - even); \
        } else { \
          M(strip_exponentials, T)(x + c, d + c, classes, inner, w, maximum, sum); \
          for (ptrdiff_t i = 0; i < w; i++) sum[i] = 1 / sum[i]; \
          for (ptrdiff_t j = 0; j < classes; j++) { \
            T *b = d + j * inner + c; \
            CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) b[i] = factor[i] * (b[i] * sum[i] - even); \
          } \
        } \
        for (ptrdiff_t i = 0; i < w; i++) { \
          const int64_t k = ck_class_number(e, numbers, r * inner + c + i); \
          if (!e->ignoring || k != e->ignored) { \
            d[k * inner + c + i] -= factor[i] * own; \
          } else { \
            /* Nothing of an ignored position counts, not even what is not finite. */ \
            for (ptrdiff_t j = 0; j < classes; j++) d[j * inner + c + i] = 0; \
          } \
        } \
      } \
    } \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
#undef CK_STRIP
#undef CK_STRIP_ELEMENTS
