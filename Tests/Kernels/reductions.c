#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "entries.h"

static ck_dtype result_of(const char *name, ck_dtype type) { return strncmp(name, "arg", 3) ? type : CK_I64; }

static void reduce(const char *name, ck_dtype type, ck_reducer reducer, ck_reduction r, ptrdiff_t in, ptrdiff_t out) {
  static const char *const names[CK_DTYPES] = {"f32", "f64", "i32", "i64", "bool"};
  char full[48];
  snprintf(full, sizeof full, "reduce.%s %s", name, names[type]);
  for (int kind = ANYTHING; kind <= POSITIVE; kind++) {
    begin(full);
    const void *x = draw(type, in, (drawing)kind);
    void *y = blank(result_of(name, type), out);
    reducer(&r, x, y);
    record(result_of(name, type), y, out, SAME_BITS, 0);
  }
}

void reduction_cases(void) {
  static const ptrdiff_t lengths[] = {1, 2, 31, 32, 33, 63, 65, 200, 1023};
  for (const ck_reducer_entry *e = ck_reducer_entries; e->name; e++)
    for (int t = 0; t < CK_DTYPES; t++) {
      const ck_dtype type = (ck_dtype)t;
      const ck_reducer reducer = ck_find_reducer(e->name, type, level);
      if (!reducer) continue;
      for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        const ptrdiff_t n = lengths[l];
        // 3 rows, each reduced.
        ck_reduction rows = {.inner_reduced = 1, .inner = n, .divisor = (double)n, .count = (double)n};
        ck_reduction_keep(&rows, 3, n, 1);
        reduce(e->name, type, reducer, rows, 3 * n, 3);
        // 7 rows added up column by column, twice.
        ck_reduction columns = {.inner = n, .divisor = 1, .count = 7};
        ck_reduction_keep(&columns, 2, 7 * n, n);
        ck_reduction_reduce(&columns, 7, n);
        reduce(e->name, type, reducer, columns, 14 * n, 2 * n);
        if (!strncmp(e->name, "arg", 3)) continue;
        // [4, 3, 2, n] to [3], and to [3, n].
        ck_reduction both = {.inner_reduced = 1, .inner = 2 * n, .divisor = 2, .count = (double)(8 * n)};
        ck_reduction_keep(&both, 3, 2 * n, 1);
        ck_reduction_reduce(&both, 4, 6 * n);
        reduce(e->name, type, reducer, both, 24 * n, 3);
        ck_reduction around = {.inner = n, .divisor = 3, .count = 8};
        ck_reduction_keep(&around, 3, 2 * n, n);
        ck_reduction_reduce(&around, 4, 6 * n);
        ck_reduction_reduce(&around, 2, n);
        reduce(e->name, type, reducer, around, 24 * n, 3 * n);
      }
      if (!strncmp(e->name, "arg", 3) || !strncmp(e->name, "variance", 8)) continue;
      // Nothing to add up.
      ck_reduction nothing = {.inner = 5, .divisor = 1, .count = 1};
      ck_reduction_reduce(&nothing, 0, 5);
      reduce(e->name, type, reducer, nothing, 0, 5);
    }
}
