// Reductions. The order in which elements meet depends on the tensor's shape and axes alone: not on the part of the
// output that is computed, nor on the level. Sums of float are kept in double, so that one rounding is all they lose.
//
// Where the innermost axis is reduced, its run is spread over fixed lanes and the lanes are folded in halves; the runs
// of the other reduced axes follow in order. Where it is kept, columns are summed side by side, row after row.

#define CK_STRIP 256

// A = accumulator, first(x, c) = what the element contributes, c being the column's centre, join(a, x) = a after x.
// Defines name_strip, which sums n columns at x, or one run, over the reduced axes.
#define CK_STRIPS(name, T, A, LANES, start, first, join) \
  static A M(name##_run, T)(const T *x, ptrdiff_t n, const double *centre) { \
    (void)centre; \
    if (n < LANES) { \
      A a = (start); \
      for (ptrdiff_t i = 0; i < n; i++) { const A b = first(x[i], centre[0]); a = join(a, b); } \
      return a; \
    } \
    A lane[LANES]; \
    for (int l = 0; l < LANES; l++) lane[l] = (start); \
    ptrdiff_t i = 0; \
    for (; i + LANES <= n; i += LANES) \
      for (int l = 0; l < LANES; l++) { const A b = first(x[i + l], centre[0]); lane[l] = join(lane[l], b); } \
    for (int l = 0; i < n; i++, l++) { const A b = first(x[i], centre[0]); lane[l] = join(lane[l], b); } \
    for (int half = LANES / 2; half > 0; half /= 2) \
      for (int l = 0; l < half; l++) lane[l] = join(lane[l], lane[l + half]); \
    return lane[0]; \
  } \
  /* Few columns, their number known to the compiler: the sums stay in registers. */ \
  static inline __attribute__((always_inline)) void M(name##_narrow, T)( \
      A *a, const T *x, const int n, ptrdiff_t rows, ptrdiff_t stride, const double *centre) { \
    (void)centre; \
    A sums[4]; \
    for (int i = 0; i < n; i++) sums[i] = a[i]; \
    for (ptrdiff_t r = 0; r < rows; r++) \
      for (int i = 0; i < n; i++) { const A b = first(x[r * stride + i], centre[i]); sums[i] = join(sums[i], b); } \
    for (int i = 0; i < n; i++) a[i] = sums[i]; \
  } \
  static void M(name##_columns, T)( \
      A *a, const T *x, ptrdiff_t n, ptrdiff_t rows, ptrdiff_t stride, const double *centre) { \
    (void)centre; \
    switch (n) { \
      case 1: M(name##_narrow, T)(a, x, 1, rows, stride, centre); return; \
      case 2: M(name##_narrow, T)(a, x, 2, rows, stride, centre); return; \
      case 3: M(name##_narrow, T)(a, x, 3, rows, stride, centre); return; \
      case 4: M(name##_narrow, T)(a, x, 4, rows, stride, centre); return; \
    } \
    ptrdiff_t r = 0; \
    for (; r + 4 <= rows; r += 4) { \
      const T *x0 = x + r * stride, *x1 = x0 + stride, *x2 = x1 + stride, *x3 = x2 + stride; \
      for (ptrdiff_t i = 0; i < n; i++) { \
        const A b0 = first(x0[i], centre[i]), b1 = first(x1[i], centre[i]); \
        const A b2 = first(x2[i], centre[i]), b3 = first(x3[i], centre[i]); \
        const A c0 = join(a[i], b0), c1 = join(c0, b1), c2 = join(c1, b2); \
        a[i] = join(c2, b3); \
      } \
    } \
    for (; r < rows; r++) { \
      const T *x0 = x + r * stride; \
      for (ptrdiff_t i = 0; i < n; i++) { const A b = first(x0[i], centre[i]); a[i] = join(a[i], b); } \
    } \
  } \
  static void M(name##_strip, T)( \
      const ck_reduction *r, const T *x, ptrdiff_t n, const double *centre, A *a) { \
    /* The innermost of the outer reduced axes, if any, is walked by the column sums themselves. */ \
    const int32_t outer = r->inner_reduced || r->reduced == 0 ? r->reduced : r->reduced - 1; \
    const ptrdiff_t rows = outer < r->reduced ? r->reduced_count[outer] : 1; \
    const ptrdiff_t stride = outer < r->reduced ? r->reduced_input[outer] : 0; \
    ptrdiff_t index[CK_AXES] = {0}, offset = 0; \
    int empty = 0; \
    for (int32_t k = 0; k < outer; k++) empty |= r->reduced_count[k] == 0; \
    for (ptrdiff_t i = 0; i < n; i++) a[i] = (start); \
    while (!empty) { \
      if (r->inner_reduced) { \
        const A b = M(name##_run, T)(x + offset, r->inner, centre); \
        a[0] = join(a[0], b); \
      } else { \
        M(name##_columns, T)(a, x + offset, n, rows, stride, centre); \
      } \
      int32_t k = outer - 1; \
      for (; k >= 0; k--) { \
        offset += r->reduced_input[k]; \
        if (++index[k] < r->reduced_count[k]) break; \
        offset -= r->reduced_input[k] * r->reduced_count[k]; \
        index[k] = 0; \
      } \
      if (k < 0) break; \
    } \
  }

// Defines name: for every n outputs at y, `body` with the elements at x that belong to them.
#define CK_OVER_KEPT(name, T, TY, body) \
  static void M(name, T)(const ck_reduction *r, const void *input, void *output) { \
    ptrdiff_t kept[CK_AXES] = {0}, x_offset = r->input_base, y_offset = r->output_base; \
    const ptrdiff_t columns = r->inner_reduced ? 1 : r->inner; \
    for (;;) { \
      for (ptrdiff_t c = 0; c < columns; c += CK_STRIP) { \
        const ptrdiff_t n = columns - c < CK_STRIP ? columns - c : CK_STRIP; \
        const T *x = (const T *)input + x_offset + c; \
        TY *y = (TY *)output + y_offset + c; \
        body \
      } \
      int32_t k = r->kept - 1; \
      for (; k >= 0; k--) { \
        x_offset += r->kept_input[k]; \
        y_offset += r->kept_output[k]; \
        if (++kept[k] < r->kept_count[k]) break; \
        x_offset -= r->kept_input[k] * r->kept_count[k]; \
        y_offset -= r->kept_output[k] * r->kept_count[k]; \
        kept[k] = 0; \
      } \
      if (k < 0) return; \
    } \
  }

// last(a) = the result. Runs shorter than the lanes are reduced eight side by side, each in its own order; runs of two to
// four that lie one behind the other as many as vectors hold.
#define CK_REDUCTION(name, T, A, LANES, start, first, join, last) \
  CK_STRIPS(name, T, A, LANES, start, first, join) \
  static inline __attribute__((always_inline)) void M(name##_short_runs, T)( \
      const ck_reduction *r, const T *x, ptrdiff_t stride, T *y, ptrdiff_t step, const ptrdiff_t inner, const int runs) { \
    (void)r; \
    A a[8]; \
    for (int k = 0; k < runs; k++) a[k] = (start); \
    for (ptrdiff_t i = 0; i < inner; i++) \
      for (int k = 0; k < runs; k++) { const A b = first(x[k * stride + i], 0); a[k] = join(a[k], b); } \
    for (int k = 0; k < runs; k++) { const A b = join((A)(start), a[k]); y[k * step] = (T)last(b); } \
  } \
  static inline __attribute__((always_inline)) void M(name##_packed_runs, T)( \
      const ck_reduction *r, const T *restrict x, T *restrict y, ptrdiff_t count, const int inner) { \
    (void)r; \
    for (ptrdiff_t k = 0; k < count; k++) { \
      A a = (start); \
      for (int i = 0; i < inner; i++) { const A b = first(x[k * inner + i], 0); a = join(a, b); } \
      const A b = join((A)(start), a); \
      y[k] = (T)last(b); \
    } \
  } \
  CK_OVER_KEPT( \
      name, T, T, \
      if (r->inner_reduced && r->reduced == 0 && r->inner < LANES && r->kept > 0) { \
        const int32_t k = r->kept - 1; \
        const ptrdiff_t count = r->kept_count[k]; \
        const int is_packed = r->kept_input[k] == r->inner && r->kept_output[k] == 1; \
        ptrdiff_t i = 0; \
        switch (is_packed ? r->inner : 0) { \
          case 2: M(name##_packed_runs, T)(r, x, y, i = count, 2); break; \
          case 3: M(name##_packed_runs, T)(r, x, y, i = count, 3); break; \
          case 4: M(name##_packed_runs, T)(r, x, y, i = count, 4); break; \
        } \
        for (; i + 8 <= count; i += 8) \
          M(name##_short_runs, T)(r, x + i * r->kept_input[k], r->kept_input[k], y + i * r->kept_output[k], \
                                  r->kept_output[k], r->inner, 8); \
        for (; i < count; i++) \
          M(name##_short_runs, T)(r, x + i * r->kept_input[k], 0, y + i * r->kept_output[k], 0, r->inner, 1); \
        kept[k] = count - 1; \
        x_offset += r->kept_input[k] * (count - 1); \
        y_offset += r->kept_output[k] * (count - 1); \
        continue; \
      } \
      A a[CK_STRIP]; M(name##_strip, T)(r, x, n, 0, a); \
      for (ptrdiff_t i = 0; i < n; i++) y[i] = (T)last(a[i]);)

#define CK_SELF(a) (a)
#define CK_VALUE_OF(a, c) (a)
#define CK_DOUBLE_OF(a, c) ((double)(a))
#define CK_SQUARE_OF(a, c) ((double)(a) * (double)(a))
#define CK_DEVIATION_OF(a, c) (((double)(a) - (c)) * ((double)(a) - (c)))
#define CK_UNSIGNED_OF(a, c) ((uint64_t)(a))
#define CK_ADD(a, b) ((a) + (b))
#define CK_MULTIPLY(a, b) ((a) * (b))
#define CK_LARGER(a, b) ((b) > (a) || (b) != (b) ? (b) : (a))
#define CK_SMALLER(a, b) ((b) < (a) || (b) != (b) ? (b) : (a))
#define CK_EITHER(a, b) ((uint8_t)((a) | (b)))
#define CK_BOTH(a, b) ((uint8_t)((a) & (b)))
#define CK_DIVIDED(a) ((a) / r->divisor)
#define CK_ROOT(a) sqrt(a)

CK_REDUCTION(sum, float, double, 32, 0.0, CK_DOUBLE_OF, CK_ADD, CK_SELF)
CK_REDUCTION(sum, double, double, 32, 0.0, CK_DOUBLE_OF, CK_ADD, CK_SELF)
CK_REDUCTION(sum, int32_t, uint64_t, 32, 0, CK_UNSIGNED_OF, CK_ADD, CK_SELF)
CK_REDUCTION(sum, int64_t, uint64_t, 32, 0, CK_UNSIGNED_OF, CK_ADD, CK_SELF)
CK_REDUCTION(mean, float, double, 32, 0.0, CK_DOUBLE_OF, CK_ADD, CK_DIVIDED)
CK_REDUCTION(mean, double, double, 32, 0.0, CK_DOUBLE_OF, CK_ADD, CK_DIVIDED)
CK_REDUCTION(prod, float, double, 32, 1.0, CK_DOUBLE_OF, CK_MULTIPLY, CK_SELF)
CK_REDUCTION(prod, double, double, 32, 1.0, CK_DOUBLE_OF, CK_MULTIPLY, CK_SELF)
CK_REDUCTION(prod, int32_t, uint64_t, 32, 1, CK_UNSIGNED_OF, CK_MULTIPLY, CK_SELF)
CK_REDUCTION(prod, int64_t, uint64_t, 32, 1, CK_UNSIGNED_OF, CK_MULTIPLY, CK_SELF)
CK_REDUCTION(norm, float, double, 32, 0.0, CK_SQUARE_OF, CK_ADD, CK_ROOT)
CK_REDUCTION(norm, double, double, 32, 0.0, CK_SQUARE_OF, CK_ADD, CK_ROOT)
CK_REDUCTION(max, float, float, 64, -INFINITY, CK_VALUE_OF, CK_LARGER, CK_SELF)
CK_REDUCTION(max, double, double, 64, -INFINITY, CK_VALUE_OF, CK_LARGER, CK_SELF)
CK_REDUCTION(max, int32_t, int32_t, 64, INT32_MIN, CK_VALUE_OF, CK_LARGER, CK_SELF)
CK_REDUCTION(max, int64_t, int64_t, 64, INT64_MIN, CK_VALUE_OF, CK_LARGER, CK_SELF)
CK_REDUCTION(min, float, float, 64, INFINITY, CK_VALUE_OF, CK_SMALLER, CK_SELF)
CK_REDUCTION(min, double, double, 64, INFINITY, CK_VALUE_OF, CK_SMALLER, CK_SELF)
CK_REDUCTION(min, int32_t, int32_t, 64, INT32_MAX, CK_VALUE_OF, CK_SMALLER, CK_SELF)
CK_REDUCTION(min, int64_t, int64_t, 64, INT64_MAX, CK_VALUE_OF, CK_SMALLER, CK_SELF)
CK_REDUCTION(any, uint8_t, uint8_t, 64, 0, CK_VALUE_OF, CK_EITHER, CK_SELF)
CK_REDUCTION(all, uint8_t, uint8_t, 64, 1, CK_VALUE_OF, CK_BOTH, CK_SELF)

// The mean first, then the squared distances from it: two passes, the second over elements just read.
#define CK_VARIANCE(T) \
  CK_STRIPS(deviation, T, double, 32, 0.0, CK_DEVIATION_OF, CK_ADD) \
  CK_OVER_KEPT( \
      variance, T, T, double mean[CK_STRIP]; double a[CK_STRIP]; \
      M(sum_strip, T)(r, x, n, 0, mean); \
      for (ptrdiff_t i = 0; i < n; i++) mean[i] /= r->count; \
      M(deviation_strip, T)(r, x, n, mean, a); \
      for (ptrdiff_t i = 0; i < n; i++) y[i] = (T)(a[i] / r->divisor);)
CK_VARIANCE(float)
CK_VARIANCE(double)

// The index of the first of equal extremes, or of the first NaN. One axis is reduced, or all, merged into one run. Columns
// keep their indices in an integer I as wide as an element, a block of rows at a time, so that both fit one vector.
#define CK_EXTREME_INDEX(name, extreme, T, I, better) \
  static int64_t M(name##_run, T)(const T *x, ptrdiff_t n) { \
    const T best = M(extreme##_run, T)(x, n, 0); \
    for (ptrdiff_t i = 0; i < n; i += 64) { \
      const ptrdiff_t stop = i + 64 < n ? i + 64 : n; \
      int found = 0; \
      for (ptrdiff_t k = i; k < stop; k++) found |= x[k] == best || x[k] != x[k]; \
      if (!found) continue; \
      /* Where there is a NaN, the best is NaN and equal to nothing, so that only NaNs are found. */ \
      for (ptrdiff_t k = i; k < stop; k++) \
        if (best != best ? x[k] != x[k] : x[k] == best) return k; \
    } \
    return 0; \
  } \
  CK_OVER_KEPT(name, T, int64_t, \
    if (r->inner_reduced) { \
      y[0] = M(name##_run, T)(x, r->inner); \
      continue; \
    } \
    T best[CK_STRIP]; \
    I place[CK_STRIP]; \
    for (ptrdiff_t i = 0; i < n; i++) best[i] = x[i]; \
    for (ptrdiff_t i = 0; i < n; i++) y[i] = 0; \
    const ptrdiff_t rows = r->reduced ? r->reduced_count[0] : 1; \
    const ptrdiff_t stride = r->reduced ? r->reduced_input[0] : 0; \
    for (ptrdiff_t start = 0; start < rows; start += 1 << 30) { \
      const I count = (I)(rows - start < 1 << 30 ? rows - start : 1 << 30); \
      for (ptrdiff_t i = 0; i < n; i++) place[i] = -1; \
      for (I j = 0; j < count; j++) { \
        const T *row = x + (start + j) * stride; \
        CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { \
          const T a = row[i]; \
          const T b = best[i]; \
          const int wins = (b == b) & ((a better b) | (a != a)); \
          best[i] = wins ? a : b; \
          place[i] = wins ? j : place[i]; \
        } \
      } \
      for (ptrdiff_t i = 0; i < n; i++) y[i] = place[i] < 0 ? y[i] : start + place[i]; \
    })
#define CK_DEFINE(T, I) CK_EXTREME_INDEX(argmax, max, T, I, >) CK_EXTREME_INDEX(argmin, min, T, I, <)
CK_DEFINE(float, int32_t)
CK_DEFINE(double, int64_t)
CK_DEFINE(int32_t, int32_t)
CK_DEFINE(int64_t, int64_t)
#undef CK_DEFINE

#undef CK_STRIPS
#undef CK_OVER_KEPT
#undef CK_REDUCTION
#undef CK_VARIANCE
#undef CK_EXTREME_INDEX
#undef CK_STRIP
#undef CK_VALUE_OF
#undef CK_DEVIATION_OF
#undef CK_MULTIPLY
#undef CK_SELF
#undef CK_DOUBLE_OF
#undef CK_SQUARE_OF
#undef CK_UNSIGNED_OF
#undef CK_ADD
#undef CK_LARGER
#undef CK_SMALLER
#undef CK_EITHER
#undef CK_BOTH
#undef CK_DIVIDED
#undef CK_ROOT
