// The fused multiplication of transcendental.h, which the lowest level of x86-64 emulates, against the C library's fmaf.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

// Seen from levels.h.
#define CK_FAMILY "../../Tests/Kernels/fused.body.h"
#include "levels.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

enum { COUNT = 4096, ROUNDS = 64 };

static void (*const fused[CK_LEVELS])(ptrdiff_t, const float *, const float *, const float *, float *) =
    CK_ALL_LEVELS(fused, float);

static uint32_t bits_of(float x) {
  uint32_t b;
  memcpy(&b, &x, sizeof b);
  return b;
}

static float of_bits(uint32_t b) {
  float x;
  memcpy(&x, &b, sizeof x);
  return x;
}

static void expect(const float *a, const float *b, const float *c, const float *got, const float *want) {
  for (ptrdiff_t i = 0; i < COUNT; i++) {
    if (bits_of(got[i]) == bits_of(want[i]) || (isnan(got[i]) && isnan(want[i]))) continue;
    fprintf(stderr, "kernels: %a * %a + %a is %a, not %a\n", (double)a[i], (double)b[i], (double)c[i], (double)got[i],
            (double)want[i]);
    exit(70);
  }
}

/// The addends: any; near the product with the other sign, so that much cancels; far smaller than it, and the product of
/// few digits, so that the sum lies beside the middle of two floats.
static void aim(int kind, float *a, float *b, float *c) {
  for (ptrdiff_t i = 0; i < COUNT; i++) {
    if (kind == 1) c[i] = of_bits(bits_of(-(a[i] * b[i])) + (uint32_t)below(9) - 4);
    if (kind != 2) continue;
    a[i] = of_bits(bits_of(a[i]) & 0xfffff000u);
    b[i] = of_bits((bits_of(b[i]) & 0xffffe000u) | 0x00001000u);
    int exponent;
    frexpf(a[i] * b[i], &exponent);
    c[i] = ldexpf(c[i] > 0 ? 1.0f : -1.0f, exponent - 20 - (int)below(80));
  }
}

void fused_cases(void) {
  for (int round = 0; round < ROUNDS; round++) {
    begin("fused multiplication");
    float *a = draw(CK_F32, COUNT, round & 1 ? MODERATE : ANYTHING), *b = draw(CK_F32, COUNT, ANYTHING);
    float *c = draw(CK_F32, COUNT, round & 1 ? MODERATE : ANYTHING);
    float *y = blank(CK_F32, COUNT), *want = blank(CK_F32, COUNT);
    if (round % 4 == 3) b = draw(CK_F32, COUNT, MODERATE);
    aim(round % 3, a, b, c);
    for (ptrdiff_t i = 0; i < COUNT; i++) want[i] = fmaf(a[i], b[i], c[i]);
    fused[level](COUNT, a, b, c, y);
    expect(a, b, c, y, want);
    record(CK_F32, y, COUNT, SAME_BITS, 0);
#if defined(__x86_64__)
    // As in an executor, which flushes subnormals.
    const ck_level highest = ck_level_supported(CK_V3) ? CK_V3 : CK_BASE;
    const unsigned environment = _mm_getcsr();
    _mm_setcsr(environment | 0x8040);
    fused[highest](COUNT, a, b, c, want);
    fused[level](COUNT, a, b, c, y);
    _mm_setcsr(environment);
    expect(a, b, c, y, want);
#endif
  }
}
