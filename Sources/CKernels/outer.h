#ifndef outer_h
#define outer_h

#include "ck_loop.h"

/// Moves to the next position of the axes: `index` within each, `place` of each operand's element. False, and back at the
/// first position, after the last.
static inline int ck_outer_next(const ck_outer *outer, ptrdiff_t *index, ptrdiff_t *place) {
  for (int axis = outer->depth - 1; axis >= 0; axis--) {
    const ptrdiff_t *stride = outer->stride[axis];
    if (++index[axis] < outer->count[axis]) {
      for (int k = 0; k < outer->operands; k++) place[k] += stride[k];
      return 1;
    }
    index[axis] = 0;
    for (int k = 0; k < outer->operands; k++) place[k] -= stride[k] * (outer->count[axis] - 1);
  }
  return 0;
}

#endif
