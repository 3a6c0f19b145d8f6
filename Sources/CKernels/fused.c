#include "ck_fused.h"

#include <string.h>

static ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

// One step over a block of `rows` times `n` elements. Values in memory begin at `first`; registers at their first byte.
static void run_step(
    const ck_fused *f, const ck_fused_step *step, void *const *p, char *scratch, const ptrdiff_t *first, ptrdiff_t rows,
    ptrdiff_t n) {
  void *place[CK_OPERANDS];
  ck_span span;
  span.unit = 0;
  for (int32_t k = 0; k < step->operands; k++) {
    const ck_fused_value *v = f->values + step->value[k];
    place[k] = v->is_register ? scratch + v->place : p[v->place];
    span.base[k] = v->is_register ? 0 : first[step->value[k]];
    span.row[k] = v->is_register && v->unit ? n : v->row;
    span.unit |= (uint64_t)(step->is_column ? v->row != 0 : v->unit != 0) << k;
  }
  if (step->reducer) {
    ck_reduction r;
    r.kept = 1;
    r.reduced = 0;
    r.inner_reduced = 1;
    r.inner = n;
    r.input_base = span.base[0];
    r.output_base = span.base[1];
    r.kept_count[0] = rows;
    r.kept_input[0] = span.row[0];
    r.kept_output[0] = span.row[1];
    r.divisor = step->divisor;
    r.count = (double)n;
    step->reducer(&r, place[0], place[1]);
    return;
  }
  memcpy(span.constant, step->constant, sizeof span.constant);
  span.rows = step->is_flat || step->is_column ? 1 : rows;
  span.n = step->is_column ? rows : step->is_flat ? rows * n : n;
  step->loop(&span, place);
}

void ck_run_fused(const ck_fused *f, void *const *p, void *scratch) {
  ptrdiff_t index[CK_OUTER] = {0}, start[CK_FUSED_VALUES], first[CK_FUSED_VALUES];
  for (int32_t v = 0; v < f->value_count; v++) start[v] = f->values[v].base;
  for (;;) {
    for (ptrdiff_t row = 0; row < f->rows; row += f->block_rows) {
      const ptrdiff_t rows = smaller(f->rows - row, f->block_rows);
      for (ptrdiff_t column = 0; column < f->n; column += f->block_columns) {
        const ptrdiff_t n = smaller(f->n - column, f->block_columns);
        for (int32_t v = 0; v < f->value_count; v++)
          first[v] = start[v] + row * f->values[v].row + (f->values[v].unit ? column : 0);
        for (int32_t s = 0; s < f->step_count; s++) run_step(f, f->steps + s, p, scratch, first, rows, n);
      }
    }
    int32_t axis = f->depth - 1;
    for (; axis >= 0; axis--) {
      if (++index[axis] < f->count[axis]) {
        for (int32_t v = 0; v < f->value_count; v++) start[v] += f->values[v].stride[axis];
        break;
      }
      index[axis] = 0;
      for (int32_t v = 0; v < f->value_count; v++) start[v] -= f->values[v].stride[axis] * (f->count[axis] - 1);
    }
    if (axis < 0) return;
  }
}
