#include "ck_attention.h"
#include "ck_gemm.h"

#define CK_FAMILY "attention.body.h"
#include "levels.h"

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

size_t ck_attention_scratch(ck_level level, ck_dtype type, const ck_attention *a) {
  const ptrdiff_t m = CK_ATTENTION_QUERIES, d = a->width, e = a->value_width;
  size_t most = 0;
  // What a product lays out does not always grow with its lengths.
  for (ptrdiff_t n = 1; n <= CK_KEYS && n <= a->keys; n++) {
    const ck_product scores = {.m = m, .n = n, .k = d, .turn_b = 1}, weights = {.m = m, .n = n, .k = e, .turn_b = 1};
    const ck_product output = {.m = m, .n = e, .k = n}, d_queries = {.m = m, .n = d, .k = n};
    most = larger(most, larger(ck_gemm_scratch(level, type, &scores), ck_gemm_scratch(level, type, &weights)));
    most = larger(most, larger(ck_gemm_scratch(level, type, &output), ck_gemm_scratch(level, type, &d_queries)));
  }
  for (ptrdiff_t k = 1; k <= m; k++) {
    const ck_product d_values = {.m = CK_KEYS, .n = e, .k = k, .turn_a = 1};
    const ck_product d_keys = {.m = CK_KEYS, .n = d, .k = k, .turn_a = 1};
    most = larger(most, larger(ck_gemm_scratch(level, type, &d_values), ck_gemm_scratch(level, type, &d_keys)));
  }
  const size_t size = type == CK_F64 ? sizeof(double) : sizeof(float);
  return (size_t)(2 * m * CK_KEYS + m * d) * size + most;
}

void ck_attention_forward(
    ck_level level, ck_dtype type, const ck_attention *a, const void *q, const void *k, const void *v,
    const void *mask, void *o, void *log_sums, void *scratch) {
  static void (*const table[2][CK_LEVELS])(
      ck_level, ck_dtype, const ck_attention *, const void *, const void *, const void *, const void *, void *,
      void *, void *) = {CK_ALL_LEVELS(attention_forward, float), CK_ALL_LEVELS(attention_forward, double)};
  table[type][level](level, type, a, q, k, v, mask, o, log_sums, scratch);
}

void ck_attention_backward(
    ck_level level, ck_dtype type, const ck_attention *a, const void *d_o, const void *q, const void *k,
    const void *v, const void *log_sums, const void *deltas, const void *mask, void *dq, void *dk, void *dv,
    void *scratch) {
  static void (*const table[2][CK_LEVELS])(
      ck_level, ck_dtype, const ck_attention *, const void *, const void *, const void *, const void *, const void *,
      const void *, const void *, void *, void *, void *, void *) = {
      CK_ALL_LEVELS(attention_backward, float), CK_ALL_LEVELS(attention_backward, double)};
  table[type][level](level, type, a, d_o, q, k, v, log_sums, deltas, mask, dq, dk, dv, scratch);
}
