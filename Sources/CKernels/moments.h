#include "rows.h"

// Mean and variance in one pass over memory: block by block, each small enough for the first-level cache, by the
// corrected two-pass formula; blocks are merged in double. Chan, Golub and LeVeque (1983), "Algorithms for computing
// the sample variance". Sums within a block are kept in the element type.

#ifndef CK_RUN
#define CK_RUN 1024
#endif

/// The number of elements read so far, their mean and the sum of their squared distances from it.
typedef struct {
  double count, mean, squares;
} CK(moments);

static inline void CK(merge)(CK(moments) *m, double count, double mean, double squares) {
  if (m->count == 0) {
    *m = (CK(moments)){count, mean, squares};
    return;
  }
  const double share = count / (m->count + count), distance = mean - m->mean;
  m->squares += squares + distance * distance * (m->count * share);
  m->mean += distance * share;
  m->count += count;
}

/// 1 / √(variance + epsilon).
static inline double CK(scale)(double variance, double epsilon) {
  return 1 / sqrt((variance < 0 ? 0 : variance) + epsilon);
}

#define CK_DEFINE(T) \
  /* Adds a block: `runs` runs of n adjacent elements, `step` apart. */ \
  static void M(add_block, T)(CK(moments) *m, const T *x, ptrdiff_t runs, ptrdiff_t step, ptrdiff_t n) { \
    T lane[CK_LANES] = {0}, lane2[CK_LANES] = {0}; \
    for (ptrdiff_t r = 0; r < runs; r++) CK_EACH_LANE(n, lane[l] += x[r * step + i];) \
    CK_FOLD(lane, CK_ADD) \
    const double count = (double)(runs * n), inverse = 1 / count; \
    const T centre = (T)((double)lane[0] * inverse); \
    for (int l = 0; l < CK_LANES; l++) lane[l] = 0; \
    for (ptrdiff_t r = 0; r < runs; r++) \
      CK_EACH_LANE(n, const T d = x[r * step + i] - centre; lane[l] += d; lane2[l] += d * d;) \
    CK_FOLD(lane, CK_ADD) \
    CK_FOLD(lane2, CK_ADD) \
    const double rest = (double)lane[0] * inverse; \
    CK(merge)(m, count, (double)centre + rest, (double)lane2[0] - rest * rest * count); \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
