#include "ck_norm.h"

#define CK_FAMILY "channels.body.h"
#include "levels.h"

void ck_batch_norm(
    ck_level level, ck_dtype type, const ck_channels *g, int measuring, const void *x, void *means, void *variances,
    const void *weight, const void *bias, void *y) {
  static void (*const table[2][CK_LEVELS])(
      const ck_channels *, int, const void *, void *, void *, const void *, const void *, void *) = {
      CK_ALL_LEVELS(batch_norm, float), CK_ALL_LEVELS(batch_norm, double)};
  table[type][level](g, measuring, x, means, variances, weight, bias, y);
}

void ck_batch_norm_gradient(
    ck_level level, ck_dtype type, const ck_channels *g, const void *dy, const void *x, const void *means,
    const void *variances, const void *weight, void *dx, void *d_weight, void *d_bias) {
  static void (*const table[2][CK_LEVELS])(
      const ck_channels *, const void *, const void *, const void *, const void *, const void *, void *, void *,
      void *) = {CK_ALL_LEVELS(batch_norm_gradient, float), CK_ALL_LEVELS(batch_norm_gradient, double)};
  table[type][level](g, dy, x, means, variances, weight, dx, d_weight, d_bias);
}
