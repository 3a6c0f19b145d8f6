// Largest elements of windows, vectors running along the channels. Elements of a window meet in row-major order, windows
// of an element likewise.

#define CK_INLINE static inline __attribute__((always_inline))

// Runs `body` for every tap of a window: its number and its offset.
#define CK_TAPS(body) \
  for (ptrdiff_t i = w->begin[0]; i < w->end[0]; i++) \
    for (ptrdiff_t j = w->begin[1]; j < w->end[1]; j++) { \
      const ptrdiff_t offset = w->origin + i * w->step[0] + j * w->step[1]; \
      const int32_t tap = (int32_t)(i * w->kernel + j); \
      body; \
    }

// Runs FUNCTION(T, strip)(…) for all channels, in strips of four vectors, of one, of 16 bytes and of an element.
#define CK_STRIPS(FUNCTION, T, ...) \
  { \
    ptrdiff_t c = g->channel_begin; \
    CK_STRIPS_OF(FUNCTION, T, wide, 4 * CK_WIDTH, __VA_ARGS__) \
    CK_STRIPS_OF(FUNCTION, T, vector, CK_WIDTH, __VA_ARGS__) \
    CK_STRIPS_OF(FUNCTION, T, few, 16, __VA_ARGS__) \
    CK_STRIPS_OF(FUNCTION, T, one, (ptrdiff_t)sizeof(T), __VA_ARGS__) \
  }
#define CK_STRIPS_OF(FUNCTION, T, strip, bytes, ...) \
  for (; g->channel_end - c >= bytes / (ptrdiff_t)sizeof(T); c += bytes / (ptrdiff_t)sizeof(T)) \
    FUNCTION(T, strip)(__VA_ARGS__);

#define CK_WIDTH CK_PASTE(CK_BYTES, CK_LEVEL)
#define CK_STRIP(name, T, strip) M(CK_PASTE(name, strip), T)
#define CK_VALUES(T, strip) CK_STRIP(values, T, strip)
#define CK_NUMBERS(T, strip) CK_STRIP(numbers, T, strip)
#define CK_NUMBER(T, strip) CK_STRIP(number, T, strip)
#define CK_LARGEST(T, strip) CK_STRIP(largest, T, strip)
#define CK_PICKED(T, strip) CK_STRIP(picked, T, strip)
#define CK_SCATTERED(T, strip) CK_STRIP(scattered, T, strip)

// Where an element comes before the best so far; a NaN before everything but an earlier NaN.
#define CK_BETTER(v, best) (~((v) <= (best)) & ((best) == (best)))

// I is the integer of T's size, which numbers the taps.
#define CK_DEFINE_STRIP(T, I, strip, lanes) \
  typedef T CK_VALUES(T, strip) __attribute__((ext_vector_type(lanes), aligned(sizeof(T)))); \
  typedef I CK_NUMBERS(T, strip) __attribute__((ext_vector_type(lanes), aligned(sizeof(T)))); \
  CK_INLINE void CK_LARGEST(T, strip)(const ck_taps *w, const T *x, T *y) { \
    typedef CK_VALUES(T, strip) V; \
    V best = w->first < 0 ? (V)(-(T)INFINITY) : *(const V *)(x + w->first); \
    CK_TAPS({ \
      const V v = *(const V *)(x + offset); \
      (void)tap; \
      best = CK_BETTER(v, best) ? v : best; \
    }) \
    *(V *)y = best; \
  } \
  /* The numbers of the largest elements' taps, -1 where the window is outside the image. */ \
  CK_INLINE void CK_NUMBER(T, strip)(const ck_taps *w, const T *x, CK_NUMBERS(T, strip) * result) { \
    typedef CK_VALUES(T, strip) V; \
    typedef CK_NUMBERS(T, strip) N; \
    const int any = w->first >= 0; \
    V best = any ? *(const V *)(x + w->first) : (V)(T)0; \
    N number = (N)(any ? (I)(w->begin[0] * w->kernel + w->begin[1]) : (I)-1); \
    CK_TAPS({ \
      const V v = *(const V *)(x + offset); \
      const N better = CK_BETTER(v, best); \
      number = better ? (N)(I)tap : number; \
      best = better ? v : best; \
    }) \
    *result = number; \
  } \
  CK_INLINE void CK_PICKED(T, strip)(const ck_taps *w, const T *x, const T *from, T *y) { \
    typedef CK_VALUES(T, strip) V; \
    typedef CK_NUMBERS(T, strip) N; \
    N number; \
    CK_NUMBER(T, strip)(w, x, &number); \
    V value = (V)(T)0; \
    CK_TAPS(value = number == (N)(I)tap ? *(const V *)(from + offset) : value) \
    *(V *)y = value; \
  } \
  /* Windows side by side write every element once; others add to what is there. */ \
  CK_INLINE void CK_SCATTERED(T, strip)(const ck_taps *w, int beside, const T *x, const T *dy, T *dx) { \
    typedef CK_VALUES(T, strip) V; \
    typedef CK_NUMBERS(T, strip) N; \
    N number; \
    CK_NUMBER(T, strip)(w, x, &number); \
    const V more = *(const V *)dy; \
    if (beside) { \
      CK_TAPS(*(V *)(dx + offset) = number == (N)(I)tap ? more + (V)(T)0 : (V)(T)0) \
    } else { \
      CK_TAPS({ \
        V *to = (V *)(dx + offset); \
        *to = number == (N)(I)tap ? *to + more : *to; \
      }) \
    } \
  }

#define CK_DEFINE(T, I) \
  CK_DEFINE_STRIP(T, I, wide, 4 * CK_WIDTH / sizeof(T)) \
  CK_DEFINE_STRIP(T, I, vector, CK_WIDTH / sizeof(T)) \
  CK_DEFINE_STRIP(T, I, few, 16 / sizeof(T)) \
  CK_DEFINE_STRIP(T, I, one, 1) \
  static void M(max_pool, T)(const ck_pool *g, const void *large, const void *picked, void *small) { \
    const ptrdiff_t image = g->large[0] * g->large[1] * g->channels; \
    for (ptrdiff_t m = g->image_begin; m < g->image_end; m++) \
      for (ptrdiff_t row = g->row_begin; row < g->row_end; row++) \
        for (ptrdiff_t column = 0; column < g->small[1]; column++) { \
          const ck_taps taps = ck_window_taps(g, row, column), *w = &taps; \
          const T *x = (const T *)large + m * image, *p = (const T *)picked + (picked ? m * image : 0); \
          T *y = (T *)small + ((m * g->small[0] + row) * g->small[1] + column) * g->channels; \
          if (picked) CK_STRIPS(CK_PICKED, T, w, x + c, p + c, y + c) \
          else CK_STRIPS(CK_LARGEST, T, w, x + c, y + c) \
        } \
  } \
  static void M(max_pool_gradient, T)(const ck_pool *g, const void *large, const void *small, void *result) { \
    const ptrdiff_t places = g->large[0] * g->large[1]; \
    const int beside = ck_windows_beside(g); \
    for (ptrdiff_t m = g->image_begin; m < g->image_end; m++) { \
      const T *x = (const T *)large + m * places * g->channels; \
      T *dx = (T *)result + m * places * g->channels; \
      ptrdiff_t cleared = beside ? places : 0; \
      for (ptrdiff_t row = 0; row <= g->small[0]; row++) { \
        /* Up to the last place that this row of windows meets, or that there is. */ \
        const ptrdiff_t reached = row < g->small[0] ? ck_last_row(g, row) * g->large[1] : places; \
        for (; cleared < reached; cleared++) \
          for (ptrdiff_t c = g->channel_begin; c < g->channel_end; c++) dx[cleared * g->channels + c] = 0; \
        for (ptrdiff_t column = 0; column < g->small[1] && row < g->small[0]; column++) { \
          const ck_taps taps = ck_window_taps(g, row, column), *w = &taps; \
          const T *dy = (const T *)small + ((m * g->small[0] + row) * g->small[1] + column) * g->channels; \
          if (beside) CK_STRIPS(CK_SCATTERED, T, w, 1, x + c, dy + c, dx + c) \
          else CK_STRIPS(CK_SCATTERED, T, w, 0, x + c, dy + c, dx + c) \
        } \
      } \
    } \
  }

CK_DEFINE(float, int32_t)
CK_DEFINE(double, int64_t)

#undef CK_DEFINE
#undef CK_DEFINE_STRIP
#undef CK_SCATTERED
#undef CK_PICKED
#undef CK_LARGEST
#undef CK_NUMBER
#undef CK_BETTER
#undef CK_NUMBERS
#undef CK_VALUES
#undef CK_STRIP
#undef CK_WIDTH
#undef CK_STRIPS_OF
#undef CK_STRIPS
#undef CK_TAPS
#undef CK_INLINE
