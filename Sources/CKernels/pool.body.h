// Largest elements and means of windows, vectors running along the channels. Elements of a window meet in row-major
// order, windows of an element likewise.

#define CK_STRIP 64
#define CK_INLINE static inline __attribute__((always_inline))

// Runs `body` for every strip of channels c ..< c + n, with n known where the strip is whole.
#define CK_STRIPS(body) \
  for (ptrdiff_t c = g->channel_begin; c < g->channel_end; c += CK_STRIP) { \
    if (g->channel_end - c >= CK_STRIP) { \
      const ptrdiff_t n = CK_STRIP; \
      body; \
    } else { \
      const ptrdiff_t n = g->channel_end - c; \
      body; \
    } \
  }

// Runs `body` for every tap of the window at (row, column) that lies in the image: its number and its offset.
#define CK_TAPS(row, column, body) \
  for (ptrdiff_t i = 0; i < g->kernel[0]; i++) { \
    const ptrdiff_t h = (row) * g->stride[0] - g->padding[0] + i * g->dilation[0]; \
    if (h < 0 || h >= g->large[0]) continue; \
    for (ptrdiff_t j = 0; j < g->kernel[1]; j++) { \
      const ptrdiff_t w = (column) * g->stride[1] - g->padding[1] + j * g->dilation[1]; \
      if (w < 0 || w >= g->large[1]) continue; \
      const ptrdiff_t offset = (h * g->large[1] + w) * g->channels; \
      const int32_t tap = (int32_t)(i * g->kernel[1] + j); \
      body; \
    } \
  }

// Whether an element comes before the best so far; a NaN before everything but an earlier NaN.
#define CK_BETTER(v, best) ((v) > (best) || ((v) != (v) && (best) == (best)))

#define CK_DEFINE(T) \
  /* The largest elements of one window and the numbers of their taps, -1 where the window is outside the image. */ \
  CK_INLINE void M(largest, T)( \
      const ck_pool *g, ptrdiff_t row, ptrdiff_t column, const T *x, T *best, int32_t *number, ptrdiff_t n) { \
    for (ptrdiff_t k = 0; k < n; k++) best[k] = -(T)INFINITY; \
    for (ptrdiff_t k = 0; k < n; k++) number[k] = -1; \
    CK_TAPS(row, column, { \
      const T *v = x + offset; \
      CK_INDEPENDENT for (ptrdiff_t k = 0; k < n; k++) { \
        const int better = number[k] < 0 || CK_BETTER(v[k], best[k]); \
        number[k] = better ? tap : number[k]; \
        best[k] = better ? v[k] : best[k]; \
      } \
    }) \
  } \
  CK_INLINE void M(pool_largest, T)( \
      const ck_pool *g, ptrdiff_t row, ptrdiff_t column, const T *x, T *y, ptrdiff_t n) { \
    T best[CK_STRIP]; \
    for (ptrdiff_t k = 0; k < n; k++) best[k] = -(T)INFINITY; \
    CK_TAPS(row, column, { \
      const T *v = x + offset; \
      (void)tap; \
      CK_INDEPENDENT for (ptrdiff_t k = 0; k < n; k++) best[k] = CK_BETTER(v[k], best[k]) ? v[k] : best[k]; \
    }) \
    for (ptrdiff_t k = 0; k < n; k++) y[k] = best[k]; \
  } \
  CK_INLINE void M(pool_picked, T)( \
      const ck_pool *g, ptrdiff_t row, ptrdiff_t column, const T *x, const T *picked, T *y, ptrdiff_t n) { \
    T best[CK_STRIP], value[CK_STRIP]; \
    int32_t number[CK_STRIP]; \
    M(largest, T)(g, row, column, x, best, number, n); \
    for (ptrdiff_t k = 0; k < n; k++) value[k] = 0; \
    CK_TAPS(row, column, { \
      const T *v = picked + offset; \
      CK_INDEPENDENT for (ptrdiff_t k = 0; k < n; k++) value[k] = number[k] == tap ? v[k] : value[k]; \
    }) \
    for (ptrdiff_t k = 0; k < n; k++) y[k] = value[k]; \
  } \
  static void M(max_pool, T)(const ck_pool *g, const void *large, const void *picked, void *small) { \
    const ptrdiff_t image = g->large[0] * g->large[1] * g->channels; \
    for (ptrdiff_t m = g->image_begin; m < g->image_end; m++) \
      for (ptrdiff_t row = g->row_begin; row < g->row_end; row++) \
        for (ptrdiff_t column = 0; column < g->small[1]; column++) { \
          const T *x = (const T *)large + m * image, *p = (const T *)picked + (picked ? m * image : 0); \
          T *y = (T *)small + ((m * g->small[0] + row) * g->small[1] + column) * g->channels; \
          if (picked) CK_STRIPS(M(pool_picked, T)(g, row, column, x + c, p + c, y + c, n)) \
          else CK_STRIPS(M(pool_largest, T)(g, row, column, x + c, y + c, n)) \
        } \
  } \
  CK_INLINE void M(pool_scatter, T)( \
      const ck_pool *g, ptrdiff_t row, ptrdiff_t column, const T *x, const T *dy, T *dx, ptrdiff_t n) { \
    T best[CK_STRIP]; \
    int32_t number[CK_STRIP]; \
    M(largest, T)(g, row, column, x, best, number, n); \
    CK_TAPS(row, column, { \
      T *to = dx + offset; \
      CK_INDEPENDENT for (ptrdiff_t k = 0; k < n; k++) to[k] = number[k] == tap ? to[k] + dy[k] : to[k]; \
    }) \
  } \
  static void M(max_pool_gradient, T)(const ck_pool *g, const void *large, const void *small, void *result) { \
    const ptrdiff_t places = g->large[0] * g->large[1]; \
    for (ptrdiff_t m = g->image_begin; m < g->image_end; m++) { \
      const T *x = (const T *)large + m * places * g->channels; \
      T *dx = (T *)result + m * places * g->channels; \
      for (ptrdiff_t i = 0; i < places; i++) \
        for (ptrdiff_t c = g->channel_begin; c < g->channel_end; c++) dx[i * g->channels + c] = 0; \
      for (ptrdiff_t row = 0; row < g->small[0]; row++) \
        for (ptrdiff_t column = 0; column < g->small[1]; column++) { \
          const T *dy = (const T *)small + ((m * g->small[0] + row) * g->small[1] + column) * g->channels; \
          CK_STRIPS(M(pool_scatter, T)(g, row, column, x + c, dy + c, dx + c, n)) \
        } \
    } \
  } \
  CK_INLINE void M(window_mean, T)( \
      const ck_pool *g, ptrdiff_t row, ptrdiff_t column, const T *x, T *y, ptrdiff_t n) { \
    ptrdiff_t top, bottom, left, right; \
    const T count = (T)ck_window(g, 0, row, &top, &bottom) * (T)ck_window(g, 1, column, &left, &right); \
    T sum[CK_STRIP]; \
    for (ptrdiff_t k = 0; k < n; k++) sum[k] = 0; \
    for (ptrdiff_t h = top; h < bottom; h++) \
      for (ptrdiff_t w = left; w < right; w++) { \
        const T *v = x + (h * g->large[1] + w) * g->channels; \
        for (ptrdiff_t k = 0; k < n; k++) sum[k] += v[k]; \
      } \
    for (ptrdiff_t k = 0; k < n; k++) y[k] = sum[k] / count; \
  } \
  static void M(mean_pool, T)(const ck_pool *g, const void *large, void *small) { \
    for (ptrdiff_t m = g->image_begin; m < g->image_end; m++) \
      for (ptrdiff_t row = g->row_begin; row < g->row_end; row++) \
        for (ptrdiff_t column = 0; column < g->small[1]; column++) { \
          const T *x = (const T *)large + m * g->large[0] * g->large[1] * g->channels; \
          T *y = (T *)small + ((m * g->small[0] + row) * g->small[1] + column) * g->channels; \
          CK_STRIPS(M(window_mean, T)(g, row, column, x + c, y + c, n)) \
        } \
  } \
  CK_INLINE void M(spread_mean, T)( \
      const ck_pool *g, ptrdiff_t row, ptrdiff_t column, ptrdiff_t first_row, ptrdiff_t first_column, const T *dy, \
      T *dx, ptrdiff_t n) { \
    T sum[CK_STRIP]; \
    for (ptrdiff_t k = 0; k < n; k++) sum[k] = 0; \
    ptrdiff_t begin, end; \
    for (ptrdiff_t h = first_row; h < g->small[0]; h++) { \
      const T rows = (T)ck_window(g, 0, h, &begin, &end); \
      if (begin > row) break; \
      for (ptrdiff_t w = first_column; w < g->small[1]; w++) { \
        const T count = rows * (T)ck_window(g, 1, w, &begin, &end); \
        if (begin > column) break; \
        const T *v = dy + (h * g->small[1] + w) * g->channels; \
        for (ptrdiff_t k = 0; k < n; k++) sum[k] += v[k] / count; \
      } \
    } \
    for (ptrdiff_t k = 0; k < n; k++) dx[k] = sum[k]; \
  } \
  static void M(mean_pool_gradient, T)(const ck_pool *g, const void *small, void *large) { \
    for (ptrdiff_t m = g->image_begin; m < g->image_end; m++) \
      for (ptrdiff_t row = g->row_begin; row < g->row_end; row++) { \
        const ptrdiff_t first_row = ck_first_window(g, 0, row); \
        for (ptrdiff_t column = 0; column < g->large[1]; column++) { \
          const ptrdiff_t first_column = ck_first_window(g, 1, column); \
          const T *dy = (const T *)small + m * g->small[0] * g->small[1] * g->channels; \
          T *dx = (T *)large + ((m * g->large[0] + row) * g->large[1] + column) * g->channels; \
          CK_STRIPS(M(spread_mean, T)(g, row, column, first_row, first_column, dy + c, dx + c, n)) \
        } \
      } \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
#undef CK_BETTER
#undef CK_TAPS
#undef CK_STRIPS
#undef CK_INLINE
#undef CK_STRIP
