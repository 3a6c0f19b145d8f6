#ifndef ck_fused_h
#define ck_fused_h

#include "ck_loop.h"
#include "ck_reduce.h"

/// The most values of a program, in memory and in registers.
#define CK_FUSED_VALUES 64

/// Where a value of a program lies: in memory, as in a nest, or in a register, a block of scratch memory. Its elements move
/// along the rows of a block where `unit` is set; else it has one element for each row. Counted in elements.
typedef struct {
  ptrdiff_t base, row;
  int32_t unit;
  int32_t is_register;
  /// The number of the pointer, or the bytes from the start of the scratch memory.
  ptrdiff_t place;
  ptrdiff_t stride[CK_OUTER];
} ck_fused_value;

/// One step of a program, a loop or a reduction of each row: the numbers of its inputs, then of its output.
typedef struct {
  ck_loop _Nullable loop;
  ck_reducer _Nullable reducer;
  double constant[CK_CONSTANTS];
  /// What the sum of a mean is divided by.
  double divisor;
  int32_t operands;
  int32_t value[CK_OPERANDS];
  /// Whether the rows of a block lie one behind the other for every operand, so that they are one row.
  int32_t is_flat;
  /// Whether the output has one element for each row.
  int32_t is_column;
} ck_fused_step;

/// Steps one after the other over each block of `block_rows` times `block_columns` elements, so that what one hands to the
/// next stays in the first cache. Where a step reduces, a block holds whole rows.
typedef struct {
  const ck_fused_step *_Nonnull steps;
  const ck_fused_value *_Nonnull values;
  int32_t step_count, value_count;
  ptrdiff_t rows, n, block_rows, block_columns;
  int32_t depth;
  ptrdiff_t count[CK_OUTER];
} ck_fused;

/// Runs a program; `p` holds the base addresses of the values in memory.
void ck_run_fused(const ck_fused *_Nonnull program, void *_Nonnull const *_Nonnull p, void *_Nonnull scratch);

#endif
