#define CK_FAMILY "flat.body.h"
#include "CKernels.h"
#include "outer.h"
#include "levels.h"

ck_flat_runner ck_find_flat_runner(ck_level level) {
  static const ck_flat_runner runners[CK_LEVELS] = CK_ALL_LEVELS(run, flat);
  return runners[level];
}

void ck_flat_set(ck_flat *flat, int32_t k, ck_flat_operand operand, int unit) {
  flat->operand[k] = operand;
  flat->unit |= (uint64_t)(unit != 0) << k;
}
