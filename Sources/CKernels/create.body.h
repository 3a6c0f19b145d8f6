// Values that depend on the place alone, or on an index.
#define CK_DEFINE(T) \
  static void M(fill_loop, T)(const ck_span *s, void *const *p) { \
    const T c = (T)s->constant[0]; \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      T *y = CK_AT(T, 0, r); \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < s->n; i++) y[i] = c; \
    } \
  } \
  /* The index along an axis of length constant[1] whose elements lie constant[0] apart. */ \
  static void M(iota_loop, T)(const ck_span *s, void *const *p) { \
    const ptrdiff_t stride = (ptrdiff_t)s->constant[0], length = (ptrdiff_t)s->constant[1]; \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      T *y = CK_AT(T, 0, r); \
      const ptrdiff_t offset = s->base[0] + r * s->row[0]; \
      for (ptrdiff_t i = 0; i < s->n; i++) y[i] = (T)((offset + i) / stride % length); \
    } \
  }
CK_DEFINE(float)
CK_DEFINE(double)
CK_DEFINE(int32_t)
CK_DEFINE(int64_t)
CK_DEFINE(uint8_t)
#undef CK_DEFINE

// Whether an id is the index along the last axis, of length constant[0]. The id stays while that axis is walked.
#define CK_DEFINE(name, TI, T) \
  static void M(name##_loop, T)(const ck_span *s, void *const *p) { \
    const ptrdiff_t classes = (ptrdiff_t)s->constant[0]; \
    for (ptrdiff_t r = 0; r < s->rows; r++) { \
      const TI *id = CK_AT(const TI, 0, r); \
      T *y = CK_AT(T, 1, r); \
      if (CK_MOVES(0)) { \
        for (ptrdiff_t i = 0; i < s->n; i++) y[i] = (T)(id[i] == 0); \
      } else { \
        const int64_t first = (int64_t)((s->base[1] + r * s->row[1]) % classes), wanted = (int64_t)id[0]; \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < s->n; i++) y[i] = (T)(first + i == wanted); \
      } \
    } \
  }
CK_DEFINE(one_hot_i32, int32_t, float)
CK_DEFINE(one_hot_i32, int32_t, double)
CK_DEFINE(one_hot_i32, int32_t, int32_t)
CK_DEFINE(one_hot_i32, int32_t, int64_t)
CK_DEFINE(one_hot_i32, int32_t, uint8_t)
CK_DEFINE(one_hot_i64, int64_t, float)
CK_DEFINE(one_hot_i64, int64_t, double)
CK_DEFINE(one_hot_i64, int64_t, int32_t)
CK_DEFINE(one_hot_i64, int64_t, int64_t)
CK_DEFINE(one_hot_i64, int64_t, uint8_t)
#undef CK_DEFINE
