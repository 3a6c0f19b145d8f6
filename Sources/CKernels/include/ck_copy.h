#ifndef CK_COPY_H
#define CK_COPY_H

#include <stdint.h>

/// A copy between two strided boxes of equal lengths. Axes are outermost first; strides and offsets are in bytes and
/// may be zero (a repeated source) or negative.
typedef struct {
  int32_t rank;
  int32_t element_bytes;
  int64_t source_offset;
  int64_t target_offset;
  int64_t lengths[8];
  int64_t source_strides[8];
  int64_t target_strides[8];
} ck_copy_plan;

/// A plan from element strides, with axes of length 1 dropped and axes that continue each other joined.
/// Strides and offsets are in elements; `element_bytes` is 1, 4 or 8; `rank` is at most 8.
void ck_copy_plan_make(
    ck_copy_plan *plan, int32_t element_bytes, int32_t rank, const int64_t *lengths, int64_t source_offset,
    const int64_t *source_strides, int64_t target_offset, const int64_t *target_strides);

/// Runs a plan. Source and target must not overlap.
void ck_copy_run(const ck_copy_plan *plan, void *target, const void *source);

#endif
