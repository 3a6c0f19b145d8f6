// Means of windows, vectors running along the channels. Elements of a window meet in row-major order, windows of an
// element likewise.

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

#define CK_DEFINE(T) \
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
#undef CK_STRIPS
#undef CK_INLINE
#undef CK_STRIP
