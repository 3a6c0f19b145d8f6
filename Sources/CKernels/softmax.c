#include "ck_softmax.h"

static inline int64_t ck_class_number(const ck_entropy *e, const void *numbers, ptrdiff_t position) {
  return e->wide ? ((const int64_t *)numbers)[position] : ((const int32_t *)numbers)[position];
}

#define CK_FAMILY "softmax.body.h"
#include "levels.h"

ptrdiff_t ck_entropy_check(const ck_entropy *e, const void *numbers, ptrdiff_t from, ptrdiff_t to, int64_t *bad) {
  ptrdiff_t kept = 0;
  for (ptrdiff_t i = from; i < to; i++) {
    const int64_t k = ck_class_number(e, numbers, i);
    if (e->ignoring && k == e->ignored) continue;
    if (k < 0 || k >= e->classes) {
      *bad = k;
      return -1;
    }
    kept++;
  }
  return kept;
}

void ck_softmax(ck_level level, ck_dtype type, int logarithm, const ck_softmax_box *box, const void *x, void *y) {
  static void (*const table[2][CK_LEVELS])(int, const ck_softmax_box *, const void *, void *) = {
      CK_ALL_LEVELS(softmax, float), CK_ALL_LEVELS(softmax, double)};
  table[type][level](logarithm, box, x, y);
}

void ck_softmax_gradient(
    ck_level level, ck_dtype type, int logarithm, const ck_softmax_box *box, const void *dy, const void *y, void *dx) {
  static void (*const table[2][CK_LEVELS])(int, const ck_softmax_box *, const void *, const void *, void *) = {
      CK_ALL_LEVELS(softmax_gradient, float), CK_ALL_LEVELS(softmax_gradient, double)};
  table[type][level](logarithm, box, dy, y, dx);
}

double ck_entropy_loss(
    ck_level level, ck_dtype type, const ck_entropy *e, const void *logits, const void *numbers, void *losses) {
  static double (*const table[2][CK_LEVELS])(const ck_entropy *, const void *, const void *, void *) = {
      CK_ALL_LEVELS(entropy_loss, float), CK_ALL_LEVELS(entropy_loss, double)};
  return table[type][level](e, logits, numbers, losses);
}

void ck_entropy_gradient(
    ck_level level, ck_dtype type, const ck_entropy *e, const void *cotangent, int each, double scale,
    const void *logits, const void *numbers, void *d_logits) {
  static void (*const table[2][CK_LEVELS])(
      const ck_entropy *, const void *, int, double, const void *, const void *, void *) = {
      CK_ALL_LEVELS(entropy_gradient, float), CK_ALL_LEVELS(entropy_gradient, double)};
  table[type][level](e, cotangent, each, scale, logits, numbers, d_logits);
}
