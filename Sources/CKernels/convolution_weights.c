#include "convolution.h"
#include "depthwise.h"

// Places that a weight gradient sums before it adds to the result.
#define CK_CONV_TERMS 256

// Everything that a weight gradient needs, worked out from the lengths alone.
typedef struct {
  const ck_conv *g;
  vocabulary words;
  // Channels of a group of x to compute, and the first of them in the group.
  ptrdiff_t inputs, input_group, output_group;
  ptrdiff_t taps, block;
  columns columns;
  window window;
  char *panel;
  ptrdiff_t *from, *to;
  ck_run *run;
} weight_job;

static size_t prepare_weights(weight_job *j, ck_level level, ck_dtype type, const ck_conv *g, void *scratch) {
  *j = (weight_job){.g = g, .words = ck_conv_speak(level, type)};
  j->input_group = g->large_channels / g->groups;
  j->output_group = g->small_channels / g->groups;
  j->inputs = g->large_end - g->large_begin;
  j->taps = g->kernel[0] * g->kernel[1];
  j->block = larger(smaller(CK_CONV_TERMS / larger(g->small[1], 1), g->small[0]), 1);
  window *w = &j->window;
  ptrdiff_t high[2];
  for (int axis = 0; axis < 2; axis++) {
    w->low[axis] = -g->padding[axis];
    high[axis] = (g->small[axis] - 1) * g->stride[axis] - g->padding[axis] + (g->kernel[axis] - 1) * g->dilation[axis];
    w->copied |= w->low[axis] < 0 || high[axis] >= g->large[axis];
  }
  w->count[0] = larger((j->block - 1) * g->stride[0] + (g->kernel[0] - 1) * g->dilation[0] + 1, 0);
  w->count[1] = larger(high[1] - w->low[1] + 1, 0);
  w->pitch[1] = w->copied ? j->inputs : g->large_channels;
  w->pitch[0] = (w->copied ? w->count[1] : g->large[1]) * w->pitch[1];

  arena memory = {.base = scratch};
  // A group is computed at a time; its columns are cut when it is reached.
  const ptrdiff_t most = smaller(j->output_group, g->small_end - g->small_begin);
  const ptrdiff_t width = smaller(cut_columns(&j->words, most).vectors, j->words.vectors) * j->words.lanes;
  j->panel = take(&memory, j->block * g->small[1] * width, j->words.bytes);
  w->memory = take(&memory, w->copied ? w->count[0] * w->pitch[0] : 0, j->words.bytes);
  j->from = take(&memory, j->taps * j->inputs, sizeof(ptrdiff_t));
  j->to = take(&memory, j->taps * j->inputs, sizeof(ptrdiff_t));
  j->run = take(&memory, j->block, sizeof(ck_run));
  return memory.used;
}

size_t ck_conv_weights_scratch(ck_level level, ck_dtype type, const ck_conv *g) {
  if (ck_depthwise(g)) return 0;
  weight_job job;
  return prepare_weights(&job, level, type, g, 0);
}

// Adds the products of rows `first` ..< `last` of one image; `y` and `w` begin at the first of the job's columns.
static void add_block(
    weight_job *j, ptrdiff_t first, ptrdiff_t last, int add, const char *x, const char *end, const char *y, char *w) {
  const ck_conv *g = j->g;
  const vocabulary *v = &j->words;
  window *seen = &j->window;
  const ptrdiff_t bytes = (ptrdiff_t)v->bytes, terms = (last - first) * g->small[1];
  seen->low[0] = first * g->stride[0] - g->padding[0];
  seen->count[0] = (last - first - 1) * g->stride[0] + (g->kernel[0] - 1) * g->dilation[0] + 1;
  const char *source = ck_conv_window(seen, v->bytes, x, g->large, g->large_channels, j->inputs);
  if (!seen->copied) source += seen->low[0] * seen->pitch[0] * bytes;
  ck_conv_rows rows = {
      .rows = j->taps * j->inputs, .step = g->stride[1] * seen->pitch[1], .from = j->from, .to = j->to, .run = j->run,
      .add = add};
  // The rows of the next block.
  const ptrdiff_t row_bytes = g->large[1] * g->large_channels * bytes;
  rows.ahead = x + smaller(larger(seen->low[0] + seen->count[0], 0), g->large[0]) * row_bytes;
  rows.ahead_end = rows.ahead + smaller(end - rows.ahead, seen->count[0] * row_bytes);
  for (ptrdiff_t h = 0; h < last - first; h++)
    add_run(
        j->run, &rows.runs, rows.step, (ck_run){h * g->stride[0] * seen->pitch[0], h * g->small[1], g->small[1]});
  for (ptrdiff_t panel = 0; panel < j->columns.panels; panel++) {
    const ptrdiff_t start = panel_start(&j->columns, panel), end = panel_start(&j->columns, panel + 1);
    const ptrdiff_t width = (end - start) * v->lanes, channel = start * v->lanes;
    rows.columns = smaller(j->columns.columns - channel, width);
    rows.pitch = width;
    const char *panel = y + (first * g->small[1] * g->small_channels + channel) * bytes;
    if (rows.columns < width || g->small_channels > width) {
      v->lay_rows(j->panel, width, terms, rows.columns, panel, g->small_channels);
      panel = j->panel;
    }
    v->rows(&rows, source, panel, w + channel * bytes);
    rows.ahead = rows.ahead_end;
  }
}

void ck_conv_weights(
    ck_level level, ck_dtype type, const ck_conv *g, const void *x, const void *y, void *w, void *scratch) {
  if (ck_depthwise(g)) {
    ck_depthwise_weights(level, type, g, x, y, w);
    return;
  }
  weight_job job, *j = &job;
  prepare_weights(j, level, type, g, scratch);
  const ptrdiff_t bytes = (ptrdiff_t)j->words.bytes, terms = g->small[0] * g->small[1];
  for (ptrdiff_t tap = 0, row = 0; tap < j->taps; tap++)
    for (ptrdiff_t c = 0; c < j->inputs; c++, row++) {
      j->from[row] = tap / g->kernel[1] * g->dilation[0] * j->window.pitch[0] +
                     tap % g->kernel[1] * g->dilation[1] * j->window.pitch[1] + c;
      j->to[row] = (tap * j->input_group + g->large_begin + c) * g->small_channels;
    }
  for (ptrdiff_t group = 0; group < g->groups; group++) {
    const ptrdiff_t begin = larger(g->small_begin, group * j->output_group);
    const ptrdiff_t outputs = smaller(g->small_end, (group + 1) * j->output_group) - begin;
    if (outputs <= 0) continue;
    j->columns = cut_columns(&j->words, outputs);
    // Of some of the channels nothing is fetched ahead, since they do not lie together.
    const ptrdiff_t image_bytes = g->large[0] * g->large[1] * g->large_channels * bytes;
    const char *end = j->inputs < g->large_channels ? (const char *)x : (const char *)x + g->image_end * image_bytes;
    int add = 0;
    for (ptrdiff_t n = g->image_begin; n < g->image_end && terms > 0; n++) {
      const char *image = (const char *)x + n * image_bytes + (group * j->input_group + g->large_begin) * bytes;
      const char *other = (const char *)y + (n * terms * g->small_channels + begin) * bytes;
      for (ptrdiff_t row = 0; row < g->small[0]; row += j->block, add = 1)
        add_block(j, row, smaller(row + j->block, g->small[0]), add, image, end, other, (char *)w + begin * bytes);
    }
    if (add) continue;
    for (ptrdiff_t row = 0; row < j->taps * j->inputs; row++)
      memset((char *)w + (j->to[row] + begin) * bytes, 0, (size_t)(outputs * bytes));
  }
}
