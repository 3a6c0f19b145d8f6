#include <stdio.h>

#include "cases.h"

static void copy_case(ck_dtype type, int64_t rows, int64_t columns) {
  const int32_t bytes = (int32_t)size_of(type);
  const int64_t lengths[3] = {2, rows, columns};
  // Transposed, repeated, backwards, with gaps.
  const int64_t sources[][3] = {
      {rows * columns, 1, rows}, {0, columns, 1}, {rows * columns, columns, -1}, {rows * columns, 0, 0}};
  const int64_t offsets[] = {0, 0, columns - 1, 0}, targets[3] = {rows * (columns + 2), columns + 2, 1};
  for (int way = 0; way < 4; way++) {
    begin("copy");
    const void *x = draw(type, 2 * rows * columns, WHOLE);
    void *y = blank(type, 2 * rows * (columns + 2));
    ck_copy_plan plan;
    ck_copy_plan_make(&plan, bytes, 3, lengths, offsets[way], sources[way], 0, targets);
    ck_copy_run(&plan, y, x);
    record(type, y, 2 * rows * (columns + 2), SAME_BITS, 0);
  }
}

static void cumulate_case(ck_dtype type, ptrdiff_t length, ptrdiff_t columns, drawing kind) {
  const ck_softmax_box box = {
      .rows = 3, .row_stride = length * columns, .length = length, .stride = columns, .columns = columns};
  for (int reverse = 0; reverse < 2; reverse++) {
    begin("cumulate");
    const void *x = draw(type, 3 * length * columns, kind);
    void *y = blank(type, 3 * length * columns);
    ck_cumulate(level, type, reverse, &box, x, y);
    record(type, y, 3 * length * columns, SAME_BITS, 0);
  }
}

static void sort_case(ck_dtype type, ptrdiff_t length, ptrdiff_t kept, drawing kind) {
  for (int descending = 0; descending < 2; descending++) {
    begin("sort");
    ck_sort s = {.descending = descending, .length = length, .x_stride = 3, .kept = kept, .y_stride = 1};
    ck_sort_axis(&s, 3, 1, kept);
    const void *x = draw(type, 3 * length, kind);
    void *values = blank(type, 3 * kept), *numbers = blank(CK_I64, 3 * kept);
    ck_sort_run(type, &s, x, values, numbers, scratch(ck_sort_scratch(&s)));
    record(type, values, 3 * kept, SAME_BITS, 0);
    record(CK_I64, numbers, 3 * kept, SAME_BITS, 0);
  }
}

static void index_cases(ck_dtype type, int wide) {
  begin("index");
  const ck_dtype index = wide ? CK_I64 : CK_I32;
  const ptrdiff_t count = 40, rows = 9, width = 13, bytes = (ptrdiff_t)size_of(type);
  const void *numbers = draw_indices(index, count, rows), *x = draw(type, 2 * rows * width, ANYTHING);
  int64_t bad[3] = {-1, -1, -1};
  const int64_t valid = ck_indices_valid(numbers, wide, count, rows, bad);
  const int64_t too_few = ck_indices_valid(numbers, wide, count, 2, bad + 1);
  const ck_take take = {
      .outer = 2, .count = count - 3, .bytes = width * bytes, .x_outer = rows * width * bytes, .x_stride = width * bytes,
      .y_outer = count * width * bytes, .y_stride = width * bytes, .first_index = 3, .wide = wide};
  void *taken = blank(type, 2 * count * width);
  ck_take_run(&take, x, numbers, taken);
  record(type, taken, 2 * count * width, SAME_BITS, 0);
  // [rows, width] indexed along its first axis by [count, width].
  ck_indexed walk = {.wide = wide, .axis_stride = width};
  ck_indexed_axis(&walk, count, 1, 0);
  ck_indexed_axis(&walk, width, 0, 1);
  // Every position writes an element of its own in a gather: here those of one column.
  ck_indexed column = {.wide = wide, .axis_stride = width, .tensor_offset = 5};
  ck_indexed_axis(&column, count, 1, 0);
  const int64_t inside = ck_indexed_valid(&walk, numbers, rows, bad + 2);
  const int64_t found[6] = {valid, too_few, inside, bad[0], bad[1], bad[2]};
  record(CK_I64, found, 6, SAME_BITS, 0);
  void *gathered = blank(type, count);
  ck_gather_run(type, &column, x, numbers, gathered);
  record(type, gathered, count, SAME_BITS, 0);
  if (type == CK_BOOL) return;
  const void *more = draw(type, count * width, ANYTHING);
  void *sums = blank(type, rows * width);
  const ck_add_rows add = {
      .count = count, .width = width, .row_begin = 2, .row_end = rows - 1, .x_stride = width, .y_stride = width,
      .wide = wide};
  ck_add_rows_run(type, &add, more, numbers, sums);
  record(type, sums, rows * width, SAME_BITS, 0);
  void *scattered = draw(type, rows * width, MODERATE);
  ck_scatter_add_run(type, &column, draw(type, count, ANYTHING), numbers, scattered);
  record(type, scattered, rows * width, SAME_BITS, 0);
}

void rearrangement_cases(void) {
  static const ptrdiff_t lengths[] = {1, 5, 8, 33, 70, 300};
  for (int t = 0; t < CK_DTYPES; t++) {
    const ck_dtype type = (ck_dtype)t;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
      const ptrdiff_t n = lengths[i];
      for (size_t j = 0; j < 4; j++) copy_case(type, n, lengths[j]);
      for (int kind = ANYTHING; kind <= WHOLE; kind++) {
        sort_case(type, n, n, (drawing)kind);
        sort_case(type, n, (n + 8) / 9, (drawing)kind);
        if (type == CK_BOOL) continue;
        cumulate_case(type, n, 1, (drawing)kind);
        cumulate_case(type, 6, n, (drawing)kind);
      }
    }
    for (int wide = 0; wide < 2; wide++) index_cases(type, wide);
  }
}
