#ifndef ck_stream_h
#define ck_stream_h

#include "ck_dispatch.h"

/// The triad of the STREAM benchmark (McCalpin 1995), a[i] = b[i] + s·c[i]: the rate at which a plain loop reads and
/// writes memory.
void ck_triad(ck_level level, ptrdiff_t n, const float *_Nonnull b, const float *_Nonnull c, float s, float *_Nonnull a);

#endif
