#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

ck_level level;

static FILE *output;
static char current[48];
static uint64_t state;
static void **memory;
static size_t pieces, room;

static uint64_t next(void) {
  // SplitMix64 (Steele, Lea and Flood 2014).
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

ptrdiff_t below(ptrdiff_t limit) { return (ptrdiff_t)(next() % (uint64_t)limit); }

size_t size_of(ck_dtype type) { return type == CK_BOOL ? 1 : type == CK_F32 || type == CK_I32 ? 4 : 8; }

void begin(const char *name) {
  while (pieces > 0) free(memory[--pieces]);
  snprintf(current, sizeof current, "%s", name);
  static uint64_t cases;
  state = ++cases << 32;
  for (const char *c = name; *c; c++) state = state * 131 + (unsigned char)*c;
}

static void *allocate(size_t bytes) {
  if (pieces == room) memory = realloc(memory, (room = 2 * room + 16) * sizeof *memory);
  // Not a byte more than asked for, so that AddressSanitizer sees the first one beyond.
  void *piece = malloc(bytes);
  if (!memory || (!piece && bytes > 0)) abort();
  return memory[pieces++] = piece;
}

static double number(ck_dtype type, drawing kind) {
  static const double special[] = {
      0, -0.0, 1, -1, 0.5, -2, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0, 0x1p-126, -0x1p-126, 0x1p-149, -0x1.8p-140, 0x1p-1022,
      -0x1p-1074, 0x1.fffffep127, -0x1.fffffep127, 0x1.fffffffffffffp1023, 0x1p31, -0x1p31, 0x1p63, -0x1p63, 88.7, -103.9,
      709.7, -745.1, 0.625, 0.88, 0x1p22, 1e-8, -0.999999,
  };
  const double unit = (double)(next() >> 11) * 0x1p-53;
  if (kind == WHOLE) return (double)(below(17) - 8);
  if (kind == POSITIVE) return 0.5 + unit;
  if (kind == MODERATE || below(3) == 0) return 8 * unit - 4;
  if (below(3) == 0) return special[below(sizeof special / sizeof *special)];
  // Any bits.
  uint64_t bits = next();
  double wide;
  float single;
  memcpy(&wide, &bits, sizeof wide);
  memcpy(&single, &bits, sizeof single);
  return type == CK_F32 ? (double)single : wide;
}

static int64_t integer(drawing kind) {
  static const int64_t special[] = {0, 1, -1, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX};
  if (kind == ANYTHING && below(4) == 0) return special[below(7)];
  if (kind == ANYTHING) return (int64_t)next();
  return kind == POSITIVE ? 1 + below(20) : below(17) - 8;
}

static void store(ck_dtype type, void *to, ptrdiff_t i, double real, int64_t whole) {
  switch (type) {
  case CK_F32: ((float *)to)[i] = (float)real; break;
  case CK_F64: ((double *)to)[i] = real; break;
  case CK_I32: ((int32_t *)to)[i] = (int32_t)whole; break;
  case CK_I64: ((int64_t *)to)[i] = whole; break;
  case CK_BOOL: ((uint8_t *)to)[i] = whole & 1; break;
  }
}

void *draw(ck_dtype type, ptrdiff_t n, drawing kind) {
  void *to = allocate((size_t)n * size_of(type));
  for (ptrdiff_t i = 0; i < n; i++) {
    if (type <= CK_F64) store(type, to, i, number(type, kind), 0);
    else store(type, to, i, 0, integer(kind));
  }
  return to;
}

void *draw_indices(ck_dtype type, ptrdiff_t n, int64_t limit) {
  void *to = allocate((size_t)n * size_of(type));
  for (ptrdiff_t i = 0; i < n; i++) store(type, to, i, 0, below(limit));
  return to;
}

void *blank(ck_dtype type, ptrdiff_t n) {
  void *to = allocate((size_t)n * size_of(type));
  for (ptrdiff_t i = 0; i < n; i++) store(type, to, i, -77, 1);
  return to;
}

void *scratch(size_t bytes) {
  static unsigned char filling;
  void *to = allocate(bytes);
  if (to) memset(to, filling += 37, bytes);
  return to;
}

void record(ck_dtype type, const void *results, ptrdiff_t n, agreement rule, double units) {
  heading h = {.type = (int32_t)type, .rule = (int32_t)rule, .units = units, .count = n};
  memcpy(h.name, current, sizeof h.name);
  fwrite(&h, sizeof h, 1, output);
  fwrite(results, size_of(type), (size_t)n, output);
}

int main(int count, char **arguments) {
  if (count == 4 && !strcmp(arguments[1], "compare")) return compare(arguments[2], arguments[3]) > 0;
  if (count == 2 && !strcmp(arguments[1], "levels")) {
    static const char *const names[CK_LEVELS] = {"base", "v3", "v4"};
    for (int l = 0; l < CK_LEVELS; l++)
      if (ck_level_supported((ck_level)l)) puts(names[l]);
    return 0;
  }
  if (count != 3 || strcmp(arguments[1], "run")) {
    fprintf(stderr, "usage: kernels levels | run FILE | compare FILE FILE; TRIBUTARY_ISA sets the level of a run\n");
    return 64;
  }
  output = fopen(arguments[2], "wb");
  if (!output) return perror(arguments[2]), 66;
  level = ck_current_level();
  elementwise_cases();
  reduction_cases();
  product_cases();
  image_cases();
  normalization_cases();
  rearrangement_cases();
  random_cases();
  fused_cases();
  begin("");
  free(memory);
  return fclose(output) == 0 ? 0 : 74;
}
