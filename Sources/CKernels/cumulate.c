#include "ck_cumulate.h"

#define CK_FAMILY "cumulate.body.h"
#include "levels.h"

void ck_cumulate(
    ck_level level, ck_dtype type, int reverse, const ck_softmax_box *box, const void *x, void *y) {
  static void (*const table[4][CK_LEVELS])(int, const ck_softmax_box *, const void *, void *) = {
      CK_ALL_LEVELS(cumulate, float), CK_ALL_LEVELS(cumulate, double), CK_ALL_LEVELS(cumulate, int32_t),
      CK_ALL_LEVELS(cumulate, int64_t)};
  table[type][level](reverse, box, x, y);
}
