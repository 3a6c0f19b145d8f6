#include "ck_norm.h"

#define CK_FAMILY "norm.body.h"
#include "levels.h"

void ck_normalize(
    ck_level level, ck_dtype type, const ck_norm *g, const void *x, const void *weight, const void *bias, void *y,
    void *means, void *scales) {
  static void (*const table[2][CK_LEVELS])(
      const ck_norm *, const void *, const void *, const void *, void *, void *, void *) = {
      CK_ALL_LEVELS(normalize, float), CK_ALL_LEVELS(normalize, double)};
  table[type][level](g, x, weight, bias, y, means, scales);
}

void ck_normalize_gradient(
    ck_level level, ck_dtype type, const ck_norm *g, const void *dy, const void *x, const void *weight,
    const void *means, const void *scales, void *dx, void *d_weight, void *d_bias) {
  static void (*const table[2][CK_LEVELS])(
      const ck_norm *, const void *, const void *, const void *, const void *, const void *, void *, void *, void *) = {
      CK_ALL_LEVELS(normalize_gradient, float), CK_ALL_LEVELS(normalize_gradient, double)};
  table[type][level](g, dy, x, weight, means, scales, dx, d_weight, d_bias);
}
