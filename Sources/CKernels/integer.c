#define CK_FAMILY "integer.body.h"
#include "entries.h"
#include "elementwise.h"
#include "levels.h"

#define CK_INTEGER(name) \
  {"integer." #name, {{0}, {0}, CK_ALL_LEVELS(name##_loop, int32_t), CK_ALL_LEVELS(name##_loop, int64_t), {0}}},

const ck_entry ck_integer_entries[] = {CK_INTEGER(floor_divide) CK_INTEGER(remainder) CK_INTEGER(find_zero) {0}};
