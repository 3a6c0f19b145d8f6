#ifndef ck_norm_h
#define ck_norm_h

#include "ck_dispatch.h"

/// Rows that are normalised one by one, each to the mean and variance of its own elements.
typedef struct {
  ptrdiff_t rows;
  /// A row has `segments` weights, each for `inner` adjacent elements.
  ptrdiff_t segments, inner;
  /// From one row's weights to the next row's: 0 where all rows share them.
  ptrdiff_t weight_step;
  /// How many rows add up to one row of partial weight gradients.
  ptrdiff_t chunk;
  /// Whether the mean is subtracted; else rows are divided by the root of their mean square.
  int centred;
  /// Added to the variance.
  double epsilon;
} ck_norm;

/// y = (x - mean)·scale·weight + bias, scale = 1 / √(variance + epsilon); mean and scale of each row go to `means`
/// and `scales`. y may be x.
void ck_normalize(ck_level level, ck_dtype type, const ck_norm *_Nonnull g, const void *_Nonnull x,
                  const void *_Nullable weight, const void *_Nullable bias, void *_Nonnull y, void *_Nullable means,
                  void *_Nonnull scales);

/// From dy: dx, and Σ dy·(x - mean)·scale and Σ dy over the rows of each chunk unless null. dx may be dy or x.
void ck_normalize_gradient(ck_level level, ck_dtype type, const ck_norm *_Nonnull g, const void *_Nonnull dy,
                           const void *_Nonnull x, const void *_Nullable weight, const void *_Nullable means,
                           const void *_Nonnull scales, void *_Nonnull dx, void *_Nullable d_weight,
                           void *_Nullable d_bias);

/// A tensor [outer, channels, inner] that is normalised channel by channel, and the part of it to compute.
typedef struct {
  ptrdiff_t channels, inner;
  ptrdiff_t outer_begin, outer_end, channel_begin, channel_end;
  /// Added to the variance.
  double epsilon;
} ck_channels;

/// y = (x - mean)·weight / √(variance + epsilon) + bias with the mean and the (biased) variance of each channel, which
/// are computed first when `measuring` and read otherwise. y may be x.
void ck_batch_norm(ck_level level, ck_dtype type, const ck_channels *_Nonnull g, int measuring, const void *_Nonnull x,
                   void *_Nonnull means, void *_Nonnull variances, const void *_Nullable weight,
                   const void *_Nullable bias, void *_Nonnull y);

/// From dy: Σ dy·(x - mean) / √(variance + epsilon), Σ dy, and unless null dx, through mean and variance too. dx may be
/// dy or x.
void ck_batch_norm_gradient(ck_level level, ck_dtype type, const ck_channels *_Nonnull g, const void *_Nonnull dy,
                            const void *_Nonnull x, const void *_Nonnull means, const void *_Nonnull variances,
                            const void *_Nullable weight, void *_Nullable dx, void *_Nonnull d_weight,
                            void *_Nonnull d_bias);

#endif
