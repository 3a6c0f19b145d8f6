#ifndef ck_pool_h
#define ck_pool_h

#include "ck_dispatch.h"

/// Windows over images [N, H, W, C], one for each place of a small image [N, h, w, C], and the part of the result that
/// is computed; axis 0 is the height, 1 the width.
typedef struct {
  ptrdiff_t large[2], small[2], kernel[2], stride[2], padding[2], dilation[2];
  /// Whether window o of h spans ⌊o·H/h⌋ ..< ⌈(o+1)·H/h⌉ in place of a kernel; means only.
  int adaptive;
  /// Whether a mean divides by the whole kernel, and not only by what lies inside the image.
  int counts_padding;
  ptrdiff_t channels, channel_begin, channel_end;
  ptrdiff_t image_begin, image_end;
  /// Rows of the result; all of them for the gradient of a maximum.
  ptrdiff_t row_begin, row_end;
} ck_pool;

/// y = the largest element of each window; a NaN counts as the largest. -∞ for a window outside the image. With
/// `picked` not null, the element of `picked` at the first such place instead, 0 for a window outside the image.
void ck_max_pool(ck_level level, ck_dtype type, const ck_pool *_Nonnull g, const void *_Nonnull x,
                 const void *_Nullable picked, void *_Nonnull y);

/// dx = the sum of dy over the windows whose first largest element it is.
void ck_max_pool_gradient(ck_level level, ck_dtype type, const ck_pool *_Nonnull g, const void *_Nonnull x,
                          const void *_Nonnull dy, void *_Nonnull dx);

/// y = the mean of each window.
void ck_mean_pool(
    ck_level level, ck_dtype type, const ck_pool *_Nonnull g, const void *_Nonnull x, void *_Nonnull y);

/// dx = the sum of dy / count over the windows that hold the element.
void ck_mean_pool_gradient(
    ck_level level, ck_dtype type, const ck_pool *_Nonnull g, const void *_Nonnull dy, void *_Nonnull dx);

#endif
