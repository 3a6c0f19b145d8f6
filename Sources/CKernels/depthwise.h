#ifndef depthwise_h
#define depthwise_h

#include "ck_conv.h"

/// Whether every channel is a group of its own: then vectors run along the channels, and nothing is laid out.
static inline int ck_depthwise(const ck_conv *g) {
  return g->groups > 1 && g->large_channels == g->groups && g->small_channels == g->groups;
}

/// `ck_conv_images` where ck_depthwise(g).
void ck_depthwise_images(ck_level level, ck_dtype type, ck_conv_direction direction, const ck_conv *g,
                         const void *source, const void *weights, const void *bias, void *result);

/// `ck_conv_weights` where ck_depthwise(g).
void ck_depthwise_weights(
    ck_level level, ck_dtype type, const ck_conv *g, const void *x, const void *y, void *w);

#endif
