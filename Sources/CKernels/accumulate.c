#define CK_FAMILY "accumulate.body.h"
#include "entries.h"
#include "elementwise.h"
#include "levels.h"

const ck_entry ck_accumulate_entries[] = {
    {"accumulate", {CK_ALL_LEVELS(accumulate_loop, float), CK_ALL_LEVELS(accumulate_loop, double),
                    CK_ALL_LEVELS(accumulate_loop, int32_t), CK_ALL_LEVELS(accumulate_loop, int64_t), {0}}},
    {"all_finite", {CK_ALL_LEVELS(all_finite_loop, float), CK_ALL_LEVELS(all_finite_loop, double), {0}, {0}, {0}}},
    {0},
};
