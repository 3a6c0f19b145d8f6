#ifndef convolution_h
#define convolution_h

#include <string.h>

#include "ck_conv.h"

/// Elements of the source that meet successive rows of a panel: `length` of them from `source` on.
typedef struct {
  ptrdiff_t source, panel, length;
} ck_run;

/// Rows of a product: row i begins with `begin`, or with zeros, and gets the sum over all runs of source[from[i] +
/// run.source + p · step] · panel row (run.panel + p) added; it is written to, or added onto, the columns from to[i] on.
typedef struct {
  ptrdiff_t rows, runs, step;
  /// How many columns exist, and the distance between rows of the panel, which can be read in whole vectors.
  ptrdiff_t columns, pitch;
  const ptrdiff_t *from, *to;
  const ck_run *run;
  const void *begin;
  int add;
  /// What will be read next: fetched into the caches meanwhile, at the rate at which the source is read.
  const char *ahead, *ahead_end;
} ck_conv_rows;

typedef void (*rows_function)(const ck_conv_rows *, const void *, const void *, void *);
typedef void (*lay_function)(void *, ptrdiff_t, ptrdiff_t, ptrdiff_t, const void *, ptrdiff_t);

static inline ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
static inline ptrdiff_t divide_down(ptrdiff_t a, ptrdiff_t b) { return a / b - (a % b < 0); }
static inline ptrdiff_t divide_up(ptrdiff_t a, ptrdiff_t b) { return a / b + (a % b > 0); }

// What depends on the level and the element type.
typedef struct {
  size_t bytes;
  ptrdiff_t lanes, vectors;
  rows_function rows;
  lay_function lay_rows, lay_columns;
} vocabulary;

/// Those of a level and an element type.
vocabulary ck_conv_speak(ck_level level, ck_dtype type);

// The columns of a product, cut into panels of about equal width.
typedef struct {
  ptrdiff_t columns, vectors, panels;
} columns;

static inline columns cut_columns(const vocabulary *v, ptrdiff_t count) {
  const ptrdiff_t vectors = (count + v->lanes - 1) / v->lanes;
  return (columns){.columns = count, .vectors = vectors, .panels = (vectors + v->vectors - 1) / v->vectors};
}

// The first vector of a panel.
static inline ptrdiff_t panel_start(const columns *c, ptrdiff_t panel) { return c->vectors * panel / c->panels; }

// Memory handed out piece by piece from scratch, or only counted where there is none yet.
typedef struct {
  char *base;
  size_t used;
} arena;

static inline void *take(arena *a, ptrdiff_t count, size_t size) {
  void *piece = a->base ? a->base + a->used : 0;
  a->used += ((size_t)larger(count, 0) * size + 63) / 64 * 64;
  return piece;
}

// The source of some places: a range of its rows and columns, copied with zeros around it, or the image itself.
typedef struct {
  int copied;
  ptrdiff_t low[2], count[2], pitch[2];
  void *memory;
} window;

/// Copies the window of one image, which begins with `x` at the first channel wanted; returns where it lies.
const char *ck_conv_window(
    const window *w, size_t bytes, const char *x, const ptrdiff_t length[2], ptrdiff_t pixel, ptrdiff_t channels);

// Adds a run behind those there are, or to the last of them where it goes on.
static inline void add_run(ck_run *run, ptrdiff_t *runs, ptrdiff_t step, ck_run next) {
  ck_run *last = *runs > 0 ? run + *runs - 1 : 0;
  if (last && last->source + last->length * step == next.source && last->panel + last->length == next.panel)
    last->length += next.length;
  else
    run[(*runs)++] = next;
}

#endif
