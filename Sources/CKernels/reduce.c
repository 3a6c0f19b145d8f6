#define CK_FAMILY "reduce.body.h"
#include "entries.h"
#include "levels.h"

#define CK_ANY(name) \
  {#name, {CK_ALL_LEVELS(name, float), CK_ALL_LEVELS(name, double), CK_ALL_LEVELS(name, int32_t), \
           CK_ALL_LEVELS(name, int64_t), {0}}},
#define CK_REAL(name) {#name, {CK_ALL_LEVELS(name, float), CK_ALL_LEVELS(name, double), {0}, {0}, {0}}},
#define CK_TRUTH(name) {#name, {{0}, {0}, {0}, {0}, CK_ALL_LEVELS(name, uint8_t)}},

const ck_reducer_entry ck_reducer_entries[] = {
    CK_ANY(sum) CK_ANY(prod) CK_ANY(max) CK_ANY(min) CK_ANY(argmax) CK_ANY(argmin) CK_REAL(mean) CK_REAL(norm)
    CK_REAL(variance) CK_TRUTH(any) CK_TRUTH(all) {0},
};
