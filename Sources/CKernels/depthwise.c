#include "depthwise.h"

#include "tiles.h"

// The place of the source that a tap meets at place q of the result; -1 when there is none.
static inline ptrdiff_t ck_meet(int backward, const ck_conv *g, int axis, ptrdiff_t q, ptrdiff_t tap) {
  const ptrdiff_t stride = g->stride[axis], shift = tap * g->dilation[axis] - g->padding[axis];
  if (!backward) {
    const ptrdiff_t place = q * stride + shift;
    return place >= 0 && place < g->large[axis] ? place : -1;
  }
  const ptrdiff_t distance = q - shift, place = stride == 1 ? distance : distance / stride;
  return distance >= 0 && place * stride == distance && place < g->small[axis] ? place : -1;
}

// Whether every tap of a row meets the image in the columns first ... last of a forward convolution's result.
static inline int ck_inside(const ck_conv *g, ptrdiff_t first, ptrdiff_t last) {
  const ptrdiff_t start = first * g->stride[1] - g->padding[1], end = last * g->stride[1] - g->padding[1];
  return last < g->small[1] && start >= 0 && end + (g->kernel[1] - 1) * g->dilation[1] < g->large[1];
}

#define CK_FAMILY "depthwise.body.h"
#include "levels.h"

void ck_depthwise_images(
    ck_level level, ck_dtype type, ck_conv_direction direction, const ck_conv *g, const void *source,
    const void *weights, const void *bias, void *result) {
  static void (*const table[2][CK_LEVELS])(int, const ck_conv *, const void *, const void *, const void *, void *) = {
      CK_ALL_LEVELS(depthwise_images, float), CK_ALL_LEVELS(depthwise_images, double)};
  table[type][level](direction == CK_CONV_BACKWARD, g, source, weights, bias, result);
}

void ck_depthwise_weights(
    ck_level level, ck_dtype type, const ck_conv *g, const void *x, const void *y, void *w) {
  static void (*const table[2][CK_LEVELS])(const ck_conv *, const void *, const void *, void *) = {
      CK_ALL_LEVELS(depthwise_weights, float), CK_ALL_LEVELS(depthwise_weights, double)};
  table[type][level](g, x, y, w);
}
