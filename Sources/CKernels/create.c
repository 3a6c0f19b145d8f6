#define CK_FAMILY "create.body.h"
#include "entries.h"
#include "elementwise.h"
#include "levels.h"

#define CK_ANY(name) \
  {#name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), \
           CK_ALL_LEVELS(name##_loop, int32_t), CK_ALL_LEVELS(name##_loop, int64_t), \
           CK_ALL_LEVELS(name##_loop, uint8_t)}},

const ck_entry ck_create_entries[] = {
    CK_ANY(fill) CK_ANY(iota) CK_ANY(one_hot_i32) CK_ANY(one_hot_i64) {0},
};
