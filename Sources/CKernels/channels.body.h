#include "moments.h"

// Channels are runs of adjacent elements; or, where inner is 1, columns side by side, a strip at a time.
#define CK_STRIP 64
#define CK_ROWS 64

#define CK_DEFINE(T) \
  /* How many runs of a channel make a block. */ \
  static ptrdiff_t M(runs, T)(const ck_channels *g, ptrdiff_t from) { \
    const ptrdiff_t many = g->inner < CK_RUN ? CK_RUN / g->inner : 1; \
    return g->outer_end - from < many ? g->outer_end - from : many; \
  } \
  /* Mean and variance of a channel. */ \
  static void M(channel_moments, T)(const ck_channels *g, const T *x, T *mean, T *variance) { \
    const ptrdiff_t step = g->channels * g->inner; \
    CK(moments) m = {0, 0, 0}; \
    for (ptrdiff_t o = g->outer_begin, runs; o < g->outer_end; o += runs) { \
      runs = M(runs, T)(g, o); \
      for (ptrdiff_t start = 0; start < g->inner; start += CK_RUN) { \
        const ptrdiff_t length = g->inner - start < CK_RUN ? g->inner - start : CK_RUN; \
        M(add_block, T)(&m, x + o * step + start, runs, step, length); \
      } \
    } \
    *mean = (T)m.mean; \
    *variance = (T)(m.squares < 0 ? 0 : m.squares / m.count); \
  } \
  /* The same for w columns. */ \
  static void M(strip_moments, T)(const ck_channels *g, const T *x, ptrdiff_t w, T *means, T *variances) { \
    double mean[CK_STRIP] = {0}, squares[CK_STRIP] = {0}, count = 0; \
    for (ptrdiff_t o = g->outer_begin; o < g->outer_end; o += CK_ROWS) { \
      const ptrdiff_t rows = g->outer_end - o < CK_ROWS ? g->outer_end - o : CK_ROWS; \
      const T *a = x + o * g->channels; \
      T centre[CK_STRIP] = {0}, sum[CK_STRIP] = {0}, sum2[CK_STRIP] = {0}; \
      for (ptrdiff_t r = 0; r < rows; r++) \
        for (ptrdiff_t i = 0; i < w; i++) centre[i] += a[r * g->channels + i]; \
      for (ptrdiff_t i = 0; i < w; i++) centre[i] = (T)((double)centre[i] / (double)rows); \
      for (ptrdiff_t r = 0; r < rows; r++) \
        for (ptrdiff_t i = 0; i < w; i++) { \
          const T d = a[r * g->channels + i] - centre[i]; \
          sum[i] += d; \
          sum2[i] += d * d; \
        } \
      const double share = (double)rows / (count + (double)rows); \
      for (ptrdiff_t i = 0; i < w; i++) { \
        const double rest = (double)sum[i] / (double)rows, distance = (double)centre[i] + rest - mean[i]; \
        squares[i] += (double)sum2[i] - rest * rest * (double)rows + distance * distance * (count * share); \
        mean[i] += distance * share; \
      } \
      count += (double)rows; \
    } \
    for (ptrdiff_t i = 0; i < w; i++) { \
      means[i] = (T)mean[i]; \
      variances[i] = (T)(squares[i] < 0 ? 0 : squares[i] / count); \
    } \
  } \
  static T M(channel_scale, T)(const ck_channels *g, const void *variances, ptrdiff_t c) { \
    return (T)CK(scale)((double)((const T *)variances)[c], g->epsilon); \
  } \
  static void M(batch_norm, T)( \
      const ck_channels *g, int measuring, const void *px, void *pm, void *pv, const void *pw, const void *pb, \
      void *py) { \
    const ptrdiff_t step = g->channels * g->inner; \
    T *m = (T *)pm, *v = (T *)pv; \
    const T *weight = (const T *)pw, *bias = (const T *)pb; \
    const ptrdiff_t width = g->inner == 1 ? CK_STRIP : 1; \
    for (ptrdiff_t c = g->channel_begin; c < g->channel_end; c += width) { \
      const ptrdiff_t w = g->channel_end - c < width ? g->channel_end - c : width; \
      const T *x = (const T *)px + c * g->inner; \
      T *y = (T *)py + c * g->inner; \
      if (measuring && g->inner == 1) M(strip_moments, T)(g, x, w, m + c, v + c); \
      else if (measuring) M(channel_moments, T)(g, x, m + c, v + c); \
      T centre[CK_STRIP], factor[CK_STRIP], shift[CK_STRIP]; \
      for (ptrdiff_t i = 0; i < w; i++) { \
        const T s = M(channel_scale, T)(g, v, c + i); \
        centre[i] = m[c + i]; \
        factor[i] = weight ? s * weight[c + i] : s; \
        shift[i] = bias ? bias[c + i] : 0; \
      } \
      for (ptrdiff_t o = g->outer_begin; o < g->outer_end; o++) { \
        const T *a = x + o * step; \
        T *b = y + o * step; \
        if (g->inner == 1) { \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) b[i] = (a[i] - centre[i]) * factor[i] + shift[i]; \
        } else { \
          const T k = centre[0], f = factor[0], d = shift[0]; \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < g->inner; i++) b[i] = (a[i] - k) * f + d; \
        } \
      } \
    } \
  } \
  /* Σ dy and Σ dy·(x - k)·s over a channel. */ \
  static void M(channel_sums, T)( \
      const ck_channels *g, const T *dy, const T *x, T k, T s, double *sum, double *product) { \
    const ptrdiff_t step = g->channels * g->inner; \
    *sum = *product = 0; \
    for (ptrdiff_t o = g->outer_begin, runs; o < g->outer_end; o += runs) { \
      runs = M(runs, T)(g, o); \
      for (ptrdiff_t start = 0; start < g->inner; start += CK_RUN) { \
        const ptrdiff_t length = g->inner - start < CK_RUN ? g->inner - start : CK_RUN; \
        T lane[CK_LANES] = {0}, lane2[CK_LANES] = {0}; \
        for (ptrdiff_t r = o; r < o + runs; r++) { \
          const T *a = dy + r * step + start, *b = x + r * step + start; \
          CK_EACH_LANE(length, lane[l] += a[i]; lane2[l] += a[i] * ((b[i] - k) * s);) \
        } \
        CK_FOLD(lane, CK_ADD) \
        CK_FOLD(lane2, CK_ADD) \
        *sum += (double)lane[0]; \
        *product += (double)lane2[0]; \
      } \
    } \
  } \
  /* The same for w columns. */ \
  static void M(strip_sums, T)( \
      const ck_channels *g, const T *dy, const T *x, ptrdiff_t w, const T *k, const T *s, double *sum, \
      double *product) { \
    for (ptrdiff_t i = 0; i < w; i++) sum[i] = product[i] = 0; \
    for (ptrdiff_t o = g->outer_begin; o < g->outer_end; o += CK_ROWS) { \
      const ptrdiff_t rows = g->outer_end - o < CK_ROWS ? g->outer_end - o : CK_ROWS; \
      T part[CK_STRIP] = {0}, part2[CK_STRIP] = {0}; \
      for (ptrdiff_t r = o; r < o + rows; r++) { \
        const T *a = dy + r * g->channels, *b = x + r * g->channels; \
        for (ptrdiff_t i = 0; i < w; i++) { \
          part[i] += a[i]; \
          part2[i] += a[i] * ((b[i] - k[i]) * s[i]); \
        } \
      } \
      for (ptrdiff_t i = 0; i < w; i++) { \
        sum[i] += (double)part[i]; \
        product[i] += (double)part2[i]; \
      } \
    } \
  } \
  static void M(batch_norm_gradient, T)( \
      const ck_channels *g, const void *pdy, const void *px, const void *pm, const void *pv, const void *pw, \
      void *pdx, void *pdw, void *pdb) { \
    const ptrdiff_t step = g->channels * g->inner; \
    const double count = (double)((g->outer_end - g->outer_begin) * g->inner); \
    const T *m = (const T *)pm, *weight = (const T *)pw; \
    const ptrdiff_t width = g->inner == 1 ? CK_STRIP : 1; \
    for (ptrdiff_t c = g->channel_begin; c < g->channel_end; c += width) { \
      const ptrdiff_t w = g->channel_end - c < width ? g->channel_end - c : width; \
      const T *dy = (const T *)pdy + c * g->inner, *x = (const T *)px + c * g->inner; \
      T s[CK_STRIP], factor[CK_STRIP], mean[CK_STRIP], slope[CK_STRIP]; \
      double sum[CK_STRIP], product[CK_STRIP]; \
      for (ptrdiff_t i = 0; i < w; i++) s[i] = M(channel_scale, T)(g, pv, c + i); \
      if (g->inner == 1) M(strip_sums, T)(g, dy, x, w, m + c, s, sum, product); \
      else M(channel_sums, T)(g, dy, x, m[c], s[0], sum, product); \
      for (ptrdiff_t i = 0; i < w; i++) { \
        ((T *)pdw)[c + i] = (T)product[i]; \
        ((T *)pdb)[c + i] = (T)sum[i]; \
        factor[i] = weight ? s[i] * weight[c + i] : s[i]; \
        mean[i] = (T)(sum[i] / count); \
        slope[i] = (T)(product[i] / count); \
      } \
      if (!pdx) continue; \
      T *dx = (T *)pdx + c * g->inner; \
      for (ptrdiff_t o = g->outer_begin; o < g->outer_end; o++) { \
        const T *a = dy + o * step, *b = x + o * step, *k = m + c; \
        T *d = dx + o * step; \
        if (g->inner == 1) { \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < w; i++) \
              d[i] = ((a[i] - mean[i]) - ((b[i] - k[i]) * s[i]) * slope[i]) * factor[i]; \
        } else { \
          const T k0 = k[0], s0 = s[0], mean0 = mean[0], slope0 = slope[0], factor0 = factor[0]; \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < g->inner; i++) \
              d[i] = ((a[i] - mean0) - ((b[i] - k0) * s0) * slope0) * factor0; \
        } \
      } \
    } \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
#undef CK_STRIP
#undef CK_ROWS
