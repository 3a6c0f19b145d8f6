#ifndef ck_flat_h
#define ck_flat_h

#include "ck_loop.h"

/// An operand of a flat loop. In place it lies element by element beside the output, or is one number throughout. Else a
/// block of it is spread in scratch memory: element (o, r, i) of a block, of count[0] × count[1] × count[2], is found at
/// o·stride[0] + r·stride[1] + i·stride[2] from the block's first. Counted in elements.
typedef struct {
  ptrdiff_t base;
  /// From one row of the block's outermost axis to the next.
  ptrdiff_t row;
  ptrdiff_t stride[3];
  int32_t count[3];
  /// The count that grows with the rows of a block: count[leading] for each of them.
  int32_t leading;
  /// Bytes of an element; 0 in place.
  int32_t size;
  /// Where its block lies in scratch memory, in bytes.
  int32_t place;
  /// Whether all blocks are alike, so that one is enough.
  int32_t is_alike;
} ck_flat_operand;

/// An elementwise function over a contiguous output, some of whose operands are broadcast along short rows: block by block
/// as one long row, after what is broadcast was spread. A block is `block_rows` rows of an axis, the last block fewer.
typedef struct {
  ck_outer outer;
  uint64_t unit;
  ptrdiff_t rows, block_rows, row_elements;
  double constant[CK_CONSTANTS];
  ck_flat_operand operand[CK_OPERANDS];
} ck_flat;

/// Runs a loop flat; `p` holds the inputs' base addresses, then the outputs'.
typedef void (*ck_flat_runner)(
    const ck_flat *_Nonnull flat, ck_loop _Nonnull loop, void *_Nonnull const *_Nonnull p, void *_Nonnull scratch);

/// The runner at a level.
ck_flat_runner _Nonnull ck_find_flat_runner(ck_level level);

/// Sets an operand.
void ck_flat_set(ck_flat *_Nonnull flat, int32_t k, ck_flat_operand operand, int unit);

#endif
