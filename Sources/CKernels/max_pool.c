#include "ck_pool.h"
#include "tiles.h"

// The taps of a window that lie in the image: `begin` ..< `end` in each axis, tap (i, j) at element origin + i ·
// step[0] + j · step[1] of the image's first channel; `first` is where the first of them lies, -1 where there is none.
typedef struct {
  ptrdiff_t begin[2], end[2], step[2], kernel, origin, first;
} ck_taps;

// The tap of an axis that is the first at or after element `limit`, of taps `step` apart that begin at `start`.
static ptrdiff_t ck_tap_from(ptrdiff_t start, ptrdiff_t step, ptrdiff_t limit, ptrdiff_t count) {
  if (start >= limit) return 0;
  return start + (count - 1) * step < limit ? count : (limit - start + step - 1) / step;
}

static ck_taps ck_window_taps(const ck_pool *g, ptrdiff_t row, ptrdiff_t column) {
  const ptrdiff_t start[2] = {row * g->stride[0] - g->padding[0], column * g->stride[1] - g->padding[1]};
  ck_taps w = {
      .step = {g->dilation[0] * g->large[1] * g->channels, g->dilation[1] * g->channels}, .kernel = g->kernel[1],
      .origin = (start[0] * g->large[1] + start[1]) * g->channels, .first = -1};
  for (int axis = 0; axis < 2; axis++) {
    w.begin[axis] = ck_tap_from(start[axis], g->dilation[axis], 0, g->kernel[axis]);
    w.end[axis] = ck_tap_from(start[axis], g->dilation[axis], g->large[axis], g->kernel[axis]);
  }
  if (w.begin[0] < w.end[0] && w.begin[1] < w.end[1])
    w.first = w.origin + w.begin[0] * w.step[0] + w.begin[1] * w.step[1];
  return w;
}

// Where the rows end that windows of a row can meet.
static ptrdiff_t ck_last_row(const ck_pool *g, ptrdiff_t row) {
  const ptrdiff_t end = row * g->stride[0] - g->padding[0] + (g->kernel[0] - 1) * g->dilation[0] + 1;
  return end < g->large[0] ? end : g->large[0];
}

// Whether every element lies in exactly one window.
static int ck_windows_beside(const ck_pool *g) {
  int beside = 1;
  for (int axis = 0; axis < 2; axis++)
    beside &= g->stride[axis] == g->kernel[axis] && g->dilation[axis] == 1 && g->padding[axis] == 0 &&
              g->large[axis] == g->small[axis] * g->kernel[axis];
  return beside;
}

#define CK_FAMILY "max_pool.body.h"
#include "levels.h"

void ck_max_pool(ck_level level, ck_dtype type, const ck_pool *g, const void *x, const void *picked, void *y) {
  static void (*const table[2][CK_LEVELS])(const ck_pool *, const void *, const void *, void *) = {
      CK_ALL_LEVELS(max_pool, float), CK_ALL_LEVELS(max_pool, double)};
  table[type][level](g, x, picked, y);
}

void ck_max_pool_gradient(
    ck_level level, ck_dtype type, const ck_pool *g, const void *x, const void *dy, void *dx) {
  static void (*const table[2][CK_LEVELS])(const ck_pool *, const void *, const void *, void *) = {
      CK_ALL_LEVELS(max_pool_gradient, float), CK_ALL_LEVELS(max_pool_gradient, double)};
  table[type][level](g, x, dy, dx);
}
