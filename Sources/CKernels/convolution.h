#ifndef convolution_h
#define convolution_h

#include "ck_conv.h"

/// Elements of the source that meet successive rows of a panel: `length` of them from `source` on.
typedef struct {
  ptrdiff_t source, panel, length;
} ck_run;

/// Rows of a product: row i is the sum over all runs of source[from[i] + run.source + p · step] · panel row (run.panel
/// + p), and is written to, or added onto, the columns from to[i] on.
typedef struct {
  ptrdiff_t rows, runs, step;
  /// How many columns exist; the panel is as many whole vectors wide.
  ptrdiff_t columns;
  const ptrdiff_t *from, *to;
  const ck_run *run;
  int add;
} ck_conv_rows;

#endif
