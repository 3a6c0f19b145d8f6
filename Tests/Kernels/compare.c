#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

static double value_at(ck_dtype type, const void *results, int64_t i) {
  switch (type) {
  case CK_F32: return (double)((const float *)results)[i];
  case CK_F64: return ((const double *)results)[i];
  case CK_I32: return (double)((const int32_t *)results)[i];
  case CK_I64: return (double)((const int64_t *)results)[i];
  case CK_BOOL: return ((const uint8_t *)results)[i];
  }
  return 0;
}

/// The distance between neighbours of the element type at a number.
static double unit_at(ck_dtype type, double x) {
  const double least = type == CK_F32 ? 0x1p-149 : 0x1p-1074, part = type == CK_F32 ? 0x1p-23 : 0x1p-52;
  int exponent;
  frexp(x, &exponent);
  return fmax(ldexp(part, exponent - 1), least);
}

/// Whether element i agrees; NaNs do with each other.
static int agrees(const heading *h, const void *a, const void *b, int64_t i, double largest, double *distance) {
  const ck_dtype type = (ck_dtype)h->type;
  const size_t size = size_of(type);
  if (!memcmp((const char *)a + (size_t)i * size, (const char *)b + (size_t)i * size, size)) return 1;
  if (type > CK_F64) return 0;
  const double x = value_at(type, a, i), y = value_at(type, b, i);
  if (isnan(x) && isnan(y)) return 1;
  if (h->rule == SAME_BITS || !isfinite(x) || !isfinite(y)) return 0;
  *distance = fabs(x - y) / unit_at(type, h->rule == PRODUCT ? largest : fmax(fabs(x), fabs(y)));
  return *distance <= h->units;
}

static void *results_of(FILE *file, const heading *h) {
  const size_t size = size_of((ck_dtype)h->type), count = (size_t)h->count;
  void *results = malloc(count * size + 1);
  if (!results || fread(results, size, count, file) != count) {
    fprintf(stderr, "kernels: a file ends within the results of %s\n", h->name);
    exit(65);
  }
  return results;
}

int compare(const char *one, const char *other) {
  FILE *files[2] = {fopen(one, "rb"), fopen(other, "rb")};
  if (!files[0]) return perror(one), 1;
  if (!files[1]) return perror(other), 1;
  int differing = 0, records = 0, exact = 0;
  long long elements = 0;
  double worst[3] = {0};
  heading a, b;
  while (fread(&a, sizeof a, 1, files[0]) == 1) {
    if (fread(&b, sizeof b, 1, files[1]) != 1 || memcmp(&a, &b, sizeof a)) {
      printf("%s: not the same records in both files\n", a.name);
      return 1;
    }
    void *x = results_of(files[0], &a), *y = results_of(files[1], &b);
    double largest = 0;
    for (int64_t i = 0; i < a.count; i++) {
      const double v = fabs(value_at((ck_dtype)a.type, x, i));
      if (isfinite(v) && v > largest) largest = v;
    }
    int64_t wrong = 0, first = -1;
    double most = 0;
    for (int64_t i = 0; i < a.count; i++) {
      double distance = 0;
      if (!agrees(&a, x, y, i, largest, &distance)) {
        if (wrong++ == 0) first = i;
      }
      if (distance > most) most = distance;
    }
    if (most > worst[a.rule]) worst[a.rule] = most;
    if (wrong > 0) {
      printf(
          "%s, type %d: %lld of %lld results differ, by up to %.1f units; result %lld is %.17g and %.17g\n", a.name, a.type,
          (long long)wrong, (long long)a.count, most, (long long)first, value_at((ck_dtype)a.type, x, first),
          value_at((ck_dtype)a.type, y, first));
      differing++;
    }
    exact += a.rule == SAME_BITS;
    records++;
    elements += a.count;
    free(x);
    free(y);
  }
  if (records == 0 || fread(&b, sizeof b, 1, files[1]) == 1) {
    printf("not the same records in both files\n");
    differing++;
  }
  printf(
      "%d records, %lld results: %d of the same bits, the C library's functions within %.1f units, products within %.1f\n",
      records, elements, exact, worst[LIBRARY], worst[PRODUCT]);
  fclose(files[0]);
  fclose(files[1]);
  return differing;
}
