#define CK_FAMILY "select.body.h"
#include "entries.h"
#include "elementwise.h"

#define CK_PLAIN(TY) (TY) x
#define CK_SATURATED(TY, low, high) \
  (x != x ? (TY)0 : (double)x <= (low) ? (TY)(low) : (double)x >= (high) ? (TY)(int64_t)((high) - 1) : (TY)x)
#define CK_TO_I32 CK_SATURATED(int32_t, -2147483648.0, 2147483648.0)
#define CK_TO_I64 (x != x ? 0 : (double)x <= -0x1p63 ? INT64_MIN : (double)x >= 0x1p63 ? INT64_MAX : (int64_t)x)
#define CK_TO_BOOL (uint8_t)(x != 0)

/// X(name, source, result, formula)
#define CK_CASTS(X) \
  X(to_f32, float, float, x) X(to_f32, double, float, CK_PLAIN(float)) X(to_f32, int32_t, float, CK_PLAIN(float)) \
  X(to_f32, int64_t, float, CK_PLAIN(float)) X(to_f32, uint8_t, float, CK_PLAIN(float)) \
  X(to_f64, float, double, CK_PLAIN(double)) X(to_f64, double, double, x) X(to_f64, int32_t, double, CK_PLAIN(double)) \
  X(to_f64, int64_t, double, CK_PLAIN(double)) X(to_f64, uint8_t, double, CK_PLAIN(double)) \
  X(to_i32, float, int32_t, CK_TO_I32) X(to_i32, double, int32_t, CK_TO_I32) X(to_i32, int32_t, int32_t, x) \
  X(to_i32, int64_t, int32_t, CK_PLAIN(int32_t)) X(to_i32, uint8_t, int32_t, CK_PLAIN(int32_t)) \
  X(to_i64, float, int64_t, CK_TO_I64) X(to_i64, double, int64_t, CK_TO_I64) X(to_i64, int32_t, int64_t, CK_PLAIN(int64_t)) \
  X(to_i64, int64_t, int64_t, x) X(to_i64, uint8_t, int64_t, CK_PLAIN(int64_t)) \
  X(to_bool, float, uint8_t, CK_TO_BOOL) X(to_bool, double, uint8_t, CK_TO_BOOL) X(to_bool, int32_t, uint8_t, CK_TO_BOOL) \
  X(to_bool, int64_t, uint8_t, CK_TO_BOOL) X(to_bool, uint8_t, uint8_t, x)

#include "levels.h"

#define CK_CAST_ENTRY(name) \
  {"cast." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), \
                   CK_ALL_LEVELS(name##_loop, int32_t), CK_ALL_LEVELS(name##_loop, int64_t), \
                   CK_ALL_LEVELS(name##_loop, uint8_t)}},
#define CK_BY_WIDTH(name) \
  {#name, {CK_ALL_LEVELS(name##_loop, uint32_t), CK_ALL_LEVELS(name##_loop, uint64_t), \
           CK_ALL_LEVELS(name##_loop, uint32_t), CK_ALL_LEVELS(name##_loop, uint64_t), \
           CK_ALL_LEVELS(name##_loop, uint8_t)}},

const ck_entry ck_select_entries[] = {
    CK_BY_WIDTH(where) CK_BY_WIDTH(copy) CK_CAST_ENTRY(to_f32) CK_CAST_ENTRY(to_f64) CK_CAST_ENTRY(to_i32)
    CK_CAST_ENTRY(to_i64) CK_CAST_ENTRY(to_bool) {0},
};
