#define CK_FAMILY "unary.body.h"
#include "entries.h"
#include "functions.h"
#include "elementwise.h"
#include "levels.h"

#define CK_ANY(name, T, U, formula) \
  {"unary." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), \
                    CK_ALL_LEVELS(name##_loop, int32_t), CK_ALL_LEVELS(name##_loop, int64_t), {0}}},
#define CK_REAL(name, T, U, formula) \
  {"unary." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), {0}, {0}, {0}}},
#define CK_GUARDED(name, T, fast, in_range, any) CK_REAL(name, T, T, fast)

const ck_entry ck_unary_entries[] = {
    CK_UNARY_ARITHMETIC(CK_ANY, , ) CK_UNARY_REAL(CK_REAL, , ) CK_UNARY_GUARDED(CK_GUARDED, ) {0},
};
