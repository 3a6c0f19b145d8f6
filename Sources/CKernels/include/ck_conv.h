#ifndef ck_conv_h
#define ck_conv_h

#include "ck_dispatch.h"

/// The three products of a convolution. A large image x [N, H, W, C], weights w [kh, kw, C / groups, O] and a small
/// image y [N, h, w, O] meet wherever large place = small place · stride - padding + kernel place · dilation, in each
/// axis; each operator computes one of them from the other two.
typedef enum {
  /// y from x: the convolution.
  CK_CONV_FORWARD = 0,
  /// x from y: its gradient for x, or a transposed convolution.
  CK_CONV_BACKWARD = 1,
} ck_conv_direction;

/// The lengths of a convolution and the part of the result that is computed; axis 0 is the height, 1 the width.
typedef struct {
  ptrdiff_t large[2], small[2], kernel[2], stride[2], padding[2], dilation[2];
  ptrdiff_t large_channels, small_channels, groups;
  /// Images to compute, or to sum over.
  ptrdiff_t image_begin, image_end;
  /// Rows of the result; images only.
  ptrdiff_t row_begin, row_end;
  /// Channels of the large image and of the small one; of an image computed, all of them where there are several groups.
  /// In a weight gradient those of x are counted within a group.
  ptrdiff_t large_begin, large_end, small_begin, small_end;
} ck_conv;

/// Bytes of scratch that ``ck_conv_images`` needs.
size_t ck_conv_images_scratch(ck_level level, ck_dtype type, ck_conv_direction direction, const ck_conv *_Nonnull g);

/// One image from the other and the weights, plus a bias for each channel unless null.
void ck_conv_images(ck_level level, ck_dtype type, ck_conv_direction direction, const ck_conv *_Nonnull g,
                    const void *_Nonnull source, const void *_Nonnull weights, const void *_Nullable bias,
                    void *_Nonnull result, void *_Nullable scratch);

/// Bytes of scratch that ``ck_conv_weights`` needs.
size_t ck_conv_weights_scratch(ck_level level, ck_dtype type, const ck_conv *_Nonnull g);

/// w from x and y: the gradient for the weights.
void ck_conv_weights(ck_level level, ck_dtype type, const ck_conv *_Nonnull g, const void *_Nonnull x,
                     const void *_Nonnull y, void *_Nonnull w, void *_Nullable scratch);

#endif
