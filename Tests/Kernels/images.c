#include <stdio.h>

#include "cases.h"

static ptrdiff_t places(ptrdiff_t large, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t padding, ptrdiff_t dilation) {
  return (large + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1;
}

static void convolution_case(ck_dtype type, ck_conv g, drawing kind) {
  static int number;
  char name[48];
  snprintf(name, sizeof name, "convolution %s %d", type == CK_F32 ? "f32" : "f64", number++);
  begin(name);
  const ptrdiff_t images = 2, c = g.large_channels, o = g.small_channels;
  for (int axis = 0; axis < 2; axis++)
    g.small[axis] = places(g.large[axis], g.kernel[axis], g.stride[axis], g.padding[axis], g.dilation[axis]);
  g.image_end = images;
  g.large_end = c;
  g.small_end = o;
  const ptrdiff_t xs = images * g.large[0] * g.large[1] * c, ys = images * g.small[0] * g.small[1] * o;
  const ptrdiff_t ws = g.kernel[0] * g.kernel[1] * (c / g.groups) * o;
  const void *x = draw(type, xs, kind), *w = draw(type, ws, kind), *y = draw(type, ys, kind);
  const void *bias = draw(type, o, kind), *other = draw(type, c, kind);
  const agreement rule = kind == WHOLE ? SAME_BITS : PRODUCT;
  void *results[3] = {blank(type, ys), blank(type, xs), blank(type, ws)};
  g.row_end = g.small[0];
  ck_conv_images(
      level, type, CK_CONV_FORWARD, &g, x, w, bias, results[0],
      scratch(ck_conv_images_scratch(level, type, CK_CONV_FORWARD, &g)));
  record(type, results[0], ys, rule, 4);
  g.row_end = g.large[0];
  ck_conv_images(
      level, type, CK_CONV_BACKWARD, &g, y, w, other, results[1],
      scratch(ck_conv_images_scratch(level, type, CK_CONV_BACKWARD, &g)));
  record(type, results[1], xs, rule, 4);
  g.large_end = c / g.groups;
  ck_conv_weights(level, type, &g, x, y, results[2], scratch(ck_conv_weights_scratch(level, type, &g)));
  record(type, results[2], ws, rule, 4);
}

static void convolution_cases(ck_dtype type) {
  static const struct {
    ptrdiff_t channels[2], groups, large[2], kernel[2], stride[2], padding[2], dilation[2];
  } geometries[] = {
      {{3, 8}, 1, {9, 11}, {3, 3}, {1, 1}, {1, 1}, {1, 1}},   {{5, 17}, 1, {8, 8}, {1, 1}, {1, 1}, {0, 0}, {1, 1}},
      {{4, 50}, 1, {12, 7}, {3, 5}, {2, 1}, {1, 2}, {1, 1}},  {{16, 33}, 1, {10, 10}, {2, 3}, {3, 2}, {0, 2}, {2, 1}},
      {{6, 9}, 3, {7, 9}, {3, 3}, {2, 2}, {1, 1}, {1, 1}},    {{70, 70}, 70, {6, 5}, {3, 3}, {1, 1}, {1, 1}, {1, 1}},
      {{19, 19}, 19, {9, 8}, {3, 2}, {2, 3}, {1, 0}, {1, 2}}, {{1, 1}, 1, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {1, 1}},
      {{2, 3}, 1, {40, 40}, {5, 5}, {1, 1}, {2, 2}, {1, 1}},  {{8, 4}, 2, {1, 30}, {1, 4}, {1, 2}, {0, 3}, {1, 3}},
  };
  for (size_t i = 0; i < sizeof geometries / sizeof *geometries; i++)
    for (int kind = POSITIVE; kind <= WHOLE; kind++) {
      ck_conv g = {.large_channels = geometries[i].channels[0], .small_channels = geometries[i].channels[1]};
      g.groups = geometries[i].groups;
      for (int axis = 0; axis < 2; axis++) {
        g.large[axis] = geometries[i].large[axis];
        g.kernel[axis] = geometries[i].kernel[axis];
        g.stride[axis] = geometries[i].stride[axis];
        g.padding[axis] = geometries[i].padding[axis];
        g.dilation[axis] = geometries[i].dilation[axis];
      }
      convolution_case(type, g, (drawing)kind);
    }
}

static void pool_case(ck_dtype type, ck_pool g) {
  static int number;
  char name[48];
  snprintf(name, sizeof name, "pool %s %d", type == CK_F32 ? "f32" : "f64", number++);
  const ptrdiff_t images = 2;
  if (!g.adaptive)
    for (int axis = 0; axis < 2; axis++)
      g.small[axis] = places(g.large[axis], g.kernel[axis], g.stride[axis], g.padding[axis], g.dilation[axis]);
  g.channel_end = g.channels;
  g.image_end = images;
  const ptrdiff_t xs = images * g.large[0] * g.large[1] * g.channels, ys = images * g.small[0] * g.small[1] * g.channels;
  for (int kind = ANYTHING; kind <= WHOLE; kind++) {
    begin(name);
    const void *x = draw(type, xs, (drawing)kind), *dy = draw(type, ys, (drawing)kind), *picked = draw(type, xs, MODERATE);
    void *y = blank(type, ys), *dx = blank(type, xs);
    if (!g.adaptive) {
      g.row_end = g.small[0];
      ck_max_pool(level, type, &g, x, 0, y);
      record(type, y, ys, SAME_BITS, 0);
      ck_max_pool(level, type, &g, x, picked, y);
      record(type, y, ys, SAME_BITS, 0);
      g.row_end = g.large[0];
      ck_max_pool_gradient(level, type, &g, x, dy, dx);
      record(type, dx, xs, SAME_BITS, 0);
    }
    if (g.dilation[0] != 1) continue;
    g.row_end = g.small[0];
    ck_mean_pool(level, type, &g, x, y);
    record(type, y, ys, SAME_BITS, 0);
    g.row_end = g.large[0];
    ck_mean_pool_gradient(level, type, &g, dy, dx);
    record(type, dx, xs, SAME_BITS, 0);
  }
}

static void pool_cases(ck_dtype type) {
  static const ck_pool geometries[] = {
      {.large = {8, 9}, .kernel = {2, 2}, .stride = {2, 2}, .dilation = {1, 1}, .channels = 5},
      {.large = {7, 7}, .kernel = {3, 3}, .stride = {1, 2}, .padding = {1, 1}, .dilation = {1, 1}, .channels = 64},
      {.large = {9, 6}, .kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 1}, .dilation = {1, 1}, .counts_padding = 1,
       .channels = 131},
      {.large = {10, 10}, .kernel = {2, 3}, .stride = {2, 2}, .padding = {1, 1}, .dilation = {2, 3}, .channels = 17},
      {.large = {7, 10}, .small = {3, 4}, .dilation = {1, 1}, .adaptive = 1, .channels = 33},
  };
  for (size_t i = 0; i < sizeof geometries / sizeof *geometries; i++) pool_case(type, geometries[i]);
}

void image_cases(void) {
  for (int type = CK_F32; type <= CK_F64; type++) {
    convolution_cases((ck_dtype)type);
    pool_cases((ck_dtype)type);
  }
}
