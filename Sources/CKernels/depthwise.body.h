// Convolutions in which every channel is a group of its own. Products are added in order of the taps, or for the
// weights in order of the places of each image and then of the images; fused where the level can.

#define CK_WIDTH CK_PASTE(CK_BYTES, CK_LEVEL)

// Columns that are computed together, so that a weight is loaded once for all of them.
#define CK_COLUMNS 4

// Functions for `count` adjacent V, vectors of T or T itself.
#define CK_STRIP(T, V, name, count) \
  static void M(name##_place, T)( \
      int backward, const ck_conv *g, ptrdiff_t row, ptrdiff_t column, const T *x, const T *w, const T *bias, T *to) { \
    _Pragma("clang fp contract(fast)") \
    const ptrdiff_t channels = g->groups, width = backward ? g->small[1] : g->large[1]; \
    V sum[count]; \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) sum[v] = bias ? ((const V *)bias)[v] : (V){0}; \
    for (ptrdiff_t i = 0; i < g->kernel[0]; i++) { \
      const ptrdiff_t h = ck_meet(backward, g, 0, row, i); \
      if (h < 0) continue; \
      for (ptrdiff_t j = 0; j < g->kernel[1]; j++) { \
        const ptrdiff_t l = ck_meet(backward, g, 1, column, j); \
        if (l < 0) continue; \
        const V *a = (const V *)(x + (h * width + l) * channels); \
        const V *b = (const V *)(w + (i * g->kernel[1] + j) * channels); \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) sum[v] = sum[v] + a[v] * b[v]; \
      } \
    } \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) ((V *)to)[v] = sum[v]; \
  } \
  /* Columns column ..< column + CK_COLUMNS, every tap of a row that meets the image meeting it in all of them. */ \
  static void M(name##_columns, T)( \
      const ck_conv *g, ptrdiff_t row, ptrdiff_t column, const T *x, const T *w, const T *bias, T *to) { \
    _Pragma("clang fp contract(fast)") \
    const ptrdiff_t channels = g->groups, step = g->stride[1] * channels; \
    V sum[CK_COLUMNS][count]; \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < CK_COLUMNS; k++) \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) \
        sum[k][v] = bias ? ((const V *)bias)[v] : (V){0}; \
    for (ptrdiff_t i = 0; i < g->kernel[0]; i++) { \
      const ptrdiff_t h = ck_meet(0, g, 0, row, i); \
      if (h < 0) continue; \
      const T *a = x + (h * g->large[1] + column * g->stride[1] - g->padding[1]) * channels; \
      for (ptrdiff_t j = 0; j < g->kernel[1]; j++, a += g->dilation[1] * channels) { \
        const V *b = (const V *)(w + (i * g->kernel[1] + j) * channels); \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < CK_COLUMNS; k++) \
          _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) \
            sum[k][v] = sum[k][v] + ((const V *)(a + k * step))[v] * b[v]; \
      } \
    } \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < CK_COLUMNS; k++) \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) ((V *)(to + k * channels))[v] = sum[k][v]; \
  } \
  static void M(name##_tap, T)( \
      const ck_conv *g, ptrdiff_t i, ptrdiff_t j, int add, const T *x, const T *y, T *to) { \
    _Pragma("clang fp contract(fast)") \
    const ptrdiff_t channels = g->groups, step = g->stride[1] * channels; \
    /* The columns that meet the tap. */ \
    ptrdiff_t first = 0, last = g->small[1]; \
    while (first < last && ck_meet(0, g, 1, first, j) < 0) first++; \
    while (last > first && ck_meet(0, g, 1, last - 1, j) < 0) last--; \
    const ptrdiff_t start = first * g->stride[1] + j * g->dilation[1] - g->padding[1]; \
    V sum[count]; \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) sum[v] = (V){0}; \
    for (ptrdiff_t row = 0; row < g->small[0] && first < last; row++) { \
      const ptrdiff_t h = ck_meet(0, g, 0, row, i); \
      if (h < 0) continue; \
      const T *a = x + (h * g->large[1] + start) * channels, *b = y + (row * g->small[1] + first) * channels; \
      for (ptrdiff_t column = first; column < last; column++, a += step, b += channels) \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < count; v++) \
            sum[v] = sum[v] + ((const V *)a)[v] * ((const V *)b)[v]; \
    } \
    for (int v = 0; v < count; v++) ((V *)to)[v] = add ? ((const V *)to)[v] + sum[v] : sum[v]; \
  }

// Calls name(…) of the strip that fits at channel c, and goes on behind it. The widest is `wide`, of `count` vectors.
#define CK_EACH(T, wide, count, begin, end, name, ...) \
  for (ptrdiff_t c = begin, lanes = CK_WIDTH / (ptrdiff_t)sizeof(T); c < end;) { \
    if (end - c >= count * lanes) { \
      M(depthwise_##wide##_##name, T)(__VA_ARGS__); \
      c += count * lanes; \
    } else if (end - c >= lanes) { \
      M(depthwise_vector_##name, T)(__VA_ARGS__); \
      c += lanes; \
    } else { \
      M(depthwise_single_##name, T)(__VA_ARGS__); \
      c += 1; \
    } \
  }
#define CK_EACH_STRIP(T, ...) CK_EACH(T, four, 4, __VA_ARGS__)

// In narrower strips, so that the sums of several columns fit the registers.
#define CK_EACH_PAIR(T, ...) CK_EACH(T, pair, 2, __VA_ARGS__)

#define CK_DEFINE(T) \
  typedef T M(depthwise_vector, T) __attribute__((vector_size(CK_WIDTH), aligned(sizeof(T)))); \
  CK_STRIP(T, M(depthwise_vector, T), depthwise_four, 4) \
  CK_STRIP(T, M(depthwise_vector, T), depthwise_pair, 2) \
  CK_STRIP(T, M(depthwise_vector, T), depthwise_vector, 1) \
  CK_STRIP(T, T, depthwise_single, 1) \
  static void M(depthwise_images, T)( \
      int backward, const ck_conv *g, const void *source, const void *weights, const void *bias, void *result) { \
    const ptrdiff_t *from = backward ? g->small : g->large, *to = backward ? g->large : g->small; \
    const T *w = (const T *)weights, *b = (const T *)bias; \
    for (ptrdiff_t n = g->image_begin; n < g->image_end; n++) { \
      const T *x = (const T *)source + n * from[0] * from[1] * g->groups; \
      T *y = (T *)result + n * to[0] * to[1] * g->groups; \
      for (ptrdiff_t row = g->row_begin; row < g->row_end; row++) \
        for (ptrdiff_t column = 0; column < to[1];) { \
          T *place = y + (row * to[1] + column) * g->groups; \
          if (!backward && ck_inside(g, column, column + CK_COLUMNS - 1)) { \
            CK_EACH_PAIR(T, 0, g->groups, columns, g, row, column, x + c, w + c, b ? b + c : 0, place + c) \
            column += CK_COLUMNS; \
          } else { \
            CK_EACH_STRIP( \
                T, 0, g->groups, place, backward, g, row, column, x + c, w + c, b ? b + c : 0, place + c) \
            column++; \
          } \
        } \
    } \
  } \
  static void M(depthwise_weights, T)(const ck_conv *g, const void *large, const void *small, void *weights) { \
    const ptrdiff_t taps = g->kernel[0] * g->kernel[1]; \
    if (g->image_begin == g->image_end) \
      for (ptrdiff_t tap = 0; tap < taps; tap++) \
        for (ptrdiff_t c = g->small_begin; c < g->small_end; c++) ((T *)weights)[tap * g->groups + c] = 0; \
    for (ptrdiff_t n = g->image_begin; n < g->image_end; n++) { \
      const T *x = (const T *)large + n * g->large[0] * g->large[1] * g->groups; \
      const T *y = (const T *)small + n * g->small[0] * g->small[1] * g->groups; \
      for (ptrdiff_t i = 0; i < g->kernel[0]; i++) \
        for (ptrdiff_t j = 0; j < g->kernel[1]; j++) { \
          T *w = (T *)weights + (i * g->kernel[1] + j) * g->groups; \
          CK_EACH_STRIP( \
              T, g->small_begin, g->small_end, tap, g, i, j, n > g->image_begin, x + c, y + c, w + c) \
        } \
    } \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
#undef CK_EACH
#undef CK_EACH_STRIP
#undef CK_EACH_PAIR
#undef CK_STRIP
#undef CK_COLUMNS
#undef CK_WIDTH
