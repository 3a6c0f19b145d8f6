// Products of matrices after Goto and van de Geijn (2008), "Anatomy of high-performance matrix multiplication": the
// right operand is laid out in panels that stay in the first-level cache while tiles of the left one pass by.
//
// A tile of the output is CK_TILE_ROWS rows by up to CK_TILE_VECTORS vectors, held in registers over a whole run of k.
// Each element's products are added in order of k, in runs of at most CK_RUN; fused where the level can.

#define CK_WIDTH CK_PASTE(CK_BYTES, CK_LEVEL)
#define CK_TILE_ROWS CK_PASTE(CK_ROWS, CK_LEVEL)
#define CK_TILE_VECTORS CK_PASTE(CK_VECTORS, CK_LEVEL)
#define CK_RUN CK_PASTE(CK_LENGTH, CK_LEVEL)
// Keeps the compiler from deriving one pointer from another, which would make each row wait for the one before.
#define CK_UNRELATED(pointer) __asm__("" : "+r"(pointer));
#define CK_INLINE static inline __attribute__((always_inline))

// Turns a block of 8 × 8 floats or 4 × 4 doubles: rows of the source become columns of the target.
typedef float CK(block_float) __attribute__((vector_size(32), aligned(4)));
typedef double CK(block_double) __attribute__((vector_size(32), aligned(8)));
#define CK_TURN_SIDE(T) ((ptrdiff_t)(32 / sizeof(T)))

CK_INLINE void M(turn, float)(float *to, ptrdiff_t to_step, const float *from, ptrdiff_t from_step) {
  typedef CK(block_float) V;
  V r[8], s[8], t[8];
  for (int i = 0; i < 8; i++) r[i] = *(const V *)(from + i * from_step);
  for (int i = 0; i < 8; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int h = 0; h < 2; h++) {
      t[i + 2 * h] = __builtin_shufflevector(s[i + h], s[i + h + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      t[i + 2 * h + 1] = __builtin_shufflevector(s[i + h], s[i + h + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++) {
    *(V *)(to + i * to_step) = __builtin_shufflevector(t[i], t[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(V *)(to + (i + 4) * to_step) = __builtin_shufflevector(t[i], t[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

CK_INLINE void M(turn, double)(double *to, ptrdiff_t to_step, const double *from, ptrdiff_t from_step) {
  typedef CK(block_double) V;
  V r[4], s[4];
  for (int i = 0; i < 4; i++) r[i] = *(const V *)(from + i * from_step);
  for (int i = 0; i < 4; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 4, 2, 6);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 5, 3, 7);
  }
  for (int i = 0; i < 2; i++) {
    *(V *)(to + i * to_step) = __builtin_shufflevector(s[i], s[i + 2], 0, 1, 4, 5);
    *(V *)(to + (i + 2) * to_step) = __builtin_shufflevector(s[i], s[i + 2], 2, 3, 6, 7);
  }
}

#define CK_DEFINE(T) \
  typedef T M(vector, T) __attribute__((vector_size(CK_WIDTH), aligned(sizeof(T)))); \
  /* Fewer elements than a vector has, in pieces of fixed size. */ \
  CK_INLINE void M(copy_few, T)(T *to, const T *from, ptrdiff_t n) { \
    for (; n >= 4; n -= 4, to += 4, from += 4) __builtin_memcpy(to, from, 4 * sizeof(T)); \
    if (n & 2) __builtin_memcpy(to, from, 2 * sizeof(T)), to += 2, from += 2; \
    if (n & 1) *to = *from; \
  } \
  /* c (+)= op(a) · b for rows × vectors held in registers. Of the last vector `tail` columns exist. */ \
  CK_INLINE void M(tile, T)( \
      const int rows, const int vectors, const int turned, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b, \
      ptrdiff_t ldb, T *c, ptrdiff_t ldc, ptrdiff_t tail, int add) { \
    _Pragma("clang fp contract(fast)") \
    typedef M(vector, T) V; \
    const int lanes = (int)(sizeof(V) / sizeof(T)); \
    V sum[CK_TILE_ROWS * CK_TILE_VECTORS]; \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows * vectors; i++) sum[i] = (V){0}; \
    const T *row[CK_TILE_ROWS]; \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) { \
      row[i] = turned ? a : a + i * lda; \
      CK_UNRELATED(row[i]) \
    } \
    for (ptrdiff_t p = 0; p < k; p++) { \
      V y[CK_TILE_VECTORS]; \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) y[v] = *(const V *)(b + v * lanes); \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) { \
        const T x = turned ? a[i] : row[i][p]; \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) \
            sum[i * vectors + v] = sum[i * vectors + v] + x * y[v]; \
      } \
      a += lda; \
      b += ldb; \
    } \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) { \
      T *to = c + i * ldc; \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) { \
        T *place = to + v * lanes; \
        const V s = sum[i * vectors + v]; \
        if (v < vectors - 1 || tail == lanes) { \
          *(V *)place = add ? *(const V *)place + s : s; \
        } else { \
          V old = {0}; \
          if (add) M(copy_few, T)((T *)&old, place, tail); \
          old = old + s; \
          M(copy_few, T)(place, (const T *)&old, tail); \
        } \
      } \
    } \
  } \
  /* The same for a number of rows and columns known only now. */ \
  static void M(tiles, T)( \
      ptrdiff_t rows, ptrdiff_t columns, int turned, ptrdiff_t k, const T *a, ptrdiff_t lda, const T *b, \
      ptrdiff_t ldb, T *c, ptrdiff_t ldc, int add) { \
    const ptrdiff_t lanes = CK_WIDTH / (ptrdiff_t)sizeof(T); \
    const int vectors = (int)((columns + lanes - 1) / lanes); \
    const ptrdiff_t tail = columns - (vectors - 1) * lanes; \
    switch (rows * 4 + vectors) { \
      CK_TILES(T) \
    } \
  } \
  /* to[p·width + j] = from[p·step + j] for j < columns, zero up to the width. */ \
  static void M(lay_rows, T)( \
      T *to, ptrdiff_t width, ptrdiff_t k, ptrdiff_t columns, const T *from, ptrdiff_t step) { \
    typedef M(vector, T) V; \
    const ptrdiff_t lanes = (ptrdiff_t)(sizeof(V) / sizeof(T)), whole = columns / lanes * lanes; \
    for (ptrdiff_t p = 0; p < k; p++, to += width, from += step) { \
      for (ptrdiff_t j = 0; j < whole; j += lanes) *(V *)(to + j) = *(const V *)(from + j); \
      if (whole == width) continue; \
      if (width - whole >= lanes) *(V *)(to + whole) = (V){0}; \
      M(copy_few, T)(to + whole, from + whole, columns - whole); \
    } \
  } \
  /* to[p·width + j] = from[j·step + p] for j < columns, zero up to the width. */ \
  static void M(lay_turned, T)( \
      T *to, ptrdiff_t width, ptrdiff_t k, ptrdiff_t columns, const T *from, ptrdiff_t step) { \
    const ptrdiff_t side = CK_TURN_SIDE(T); \
    ptrdiff_t j = 0; \
    for (; j + side <= columns; j += side) { \
      ptrdiff_t p = 0; \
      for (; p + side <= k; p += side) M(turn, T)(to + p * width + j, width, from + j * step + p, step); \
      for (; p < k; p++) \
        for (ptrdiff_t i = 0; i < side; i++) to[p * width + j + i] = from[(j + i) * step + p]; \
    } \
    for (; j < columns; j++) \
      for (ptrdiff_t p = 0; p < k; p++) to[p * width + j] = from[j * step + p]; \
    for (; j < width; j++) \
      for (ptrdiff_t p = 0; p < k; p++) to[p * width + j] = 0; \
  } \
  /* c[j] (+)= a · row j of b for n rows: a vector by a transposed matrix. */ \
  static void M(dots, T)( \
      ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t a_step, const T *b, ptrdiff_t ldb, T *c, int add) { \
    _Pragma("clang fp contract(fast)") \
    typedef M(vector, T) V; \
    const ptrdiff_t lanes = (ptrdiff_t)(sizeof(V) / sizeof(T)); \
    for (ptrdiff_t j = 0; j < n; j += 4) { \
      const ptrdiff_t some = n - j < 4 ? n - j : 4; \
      /* Rows that are not there are the last one again. */ \
      const T *row[4]; \
      for (ptrdiff_t r = 0; r < 4; r++) row[r] = b + (j + (r < some ? r : some - 1)) * ldb; \
      V sum[8]; \
      for (int r = 0; r < 8; r++) sum[r] = (V){0}; \
      T rest[4] = {0}; \
      ptrdiff_t p = 0; \
      if (a_step == 1) { \
        for (; p + 2 * lanes <= k; p += 2 * lanes) { \
          const V x = *(const V *)(a + p), z = *(const V *)(a + p + lanes); \
          _Pragma("clang loop unroll(full)") for (int r = 0; r < 4; r++) { \
            sum[r] = sum[r] + x * *(const V *)(row[r] + p); \
            sum[r + 4] = sum[r + 4] + z * *(const V *)(row[r] + p + lanes); \
          } \
        } \
      } \
      for (; p < k; p++) \
        for (int r = 0; r < 4; r++) rest[r] = rest[r] + a[p * a_step] * row[r][p]; \
      for (ptrdiff_t r = 0; r < some; r++) { \
        V s = sum[r] + sum[r + 4]; \
        for (ptrdiff_t half = lanes / 2; half > 0; half /= 2) \
          for (ptrdiff_t l = 0; l < half; l++) s[l] = s[l] + s[l + half]; \
        const T value = s[0] + rest[r]; \
        c[j + r] = add ? c[j + r] + value : value; \
      } \
    } \
  } \
  /* How much of k is summed at a time: the runs are of about equal length, and longer where a panel is narrow. */ \
  static ptrdiff_t M(gemm_run, T)(const ck_product *g) { \
    const ptrdiff_t lanes = CK_WIDTH / (ptrdiff_t)sizeof(T); \
    const ptrdiff_t longest = g->n <= lanes ? CK_RUN * CK_TILE_VECTORS : CK_RUN; \
    const ptrdiff_t runs = (g->k + longest - 1) / longest; \
    return runs > 0 ? (g->k + runs - 1) / runs : 1; \
  } \
  /* Elements of the right operand that are laid out at a time. */ \
  static ptrdiff_t M(gemm_panels, T)(const ck_product *g) { \
    const ptrdiff_t lanes = CK_WIDTH / (ptrdiff_t)sizeof(T); \
    const ptrdiff_t columns = g->n < CK_GEMM_COLUMNS ? (g->n + lanes - 1) / lanes * lanes : CK_GEMM_COLUMNS; \
    const int needed = g->turn_b ? g->m > 1 : g->lay_b || g->n % lanes != 0; \
    return needed ? columns * M(gemm_run, T)(g) : 0; \
  } \
  static size_t M(gemm_scratch, T)(const ck_product *g) { \
    const ptrdiff_t rows = g->m < CK_GEMM_ROWS ? g->m : CK_GEMM_ROWS; \
    const ptrdiff_t left = g->lay_a ? rows * M(gemm_run, T)(g) : 0; \
    return (size_t)(M(gemm_panels, T)(g) + left) * sizeof(T); \
  } \
  static void M(gemm, T)(const ck_product *g, const void *left, const void *right, void *output, void *scratch) { \
    const T *a = (const T *)left, *b = (const T *)right; \
    T *c = (T *)output; \
    const ptrdiff_t lanes = CK_WIDTH / (ptrdiff_t)sizeof(T), width = lanes * CK_TILE_VECTORS; \
    const ptrdiff_t a_row = g->turn_a ? 1 : g->lda, a_step = g->turn_a ? g->lda : 1; \
    if (g->m == 1 && g->turn_b) { \
      M(dots, T)(g->n, g->k, a, a_step, b, g->ldb, c, g->add); \
      return; \
    } \
    const ptrdiff_t run = M(gemm_run, T)(g); \
    T *panels = (T *)scratch, *rows = panels + M(gemm_panels, T)(g); \
    for (ptrdiff_t j0 = 0; j0 < g->n; j0 += CK_GEMM_COLUMNS) { \
      const ptrdiff_t n = g->n - j0 < CK_GEMM_COLUMNS ? g->n - j0 : CK_GEMM_COLUMNS; \
      for (ptrdiff_t p0 = 0; p0 < g->k; p0 += run) { \
        const ptrdiff_t k = g->k - p0 < run ? g->k - p0 : run; \
        const int add = g->add || p0 > 0; \
        for (ptrdiff_t i0 = 0; i0 < g->m; i0 += CK_GEMM_ROWS) { \
          const ptrdiff_t m = g->m - i0 < CK_GEMM_ROWS ? g->m - i0 : CK_GEMM_ROWS; \
          const T *x = a + i0 * a_row + p0 * a_step; \
          if (g->lay_a) { \
            T *to = rows; \
            for (ptrdiff_t i = 0, t; i < m; i += t, to += t * k) { \
              for (t = CK_TILE_ROWS; t > m - i; t /= 2) {} \
              if (g->turn_a) M(lay_rows, T)(to, t, k, t, x + i, g->lda); \
              else M(lay_turned, T)(to, t, k, t, x + i * g->lda, g->lda); \
            } \
          } \
          for (ptrdiff_t j = 0; j < n; j += width) { \
            const ptrdiff_t w = n - j < width ? n - j : width; \
            const ptrdiff_t laid = (w + lanes - 1) / lanes * lanes; \
            const T *y = panels + j * k; \
            ptrdiff_t y_step = laid; \
            if (!g->turn_b && !g->lay_b && w == laid) { \
              y = b + p0 * g->ldb + j0 + j; \
              y_step = g->ldb; \
            } else if (i0 == 0) { \
              if (g->turn_b) M(lay_turned, T)(panels + j * k, laid, k, w, b + (j0 + j) * g->ldb + p0, g->ldb); \
              else M(lay_rows, T)(panels + j * k, laid, k, w, b + p0 * g->ldb + j0 + j, g->ldb); \
            } \
            const T *from = rows; \
            for (ptrdiff_t i = 0, t; i < m; i += t, from += t * k) { \
              for (t = CK_TILE_ROWS; t > m - i; t /= 2) {} \
              T *place = c + (i0 + i) * g->ldc + j0 + j; \
              if (g->lay_a) M(tiles, T)(t, w, 1, k, from, t, y, y_step, place, g->ldc, add); \
              else M(tiles, T)(t, w, g->turn_a, k, x + i * a_row, g->lda, y, y_step, place, g->ldc, add); \
            } \
          } \
        } \
      } \
    } \
  }

#define CK_TILE_CASE(T, rows, vectors) \
  case rows * 4 + vectors: \
    if (turned) M(tile, T)(rows, vectors, 1, k, a, lda, b, ldb, c, ldc, tail, add); \
    else M(tile, T)(rows, vectors, 0, k, a, lda, b, ldb, c, ldc, tail, add); \
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
#undef CK_TURN_SIDE
#undef CK_INLINE
#undef CK_UNRELATED
#undef CK_RUN
#undef CK_TILE_VECTORS
#undef CK_TILE_ROWS
#undef CK_WIDTH
