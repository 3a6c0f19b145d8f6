#ifndef ck_dispatch_h
#define ck_dispatch_h

#include <stddef.h>
#include <stdint.h>

/// Instruction-set levels; every later one includes the earlier.
typedef enum {
  CK_BASE = 0,
  CK_V3 = 1,
  CK_V4 = 2,
} ck_level;

#define CK_LEVELS 3

/// Element types, numbered as the library's.
typedef enum {
  CK_F32 = 0,
  CK_F64 = 1,
  CK_I32 = 2,
  CK_I64 = 3,
  CK_BOOL = 4,
} ck_dtype;

#define CK_DTYPES 5

/// Whether this processor (and this build) can run a level.
int ck_level_supported(ck_level level);

/// The level in use: the highest supported, or what TRIBUTARY_ISA (`v4`, `v3`, `base`) asks for where supported.
/// Under ThreadSanitizer the base level, since it sees no access wider than 16 bytes.
ck_level ck_current_level(void);

#endif
