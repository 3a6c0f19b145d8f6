#define CK_FAMILY "update.body.h"
#include "entries.h"
#include "elementwise.h"
#include "levels.h"

#define CK_REAL(name) \
  {"update." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), {0}, {0}, {0}}},

const ck_entry ck_update_entries[] = {
    CK_REAL(sgd) CK_REAL(momentum) CK_REAL(adam) CK_REAL(rmsprop) CK_REAL(adagrad) {0},
};
