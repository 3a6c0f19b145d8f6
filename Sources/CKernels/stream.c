#include "ck_stream.h"

#define CK_FAMILY "stream.body.h"
#include "levels.h"

void ck_triad(ck_level level, ptrdiff_t n, const float *b, const float *c, float s, float *a) {
  static void (*const table[CK_LEVELS])(ptrdiff_t, const float *, const float *, float, float *) =
      CK_ALL_LEVELS(triad, float);
  table[level](n, b, c, s, a);
}
