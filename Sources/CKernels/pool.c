#include "ck_pool.h"

// The elements of an axis that window `place` of a mean spans, and by how many it divides.
static ptrdiff_t ck_window(const ck_pool *g, int axis, ptrdiff_t place, ptrdiff_t *begin, ptrdiff_t *end) {
  if (g->adaptive) {
    *begin = place * g->large[axis] / g->small[axis];
    *end = ((place + 1) * g->large[axis] + g->small[axis] - 1) / g->small[axis];
    return *end - *begin;
  }
  const ptrdiff_t first = place * g->stride[axis] - g->padding[axis], last = first + g->kernel[axis];
  *begin = first < 0 ? 0 : first;
  *end = last > g->large[axis] ? g->large[axis] : last;
  return g->counts_padding ? g->kernel[axis] : *end - *begin;
}

// The first window of an axis that ends after an element; windows begin and end in order.
static ptrdiff_t ck_first_window(const ck_pool *g, int axis, ptrdiff_t element) {
  ptrdiff_t low = 0, high = g->small[axis];
  while (low < high) {
    const ptrdiff_t middle = low + (high - low) / 2;
    ptrdiff_t begin, end;
    ck_window(g, axis, middle, &begin, &end);
    if (end > element) high = middle;
    else low = middle + 1;
  }
  return low;
}

#define CK_FAMILY "pool.body.h"
#include "levels.h"

void ck_mean_pool(ck_level level, ck_dtype type, const ck_pool *g, const void *x, void *y) {
  static void (*const table[2][CK_LEVELS])(const ck_pool *, const void *, void *) = {
      CK_ALL_LEVELS(mean_pool, float), CK_ALL_LEVELS(mean_pool, double)};
  table[type][level](g, x, y);
}

void ck_mean_pool_gradient(ck_level level, ck_dtype type, const ck_pool *g, const void *dy, void *dx) {
  static void (*const table[2][CK_LEVELS])(const ck_pool *, const void *, void *) = {
      CK_ALL_LEVELS(mean_pool_gradient, float), CK_ALL_LEVELS(mean_pool_gradient, double)};
  table[type][level](g, dy, dx);
}
