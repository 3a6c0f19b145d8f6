#include "convolution.h"
#include "depthwise.h"

// Places of the result that are computed from one copy of the source, as far as a whole row is not more.
#define CK_CONV_PLACES 512

// Bytes by which an image that is read in place is fetched ahead: a few tiles.
#define CK_CONV_AHEAD 8192

// Everything that computing an image needs, worked out from the lengths alone.
typedef struct {
  const ck_conv *g;
  vocabulary words;
  int backward;
  // The image read and the one computed: lengths, channels, channels of a group, the first channel of a result.
  const ptrdiff_t *source, *result;
  ptrdiff_t source_channels, result_channels, source_group, result_group, result_begin;
  ptrdiff_t taps, depth, block;
  // How far the source moves from one place of a phase to the next, and how many phases there are.
  ptrdiff_t step[2], phases[2];
  columns columns;
  window window;
  char *panels;
  ptrdiff_t *from, *to;
  ck_run *run;
} image_job;

// The places of the source, along an axis, that places `first` ..< `last` of the result are computed from.
static void reach(const image_job *j, int axis, ptrdiff_t first, ptrdiff_t last, ptrdiff_t *low, ptrdiff_t *high) {
  const ck_conv *g = j->g;
  const ptrdiff_t span = (g->kernel[axis] - 1) * g->dilation[axis];
  if (j->backward) {
    *low = divide_up(first + g->padding[axis] - span, g->stride[axis]);
    *high = divide_down(last - 1 + g->padding[axis], g->stride[axis]);
  } else {
    *low = first * g->stride[axis] - g->padding[axis];
    *high = (last - 1) * g->stride[axis] - g->padding[axis] + span;
  }
}

static size_t prepare_images(
    image_job *j, ck_level level, ck_dtype type, ck_conv_direction direction, const ck_conv *g, void *scratch) {
  const int backward = direction == CK_CONV_BACKWARD;
  *j = (image_job){.g = g, .words = ck_conv_speak(level, type), .backward = backward};
  j->source = backward ? g->small : g->large;
  j->result = backward ? g->large : g->small;
  j->source_channels = backward ? g->small_channels : g->large_channels;
  j->result_channels = backward ? g->large_channels : g->small_channels;
  j->source_group = j->source_channels / g->groups;
  j->result_group = j->result_channels / g->groups;
  j->result_begin = backward ? g->large_begin : g->small_begin;
  const ptrdiff_t end = backward ? g->large_end : g->small_end;
  j->taps = g->kernel[0] * g->kernel[1];
  j->depth = j->taps * j->source_group;
  j->columns = cut_columns(&j->words, g->groups > 1 ? j->result_group : end - j->result_begin);
  for (int axis = 0; axis < 2; axis++) {
    j->step[axis] = backward ? 1 : g->stride[axis];
    j->phases[axis] = backward ? smaller(g->stride[axis], larger(j->result[axis], 1)) : 1;
  }
  const ptrdiff_t rows = g->row_end - g->row_begin;
  j->block = larger(smaller(CK_CONV_PLACES / larger(j->result[1], 1), rows), 1);

  window *w = &j->window;
  ptrdiff_t low, high;
  reach(j, 0, g->row_begin, g->row_end, &low, &high);
  w->copied = low < 0 || high >= j->source[0];
  // The longest window of a block: where the division rounds most, one more than that of any other.
  ptrdiff_t longest, last;
  reach(j, 0, 0, j->block, &longest, &last);
  longest = smaller(last - longest + 2, larger(high - low + 1, 0));
  reach(j, 1, 0, j->result[1], &low, &high);
  w->copied |= low < 0 || high >= j->source[1];
  w->low[1] = w->copied ? low : 0;
  w->count[1] = larger(high - low + 1, 0);
  w->pitch[1] = w->copied ? j->source_group : j->source_channels;
  w->pitch[0] = (w->copied ? w->count[1] : j->source[1]) * w->pitch[1];

  arena memory = {.base = scratch};
  j->panels = take(&memory, (1 + j->depth) * j->columns.vectors * j->words.lanes, j->words.bytes);
  w->memory = take(&memory, w->copied ? longest * w->pitch[0] : 0, j->words.bytes);
  const ptrdiff_t places = j->block * j->result[1];
  j->from = take(&memory, places, sizeof(ptrdiff_t));
  j->to = take(&memory, places, sizeof(ptrdiff_t));
  j->run = take(&memory, j->taps, sizeof(ck_run));
  return memory.used;
}

size_t ck_conv_images_scratch(ck_level level, ck_dtype type, ck_conv_direction direction, const ck_conv *g) {
  if (ck_depthwise(g)) return 0;
  image_job job;
  return prepare_images(&job, level, type, direction, g, 0);
}

// Lays out the weights of a group for the result's channels: a first row of biases, then a row for each tap and channel
// of the source. Going backward the taps are laid out last to first, so that they follow the source.
static void lay_weights(const image_job *j, ptrdiff_t group, const char *weights, const char *bias) {
  const ck_conv *g = j->g;
  const vocabulary *v = &j->words;
  const ptrdiff_t bytes = (ptrdiff_t)v->bytes, outputs = g->small_channels, inputs = g->large_channels / g->groups;
  for (ptrdiff_t panel = 0; panel < j->columns.panels; panel++) {
    const ptrdiff_t start = panel_start(&j->columns, panel);
    const ptrdiff_t width = (panel_start(&j->columns, panel + 1) - start) * v->lanes, first = start * v->lanes;
    const ptrdiff_t count = smaller(j->columns.columns - first, width);
    char *to = j->panels + start * v->lanes * (1 + j->depth) * bytes;
    const ptrdiff_t channel = j->result_begin + group * j->result_group + first;
    v->lay_rows(to, width, 1, bias ? count : 0, bias ? bias + channel * bytes : weights, 0);
    to += width * bytes;
    if (j->backward) {
      const char *from = weights + ((j->result_begin + first) * outputs + group * j->source_group) * bytes;
      for (ptrdiff_t tap = j->taps - 1; tap >= 0; tap--, to += j->source_group * width * bytes)
        v->lay_columns(to, width, j->source_group, count, from + tap * inputs * outputs * bytes, outputs);
    } else {
      v->lay_rows(to, width, j->depth, count, weights + channel * bytes, outputs);
    }
  }
}

// The source offset of a tap along an axis from a phase's places; false when the tap does not meet the phase.
static int tap_offset(const image_job *j, int axis, ptrdiff_t phase, ptrdiff_t tap, ptrdiff_t *offset) {
  const ck_conv *g = j->g;
  *offset = tap * g->dilation[axis] - g->padding[axis];
  if (!j->backward) return 1;
  const ptrdiff_t distance = phase - *offset;
  *offset = divide_down(distance, g->stride[axis]);
  return *offset * g->stride[axis] == distance;
}

// The runs of a phase, counted from the first of them, whose place in the window from place (0, 0) is returned.
static ptrdiff_t make_runs(const image_job *j, const ptrdiff_t phase[2], ptrdiff_t *runs) {
  const ck_conv *g = j->g;
  const ptrdiff_t *pitch = j->window.pitch;
  ptrdiff_t origin = 0, h, w;
  *runs = 0;
  for (ptrdiff_t n = 0; n < j->taps; n++) {
    const ptrdiff_t tap = j->backward ? j->taps - 1 - n : n;
    if (!tap_offset(j, 0, phase[0], tap / g->kernel[1], &h) || !tap_offset(j, 1, phase[1], tap % g->kernel[1], &w))
      continue;
    const ptrdiff_t place = h * pitch[0] + w * pitch[1];
    if (*runs == 0) origin = place;
    add_run(j->run, runs, 1, (ck_run){place - origin, n * j->source_group, j->source_group});
  }
  return origin;
}

// One block of rows of one image, channels of one group.
static void compute_block(
    image_job *j, ptrdiff_t first, ptrdiff_t last, const char *image, const char *end, char *result) {
  const vocabulary *v = &j->words;
  window *w = &j->window;
  const ptrdiff_t bytes = (ptrdiff_t)v->bytes;
  ptrdiff_t low, high;
  reach(j, 0, first, last, &low, &high);
  w->low[0] = w->copied ? low : 0;
  w->count[0] = larger(high - low + 1, 0);
  const char *source = ck_conv_window(w, v->bytes, image, j->source, j->source_channels, j->source_group);
  // While a copy is read the rows of the next one are fetched, while the image itself is its next places.
  const ptrdiff_t row_bytes = j->source[1] * j->source_channels * bytes;
  const char *ahead = image + (w->copied ? smaller(larger(high + 1, 0), j->source[0]) * row_bytes
                                         : larger(low, 0) * row_bytes + CK_CONV_AHEAD);
  const char *ahead_end = smaller(end - ahead, w->count[0] * row_bytes) + ahead;
  ptrdiff_t phase[2];
  for (phase[0] = 0; phase[0] < j->phases[0]; phase[0]++)
    for (phase[1] = 0; phase[1] < j->phases[1]; phase[1]++) {
      ck_conv_rows rows = {.step = 1, .from = j->from, .to = j->to, .run = j->run};
      const ptrdiff_t origin = make_runs(j, phase, &rows.runs);
      const ptrdiff_t down = j->backward ? j->g->stride[0] : 1, across = j->backward ? j->g->stride[1] : 1;
      for (ptrdiff_t m = divide_up(first - phase[0], down), h; (h = phase[0] + m * down) < last; m++)
        for (ptrdiff_t n = 0, c; (c = phase[1] + n * across) < j->result[1]; n++) {
          // Where no tap meets the phase nothing is read.
          j->from[rows.rows] = rows.runs == 0 ? 0
                                              : (m * j->step[0] - w->low[0]) * w->pitch[0] +
                                                    (n * j->step[1] - w->low[1]) * w->pitch[1] + origin;
          j->to[rows.rows++] = (h * j->result[1] + c) * j->result_channels;
        }
      for (ptrdiff_t panel = 0; panel < j->columns.panels; panel++) {
        const ptrdiff_t start = panel_start(&j->columns, panel), end = panel_start(&j->columns, panel + 1);
        rows.pitch = (end - start) * v->lanes;
        rows.columns = smaller(j->columns.columns - start * v->lanes, rows.pitch);
        rows.ahead = ahead;
        rows.ahead_end = ahead_end;
        rows.begin = j->panels + start * v->lanes * (1 + j->depth) * bytes;
        v->rows(
            &rows, source, (const char *)rows.begin + rows.pitch * bytes, result + start * v->lanes * bytes);
        ahead = ahead_end;
      }
    }
}

void ck_conv_images(
    ck_level level, ck_dtype type, ck_conv_direction direction, const ck_conv *g, const void *source,
    const void *weights, const void *bias, void *result, void *scratch) {
  if (ck_depthwise(g)) {
    ck_depthwise_images(level, type, direction, g, source, weights, bias, result);
    return;
  }
  image_job job, *j = &job;
  prepare_images(j, level, type, direction, g, scratch);
  const ptrdiff_t bytes = (ptrdiff_t)j->words.bytes;
  const ptrdiff_t image_bytes = j->source[0] * j->source[1] * j->source_channels * bytes;
  for (ptrdiff_t group = 0; group < g->groups && j->columns.columns > 0; group++) {
    lay_weights(j, group, weights, bias);
    // Of a group's channels nothing is fetched ahead, since they do not lie together.
    const char *end = g->groups > 1 ? (const char *)source : (const char *)source + g->image_end * image_bytes;
    for (ptrdiff_t n = g->image_begin; n < g->image_end; n++) {
      const char *image = (const char *)source + n * image_bytes + group * j->source_group * bytes;
      char *to = (char *)result + (n * j->result[0] * j->result[1] * j->result_channels + j->result_begin +
                                   group * j->result_group) *
                                      bytes;
      for (ptrdiff_t row = g->row_begin; row < g->row_end; row += j->block)
        compute_block(j, row, smaller(row + j->block, g->row_end), image, end, to);
    }
  }
}
