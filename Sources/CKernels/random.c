// Counter-based random numbers. Own elementary functions and no contraction, so that a seed gives the same bits on
// every machine: the C library's depend on the processor.

#include "ck_random.h"

#include <string.h>

#pragma clang fp contract(off)

void ck_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t words[4]) {
  uint32_t x[4], k0 = key[0], k1 = key[1];
  memcpy(x, counter, sizeof x);
  for (int round = 0; round < 10; round++) {
    const uint64_t first = (uint64_t)x[0] * 0xd2511f53u, second = (uint64_t)x[2] * 0xcd9e8d57u;
    const uint32_t y[4] = {
        (uint32_t)(second >> 32) ^ x[1] ^ k0, (uint32_t)second, (uint32_t)(first >> 32) ^ x[3] ^ k1, (uint32_t)first};
    memcpy(x, y, sizeof x);
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  memcpy(words, x, sizeof x);
}

/// The two numbers of 0 ..< 1 at a pair of elements.
static void pair(const uint32_t key[2], uint64_t stream, uint64_t index, double u[2]) {
  const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
  uint32_t w[4];
  ck_philox(key, counter, w);
  for (int i = 0; i < 2; i++) u[i] = (double)(((uint64_t)w[2 * i + 1] << 32 | w[2 * i]) >> 11) * 0x1p-53;
}

/// log x for 0 < x ≤ 1 and normal: 2·artanh of (m - 1) / (m + 1), m the mantissa in √½ ..< √2.
static double logarithm(double x) {
  uint64_t b;
  memcpy(&b, &x, sizeof b);
  const uint64_t shifted = b - 0x3fe6a09e667f3bcdu;
  const double e = (double)((int64_t)shifted >> 52);
  b = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  double m;
  memcpy(&m, &b, sizeof m);
  const double s = (m - 1) / (m + 1), q = s * s;
  double t = 0;
  for (int k = 23; k >= 3; k -= 2) t = (t + 1.0 / k) * q;
  return 2 * (s + s * t) + e * 0.69314718055994531;
}

/// Cosine and sine of a turn's fraction 0 ≤ t < 1: power series within an eighth of a turn, then quadrants.
static void circle(double t, double *cosine, double *sine) {
  const int quadrant = (int)(4 * t + 0.5);
  const double a = (t - quadrant * 0.25) * 6.2831853071795865, z = a * a;
  double c = 1, s = 1;
  for (int k = 18; k >= 2; k -= 2) {
    c = 1 - c * z / (k * (k - 1));
    s = 1 - s * z / (k * (k + 1));
  }
  s = s * a;
  switch (quadrant & 3) {
  case 0: *cosine = c, *sine = s; break;
  case 1: *cosine = -s, *sine = c; break;
  case 2: *cosine = -c, *sine = -s; break;
  default: *cosine = s, *sine = -c; break;
  }
}

void ck_random_uniform(const uint32_t key[2], uint64_t stream, uint64_t first, size_t count, double *values) {
  double u[2] = {0, 0};
  for (size_t i = 0; i < count; i++) {
    const uint64_t index = first + i;
    if (i == 0 || index % 2 == 0) pair(key, stream, index / 2, u);
    values[i] = u[index % 2];
  }
}

// Box and Muller (1958): two elements share a radius and a turn.
void ck_random_normal(const uint32_t key[2], uint64_t stream, uint64_t first, size_t count, double *values) {
  double z[2] = {0, 0};
  for (size_t i = 0; i < count; i++) {
    const uint64_t index = first + i;
    if (i == 0 || index % 2 == 0) {
      double u[2];
      pair(key, stream, index / 2, u);
      // 1 - u lies in 0 < … ≤ 1, so that the logarithm is finite.
      const double radius = __builtin_sqrt(-2 * logarithm(1 - u[0]));
      circle(u[1], &z[0], &z[1]);
      z[0] = radius * z[0];
      z[1] = radius * z[1];
    }
    values[i] = z[index % 2];
  }
}
