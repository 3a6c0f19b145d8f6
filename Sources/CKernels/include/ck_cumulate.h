#ifndef ck_cumulate_h
#define ck_cumulate_h

#include "ck_softmax.h"

/// y[i] = x[0] + … + x[i] along the length of a box, or x[i] + … + x[length - 1] when `reverse`; y may be x. Sums of
/// float are kept in double; integers wrap around. Not bool.
void ck_cumulate(ck_level level, ck_dtype type, int reverse, const ck_softmax_box *_Nonnull box,
                 const void *_Nonnull x, void *_Nonnull y);

#endif
