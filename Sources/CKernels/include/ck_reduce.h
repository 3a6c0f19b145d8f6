#ifndef ck_reduce_h
#define ck_reduce_h

#include "ck_dispatch.h"

#define CK_AXES 8

/// A reduction of a contiguous tensor, axes merged where neighbours are both kept or both reduced. The innermost
/// axis is either reduced (`inner_reduced`) or kept; it has stride 1. The others form two groups, outermost first.
typedef struct {
  int32_t kept, reduced, inner_reduced;
  ptrdiff_t inner;
  ptrdiff_t input_base, output_base;
  ptrdiff_t kept_count[CK_AXES], kept_input[CK_AXES], kept_output[CK_AXES];
  ptrdiff_t reduced_count[CK_AXES], reduced_input[CK_AXES];
  /// What the sum of a mean or a variance is divided by.
  double divisor;
  /// How many elements meet in one output: what a variance divides by for its mean.
  double count;
} ck_reduction;

/// A reduction from x to y, of x's element type, or of i64 where it gives indices.
typedef void (*ck_reducer)(const ck_reduction *_Nonnull r, const void *_Nonnull x, void *_Nonnull y);

/// The reduction of a name (`sum`, `mean`, `prod`, `max`, `min`, `argmax`, `argmin`, `norm`, `variance`) for an element type at a level; NULL when there is none.
ck_reducer _Nullable ck_find_reducer(const char *_Nonnull name, ck_dtype type, ck_level level);

/// Appends a kept axis.
void ck_reduction_keep(ck_reduction *_Nonnull r, ptrdiff_t count, ptrdiff_t input, ptrdiff_t output);

/// Appends a reduced axis.
void ck_reduction_reduce(ck_reduction *_Nonnull r, ptrdiff_t count, ptrdiff_t input);

#endif
