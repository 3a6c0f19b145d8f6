#include <stdio.h>

#include "cases.h"

/// Kernels whose f64 form calls the C library's exponential or logarithm.
static void record_library(ck_dtype type, const void *y, ptrdiff_t n) {
  record(type, y, n, type == CK_F64 ? LIBRARY : SAME_BITS, 64);
}

static void norm_case(ck_dtype type, ck_norm g, int weighted, drawing kind) {
  begin(type == CK_F32 ? "norm f32" : "norm f64");
  const ptrdiff_t n = g.rows * g.segments * g.inner, weights = g.segments + (g.rows - 1) * g.weight_step;
  const ptrdiff_t chunks = (g.rows + g.chunk - 1) / g.chunk;
  const void *x = draw(type, n, kind), *dy = draw(type, n, kind);
  const void *w = weighted ? draw(type, weights, MODERATE) : 0, *b = weighted > 1 ? draw(type, weights, MODERATE) : 0;
  void *y = blank(type, n), *means = g.centred ? blank(type, g.rows) : 0, *scales = blank(type, g.rows);
  ck_normalize(level, type, &g, x, w, b, y, means, scales);
  record(type, y, n, SAME_BITS, 0);
  record(type, scales, g.rows, SAME_BITS, 0);
  void *dw = weighted ? blank(type, chunks * g.segments) : 0, *db = weighted > 1 ? blank(type, chunks * g.segments) : 0;
  ck_normalize_gradient(level, type, &g, dy, x, w, means, scales, y, dw, db);
  record(type, y, n, SAME_BITS, 0);
  if (dw) record(type, dw, chunks * g.segments, SAME_BITS, 0);
  if (db) record(type, db, chunks * g.segments, SAME_BITS, 0);
}

static void batch_norm_case(ck_dtype type, ptrdiff_t outer, ptrdiff_t channels, ptrdiff_t inner, drawing kind) {
  const ck_channels g = {
      .channels = channels, .inner = inner, .outer_end = outer, .channel_end = channels, .epsilon = 1e-5};
  const ptrdiff_t n = outer * channels * inner;
  for (int measuring = 0; measuring < 2; measuring++)
    for (int weighted = 0; weighted < 2; weighted++) {
      begin(type == CK_F32 ? "batch norm f32" : "batch norm f64");
      const void *x = draw(type, n, kind), *dy = draw(type, n, kind);
      const void *w = weighted ? draw(type, channels, MODERATE) : 0, *b = weighted ? draw(type, channels, MODERATE) : 0;
      void *means = draw(type, channels, MODERATE), *variances = draw(type, channels, POSITIVE);
      void *y = blank(type, n), *dw = blank(type, channels), *db = blank(type, channels);
      ck_batch_norm(level, type, &g, measuring, x, means, variances, w, b, y);
      record(type, y, n, SAME_BITS, 0);
      record(type, means, channels, SAME_BITS, 0);
      record(type, variances, channels, SAME_BITS, 0);
      ck_batch_norm_gradient(level, type, &g, dy, x, means, variances, w, y, dw, db);
      record(type, y, n, SAME_BITS, 0);
      record(type, dw, channels, SAME_BITS, 0);
      record(type, db, channels, SAME_BITS, 0);
    }
}

static void softmax_case(ck_dtype type, ptrdiff_t rows, ptrdiff_t length, ptrdiff_t columns, drawing kind) {
  const ck_softmax_box box = {
      .rows = rows, .row_stride = length * columns, .length = length, .stride = columns, .columns = columns};
  const ptrdiff_t n = rows * length * columns;
  for (int logarithm = 0; logarithm < 2; logarithm++) {
    begin(type == CK_F32 ? "softmax f32" : "softmax f64");
    const void *x = draw(type, n, kind), *dy = draw(type, n, MODERATE);
    void *y = blank(type, n), *dx = blank(type, n);
    ck_softmax(level, type, logarithm, &box, x, y);
    record_library(type, y, n);
    ck_softmax_gradient(level, type, logarithm, &box, dy, draw(type, n, MODERATE), dx);
    record_library(type, dx, n);
  }
}

static void entropy_case(ck_dtype type, ptrdiff_t batch, ptrdiff_t classes, ptrdiff_t inner, int wide, drawing kind) {
  for (int variant = 0; variant < 4; variant++) {
    begin(type == CK_F32 ? "cross entropy f32" : "cross entropy f64");
    const ck_entropy e = {
        .end = batch, .classes = classes, .inner = inner, .wide = wide, .ignoring = variant & 1, .ignored = 0,
        .smoothing = variant & 2 ? 0.1 : 0};
    const ptrdiff_t n = batch * classes * inner, positions = batch * inner;
    const void *x = draw(type, n, kind), *numbers = draw_indices(wide ? CK_I64 : CK_I32, positions, classes);
    void *losses = blank(type, positions), *d = blank(type, n);
    int64_t bad = 0;
    const int64_t kept = ck_entropy_check(&e, numbers, 0, positions, &bad);
    record(CK_I64, &kept, 1, SAME_BITS, 0);
    const double sum = ck_entropy_loss(level, type, &e, x, numbers, losses);
    record(CK_F64, &sum, 1, type == CK_F64 ? LIBRARY : SAME_BITS, 64);
    record_library(type, losses, positions);
    for (int each = 0; each < 2; each++) {
      ck_entropy_gradient(
          level, type, &e, draw(type, each ? positions : 1, MODERATE), each, 0.25, x, numbers, d);
      record_library(type, d, n);
    }
  }
}

void normalization_cases(void) {
  static const ptrdiff_t lengths[] = {1, 2, 31, 33, 100, 257, 1500};
  for (int t = CK_F32; t <= CK_F64; t++) {
    const ck_dtype type = (ck_dtype)t;
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
      const ptrdiff_t n = lengths[l];
      for (int k = 0; k < 2; k++) {
        const drawing kind = k ? ANYTHING : MODERATE;
        for (int weighted = 0; weighted < 3; weighted++)
          for (int centred = 0; centred < 2; centred++) {
            norm_case(
                type, (ck_norm){.rows = 5, .segments = n, .inner = 1, .chunk = 2, .centred = centred, .epsilon = 1e-5},
                weighted, kind);
            norm_case(
                type,
                (ck_norm){
                    .rows = 4, .segments = 3, .inner = n, .weight_step = 3, .chunk = 1, .centred = centred, .epsilon = 1e-5},
                weighted, kind);
          }
        batch_norm_case(type, 3, 5, n, kind);
        batch_norm_case(type, n, 67, 1, kind);
        softmax_case(type, 3, n, 1, kind);
        softmax_case(type, 2, 9, n, kind);
        entropy_case(type, 4, n, 1, k, MODERATE);
        entropy_case(type, 2, 7, n, k, MODERATE);
      }
    }
  }
}
