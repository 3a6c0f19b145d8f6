#ifndef entries_h
#define entries_h

#include "CKernels.h"

/// The loops of one name: by element type, then by level.
typedef struct {
  const char *name;
  ck_loop loop[CK_DTYPES][CK_LEVELS];
} ck_entry;

/// The loops of a family, ended by an entry without a name.
extern const ck_entry ck_unary_entries[], ck_binary_entries[], ck_select_entries[], ck_create_entries[],
    ck_accumulate_entries[], ck_update_entries[], ck_integer_entries[], ck_parametric_entries[];

/// The reductions of one name.
typedef struct {
  const char *name;
  ck_reducer reducer[CK_DTYPES][CK_LEVELS];
} ck_reducer_entry;

extern const ck_reducer_entry ck_reducer_entries[];

#endif
