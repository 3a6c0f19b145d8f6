#include <math.h>
#include <stdio.h>

#include "cases.h"

/// Whole numbers give exact products and sums: the same bits whatever is fused. Others within some units.
static void gemm_case(ck_dtype type, ck_product g, drawing kind) {
  char name[48];
  snprintf(
      name, sizeof name, "gemm %s %td %td %td %d%d%d%d%d", type == CK_F32 ? "f32" : "f64", g.m, g.n, g.k, g.turn_a, g.turn_b,
      g.add, g.lay_a, g.lay_b);
  begin(name);
  g.lda = (g.turn_a ? g.m : g.k) + 1;
  g.ldb = (g.turn_b ? g.k : g.n) + 2;
  g.ldc = g.n + 3;
  const ptrdiff_t a_rows = g.turn_a ? g.k : g.m, b_rows = g.turn_b ? g.n : g.k, count = g.m * g.ldc - 3;
  const void *a = draw(type, g.k ? a_rows * g.lda - 1 : 0, kind), *b = draw(type, g.k ? b_rows * g.ldb - 2 : 0, kind);
  void *c = kind == WHOLE ? draw(type, count, WHOLE) : draw(type, count, POSITIVE);
  ck_gemm(level, type, &g, a, b, c, scratch(ck_gemm_scratch(level, type, &g)));
  if (kind == WHOLE) record(type, c, count, SAME_BITS, 0);
  else record(type, c, count, PRODUCT, 32);
}

static void gemm_cases(ck_dtype type) {
  static const ptrdiff_t m[] = {1, 2, 7, 8, 21}, n[] = {1, 5, 16, 48, 100}, k[] = {1, 7, 300};
  for (size_t i = 0; i < sizeof m / sizeof *m; i++)
    for (size_t j = 0; j < sizeof n / sizeof *n; j++)
      for (size_t p = 0; p < sizeof k / sizeof *k; p++)
        for (int turned = 0; turned < 32; turned++)
          gemm_case(
              type,
              (ck_product){
                  .m = m[i], .n = n[j], .k = k[p], .turn_a = turned & 1, .turn_b = turned >> 1 & 1, .add = turned >> 2 & 1,
                  .lay_a = turned >> 3 & 1, .lay_b = turned >> 4 & 1},
              (i + j + p) % 2 ? WHOLE : POSITIVE);
  // More than is laid out at a time.
  gemm_case(type, (ck_product){.m = 261, .n = 771, .k = 33, .lay_a = 1, .lay_b = 1}, WHOLE);
  gemm_case(type, (ck_product){.m = 3, .n = 5, .k = 0, .add = 0}, WHOLE);
}

static void attention_case(ck_dtype type, ck_attention a) {
  char name[48];
  snprintf(
      name, sizeof name, "attention %s %td %td %d%d", type == CK_F32 ? "f32" : "f64", a.queries, a.keys, a.causal, a.mask);
  begin(name);
  a.scale = 1 / sqrt((double)a.width);
  a.begin = 0;
  a.end = a.queries;
  const ptrdiff_t d = a.width, e = a.value_width;
  const void *q = draw(type, a.queries * d, MODERATE), *k = draw(type, a.keys * d, MODERATE);
  const void *v = draw(type, a.keys * e, MODERATE), *d_o = draw(type, a.queries * e, MODERATE);
  const void *mask = a.mask == CK_MASK_KEEPS  ? draw(CK_BOOL, a.queries * a.keys, WHOLE)
                     : a.mask == CK_MASK_ADDS ? draw(type, a.queries * a.keys, MODERATE)
                                              : 0;
  a.mask_row = a.keys;
  a.mask_column = 1;
  void *o = blank(type, a.queries * e), *logs = blank(type, a.queries);
  void *work = scratch(ck_attention_scratch(level, type, &a));
  ck_attention_forward(level, type, &a, q, k, v, mask, o, logs, work);
  record(type, o, a.queries * e, PRODUCT, 1024);
  record(type, logs, a.queries, PRODUCT, 1024);
  const void *deltas = draw(type, a.queries, MODERATE);
  void *dq = blank(type, a.queries * d), *dk = blank(type, a.keys * d), *dv = blank(type, a.keys * e);
  ck_attention_backward(level, type, &a, d_o, q, k, v, logs, deltas, mask, dq, dk, dv, work);
  record(type, dq, a.queries * d, PRODUCT, 1024);
  record(type, dk, a.keys * d, PRODUCT, 1024);
  record(type, dv, a.keys * e, PRODUCT, 1024);
}

void product_cases(void) {
  static const ptrdiff_t lengths[][2] = {{1, 1}, {5, 7}, {64, 192}, {70, 200}, {3, 400}};
  for (int type = CK_F32; type <= CK_F64; type++) {
    gemm_cases((ck_dtype)type);
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
      for (int causal = 0; causal < 2; causal++)
        for (int mask = CK_UNMASKED; mask <= CK_MASK_ADDS; mask++)
          attention_case(
              (ck_dtype)type, (ck_attention){
                                  .queries = lengths[l][0], .keys = lengths[l][1], .width = 8 + (ptrdiff_t)l, .value_width = 5,
                                  .causal = causal, .mask = (ck_mask)mask});
  }
}
