#include "convolution.h"

#include "tiles.h"

#define CK_FAMILY "convolution.body.h"
#include "levels.h"

vocabulary ck_conv_speak(ck_level level, ck_dtype type) {
  static const rows_function rows[2][CK_LEVELS] = {CK_ALL_LEVELS(conv_rows, float), CK_ALL_LEVELS(conv_rows, double)};
  static const lay_function lay_rows[2][CK_LEVELS] = {
      CK_ALL_LEVELS(conv_lay_rows, float), CK_ALL_LEVELS(conv_lay_rows, double)};
  static const lay_function lay_columns[2][CK_LEVELS] = {
      CK_ALL_LEVELS(conv_lay_columns, float), CK_ALL_LEVELS(conv_lay_columns, double)};
  static const ptrdiff_t width[] = {CK_BYTES_base, CK_BYTES_v3, CK_BYTES_v4};
  static const ptrdiff_t vectors[] = {CK_VECTORS_base, CK_VECTORS_v3, CK_VECTORS_v4};
  const size_t bytes = type == CK_F64 ? sizeof(double) : sizeof(float);
  return (vocabulary){
      .bytes = bytes, .lanes = width[level] / (ptrdiff_t)bytes, .vectors = vectors[level], .rows = rows[type][level],
      .lay_rows = lay_rows[type][level], .lay_columns = lay_columns[type][level]};
}

const char *ck_conv_window(
    const window *w, size_t bytes, const char *x, const ptrdiff_t length[2], ptrdiff_t pixel, ptrdiff_t channels) {
  if (!w->copied) return x;
  const ptrdiff_t first = smaller(larger(-w->low[1], 0), w->count[1]);
  const ptrdiff_t last = larger(smaller(length[1] - w->low[1], w->count[1]), first);
  const size_t place = (size_t)channels * bytes;
  char *to = w->memory;
  for (ptrdiff_t h = w->low[0]; h < w->low[0] + w->count[0]; h++, to += (size_t)w->count[1] * place) {
    if (h < 0 || h >= length[0]) {
      memset(to, 0, (size_t)w->count[1] * place);
      continue;
    }
    memset(to, 0, (size_t)first * place);
    const char *from = x + (h * length[1] + w->low[1] + first) * pixel * (ptrdiff_t)bytes;
    char *place_to = to + (size_t)first * place;
    if (pixel == channels) {
      memcpy(place_to, from, (size_t)(last - first) * place);
    } else {
      for (ptrdiff_t i = first; i < last; i++, from += pixel * (ptrdiff_t)bytes, place_to += place)
        memcpy(place_to, from, place);
    }
    memset(to + (size_t)last * place, 0, (size_t)(w->count[1] - last) * place);
  }
  return w->memory;
}
