#include "transcendental.h"

// Rows of adjacent elements, at the level being compiled: sums and extremes are spread over fixed lanes, which are then
// folded in halves, so that all levels agree.

#ifndef CK_LANES
#define CK_LANES 32
#define CK_BLOCK 256

// Runs a statement that uses i, an element of the row, and l, its lane.
#define CK_EACH_LANE(n, statement) \
  { \
    ptrdiff_t start_ = 0; \
    for (; start_ + CK_LANES <= (n); start_ += CK_LANES) \
      for (int l = 0; l < CK_LANES; l++) { const ptrdiff_t i = start_ + l; statement } \
    for (int l = 0; start_ + l < (n); l++) { const ptrdiff_t i = start_ + l; statement } \
  }
#define CK_FOLD(lane, join) \
  for (int half = CK_LANES / 2; half > 0; half /= 2) \
    for (int l = 0; l < half; l++) lane[l] = join(lane[l], lane[l + half]);
#define CK_ADD(a, b) ((a) + (b))
#define CK_LARGER(a, b) ((a) > (b) ? (a) : (b))

// The sum of an expression in i over a row.
#define CK_ROW_SUM(T, result, n, formula) \
  T result; \
  { \
    T lane[CK_LANES] = {0}; \
    CK_EACH_LANE(n, lane[l] += (formula);) \
    CK_FOLD(lane, CK_ADD) \
    result = lane[0]; \
  }
#endif

#define CK_DEFINE(T) \
  /* The largest element that is a number; -∞ when there is none. */ \
  static T M(row_maximum, T)(const T *x, ptrdiff_t n) { \
    T lane[CK_LANES]; \
    for (int l = 0; l < CK_LANES; l++) lane[l] = -(T)INFINITY; \
    CK_EACH_LANE(n, lane[l] = CK_LARGER(x[i], lane[l]);) \
    CK_FOLD(lane, CK_LARGER) \
    return lane[0]; \
  } \
  /* Σ exp(x - maximum); the terms go to y unless null. */ \
  static T M(row_exponentials, T)(const T *x, T *y, ptrdiff_t n, T maximum) { \
    T block[CK_BLOCK], lane[CK_LANES] = {0}; \
    for (ptrdiff_t start = 0; start < n; start += CK_BLOCK) { \
      const ptrdiff_t m = n - start < CK_BLOCK ? n - start : CK_BLOCK; \
      T *e = y ? y + start : block; \
      const T *a = x + start; \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < m; i++) e[i] = M(exp, T)(a[i] - maximum); \
      CK_EACH_LANE(m, lane[l] += e[i];) \
    } \
    CK_FOLD(lane, CK_ADD) \
    return lane[0]; \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
