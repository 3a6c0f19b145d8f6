#include "ck_gemm.h"
#include "tiles.h"

// A panel of so many rows fits into half of a first-level cache of 48 kB.
#define CK_LENGTH_base 256
#define CK_LENGTH_v3 256
#define CK_LENGTH_v4 128
// Rows of the left operand and columns of the right one that are laid out at a time.
#define CK_GEMM_ROWS 256
#define CK_GEMM_COLUMNS 768

#define CK_FAMILY "gemm.body.h"
#include "levels.h"

size_t ck_gemm_scratch(ck_level level, ck_dtype type, const ck_product *g) {
  static size_t (*const table[2][CK_LEVELS])(const ck_product *) = {
      CK_ALL_LEVELS(gemm_scratch, float), CK_ALL_LEVELS(gemm_scratch, double)};
  return table[type][level](g);
}

void ck_gemm(
    ck_level level, ck_dtype type, const ck_product *g, const void *a, const void *b, void *c, void *scratch) {
  static void (*const table[2][CK_LEVELS])(const ck_product *, const void *, const void *, void *, void *) = {
      CK_ALL_LEVELS(gemm, float), CK_ALL_LEVELS(gemm, double)};
  table[type][level](g, a, b, c, scratch);
}
