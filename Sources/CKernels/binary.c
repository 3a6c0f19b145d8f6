#define CK_FAMILY "binary.body.h"
#include "entries.h"
#include "functions.h"
#include "elementwise.h"
#include "levels.h"

#define CK_ANY(name, T, U, formula) \
  {"binary." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), \
                     CK_ALL_LEVELS(name##_loop, int32_t), CK_ALL_LEVELS(name##_loop, int64_t), {0}}},
#define CK_REAL(name, T, U, formula) \
  {"binary." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), {0}, {0}, {0}}},
#define CK_COMPARE(name, T, formula) \
  {"compare." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), \
                      CK_ALL_LEVELS(name##_loop, int32_t), CK_ALL_LEVELS(name##_loop, int64_t), \
                      CK_ALL_LEVELS(name##_loop, uint8_t)}},
#define CK_LOGICAL(name) {"logical." #name, {{0}, {0}, {0}, {0}, CK_ALL_LEVELS(name##_loop, uint8_t)}},

const ck_entry ck_binary_entries[] = {
    CK_BINARY_ARITHMETIC(CK_ANY, , ) CK_BINARY_REAL(CK_REAL, , ) CK_COMPARISONS(CK_COMPARE, )
    CK_LOGICAL(and) CK_LOGICAL(or) CK_LOGICAL(not) CK_LOGICAL(xor) {0},
};
