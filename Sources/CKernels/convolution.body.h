// The inner product of convolutions: a product of matrices whose left operand is never laid out, since its rows are
// found in the image by offsets (the indirect convolution of Dukhan, 2019, "The Indirect Convolution Algorithm").
//
// A panel holds some columns of the right operand, to be read in whole vectors. A tile is CK_TILE_ROWS rows by the
// panel's vectors, held in registers over all runs. Each element's products are added in the order of the runs, fused
// where the level can, whatever the tile.

#define CK_WIDTH CK_PASTE(CK_BYTES, CK_LEVEL)
#define CK_TILE_ROWS CK_PASTE(CK_ROWS, CK_LEVEL)
#define CK_TILE_VECTORS CK_PASTE(CK_VECTORS, CK_LEVEL)
// Terms that are summed between two fetches ahead.
#define CK_FETCH 16
// Keeps the compiler from deriving one pointer from another, which would make each row wait for the one before.
#define CK_UNRELATED(pointer) __asm__("" : "+r"(pointer));
#define CK_INLINE static inline __attribute__((always_inline))

#define CK_DEFINE(T) \
  typedef T M(conv_vector, T) __attribute__((vector_size(CK_WIDTH), aligned(sizeof(T)))); \
  /* Fetches the places of the results before the sums and returns what is to be fetched next. */ \
  CK_INLINE const char *M(conv_tile, T)( \
      const int rows, const int vectors, const ck_conv_rows *r, ptrdiff_t first, const T *source, const T *panel, \
      T *result, const char *ahead) { \
    _Pragma("clang fp contract(fast)") \
    typedef M(conv_vector, T) V; \
    const ptrdiff_t lanes = (ptrdiff_t)(sizeof(V) / sizeof(T)), step = r->step, pitch = r->pitch; \
    V sum[CK_TILE_ROWS * CK_TILE_VECTORS]; \
    const T *row[CK_TILE_ROWS]; \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) { \
      row[i] = source + r->from[first + i]; \
      CK_UNRELATED(row[i]) \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) \
          __builtin_prefetch(result + r->to[first + i] + v * lanes, 1); \
    } \
    const T *begin = (const T *)r->begin; \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) { \
      const V start = begin ? *(const V *)(begin + v * lanes) : (V){0}; \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) sum[i * vectors + v] = start; \
    } \
    for (ptrdiff_t n = 0; n < r->runs; n++) { \
      const ck_run run = r->run[n]; \
      const T *b = panel + run.panel * pitch; \
      ptrdiff_t p = run.source; \
      for (ptrdiff_t left = run.length; left > 0;) { \
        ptrdiff_t k = left; \
        if (ahead < r->ahead_end) { \
          k = k < CK_FETCH ? k : CK_FETCH; \
          const char *last = ahead + rows * k * (ptrdiff_t)sizeof(T); \
          for (; ahead < last; ahead += 64) __builtin_prefetch(ahead); \
        } \
        left -= k; \
        for (; k > 0; k--, p += step, b += pitch) { \
          V y[CK_TILE_VECTORS]; \
          _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) y[v] = *(const V *)(b + v * lanes); \
          _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) { \
            const T x = row[i][p]; \
            _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) \
                sum[i * vectors + v] = sum[i * vectors + v] + x * y[v]; \
          } \
        } \
      } \
    } \
    const ptrdiff_t tail = r->columns - (vectors - 1) * lanes; \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) { \
      T *to = result + r->to[first + i]; \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) { \
        T *place = to + v * lanes; \
        const V s = sum[i * vectors + v]; \
        if (v < vectors - 1 || tail == lanes) { \
          *(V *)place = r->add ? *(const V *)place + s : s; \
        } else { \
          for (ptrdiff_t l = 0; l < tail; l++) place[l] = r->add ? place[l] + s[l] : s[l]; \
        } \
      } \
    } \
    return ahead; \
  } \
  static void M(conv_rows, T)(const ck_conv_rows *r, const void *source, const void *panel, void *result) { \
    const ptrdiff_t lanes = CK_WIDTH / (ptrdiff_t)sizeof(T); \
    const int vectors = (int)((r->columns + lanes - 1) / lanes); \
    const char *ahead = r->ahead; \
    for (ptrdiff_t i = 0, t; i < r->rows; i += t) { \
      for (t = CK_TILE_ROWS; t > r->rows - i; t /= 2) {} \
      switch (t * 4 + vectors) { \
        CK_TILES(T) \
      } \
    } \
  } \
  /* Rows of a panel: `columns` elements from from[k · step] on, zeros up to the width. */ \
  static void M(conv_lay_rows, T)( \
      void *panel, ptrdiff_t width, ptrdiff_t count, ptrdiff_t columns, const void *from, ptrdiff_t step) { \
    T *to = (T *)panel; \
    const T *x = (const T *)from; \
    for (ptrdiff_t k = 0; k < count; k++, to += width, x += step) { \
      for (ptrdiff_t j = 0; j < columns; j++) to[j] = x[j]; \
      for (ptrdiff_t j = columns; j < width; j++) to[j] = 0; \
    } \
  } \
  /* The same from columns: to[k · width + j] = from[j · step + k]. */ \
  static void M(conv_lay_columns, T)( \
      void *panel, ptrdiff_t width, ptrdiff_t count, ptrdiff_t columns, const void *from, ptrdiff_t step) { \
    const T *x = (const T *)from; \
    for (ptrdiff_t j = 0; j < width; j++, x += step) { \
      T *to = (T *)panel + j; \
      if (j < columns) \
        for (ptrdiff_t k = 0; k < count; k++) to[k * width] = x[k]; \
      else \
        for (ptrdiff_t k = 0; k < count; k++) to[k * width] = 0; \
    } \
  }

#define CK_TILE_CASE(T, rows, vectors) \
  case rows * 4 + vectors: \
    ahead = M(conv_tile, T)(rows, vectors, r, i, (const T *)source, (const T *)panel, (T *)result, ahead); \
    break;
#define CK_TILES_OF(T, rows) CK_TILE_CASE(T, rows, 1) CK_TILE_CASE(T, rows, 2) CK_PASTE(CK_THIRD, CK_LEVEL)(T, rows)
#define CK_TILES(T) \
  CK_TILES_OF(T, 1) CK_TILES_OF(T, 2) CK_TILES_OF(T, 4) CK_PASTE(CK_EIGHT, CK_LEVEL)(T)

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
#undef CK_TILES
#undef CK_TILES_OF
#undef CK_TILE_CASE
#undef CK_INLINE
#undef CK_UNRELATED
#undef CK_FETCH
#undef CK_TILE_VECTORS
#undef CK_TILE_ROWS
#undef CK_WIDTH
