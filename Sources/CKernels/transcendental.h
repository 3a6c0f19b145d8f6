// Transcendental functions of one number, at the level being compiled. Those of float are straight-line code that
// vectorises: Cody and Waite's range reduction and polynomials fitted for this library (least largest relative error,
// by Lawson's iteration). Without library calls, and with fused multiplication only where the result is exact and other
// levels find it in double, hence the same bits at every level.
// Error bounds, tested: 2 ulp for exp, log, tanh, sigmoid, erf, sin, cos; 4 ulp for the others of float. Functions that
// are monotone stay so. Those of double are the C library's.

#define CK_FLOAT_FUNCTION(name) static inline __attribute__((always_inline)) float M(name, float)
#define CK_DOUBLE_FUNCTION(name) static inline __attribute__((always_inline)) double M(name, double)

static inline __attribute__((always_inline)) uint32_t CK(bits)(float x) {
  uint32_t b;
  memcpy(&b, &x, sizeof b);
  return b;
}

static inline __attribute__((always_inline)) float CK(from_bits)(uint32_t b) {
  float x;
  memcpy(&x, &b, sizeof x);
  return x;
}

static inline __attribute__((always_inline)) float CK(magnitude)(float x) { return CK(from_bits)(CK(bits)(x) & 0x7fffffffu); }

/// `magnitude` with the sign of `sign`.
static inline __attribute__((always_inline)) float CK(signed_as)(float magnitude, float sign) {
  return CK(from_bits)(CK(bits)(magnitude) | (CK(bits)(sign) & 0x80000000u));
}

/// 2^k for -126 ≤ k ≤ 127.
static inline __attribute__((always_inline)) float CK(power_of_two)(int32_t k) { return CK(from_bits)((uint32_t)(k + 127) << 23); }

/// c - a·b where a float holds that exactly: the remainder of a quotient, the rounding error of a product.
static inline __attribute__((always_inline)) float CK(exact_rest)(float c, float a, float b) {
#if CK_FUSED
  return __builtin_fmaf(-a, b, c);
#else
  return (float)((double)c - (double)a * (double)b);
#endif
}

// x = k·log 2 + r + lost, with k the integer nearest to x·log2(e), returned: adding 1.5·2^23 rounds. `lost` is what
// the rounding of r left over.
static inline __attribute__((always_inline)) int32_t CK(reduce_exponent)(float x, float *r, float *lost) {
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float k = shifted - 12582912.0f;
  const float high = x - k * 0.693359375f, low = k * -2.12194440e-4f;
  *r = high - low;
  *lost = (high - *r) - low;
  return (int32_t)(CK(bits)(shifted) - 0x4b400000u);
}

CK_FLOAT_FUNCTION(exp)(float x) {
  // Beyond these bounds the result is infinite or zero; a NaN passes through.
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  float r, lost;
  const int32_t k = CK(reduce_exponent)(x, &r, &lost);
  float p = 1.395296771e-3f;
  p = p * r + 8.370322175e-3f;
  p = p * r + 4.166616872e-2f;
  p = p * r + 1.666650623e-1f;
  p = p * r + 0.5f;
  const float y = 1.0f + (r + (r * r * p + lost));
  // In two steps, since 2^k alone may overflow or be subnormal where the result is not.
  const int32_t half = k >> 1;
  return y * CK(power_of_two)(half) * CK(power_of_two)(k - half);
}

CK_FLOAT_FUNCTION(expm1)(float x) {
  const float limited = x > 89.0f ? 89.0f : x < -18.0f ? -18.0f : x;
  float r, lost;
  const int32_t k = CK(reduce_exponent)(limited, &r, &lost);
  float p = 1.991562312e-4f;
  p = p * r + 1.394314109e-3f;
  p = p * r + 8.333270438e-3f;
  p = p * r + 4.166632891e-2f;
  p = p * r + 1.666666716e-1f;
  p = p * r + 0.5f;
  const float q = r + (r * r * p + lost);
  // 2^k·q + 2^k - 1, halved since 2^128 is no float.
  const float s = CK(power_of_two)(k - 1);
  // Of -0 it is -0.
  return CK(signed_as)(k == 0 ? q : 2.0f * (s * q + (s - 0.5f)), x);
}

/// x = 2^e·(1 + f) with a mantissa in √½ ..< √2, so that near 1 the exponent is 0 and nothing cancels.
/// Returns log x - (f + e·0.693359375).
static inline __attribute__((always_inline)) float CK(reduce_logarithm)(float x, float *f, float *e) {
  const int subnormal = x < 1.17549435e-38f;
  const float scaled = subnormal ? x * 8388608.0f : x;
  const uint32_t shifted = CK(bits)(scaled) - 0x3f3504f3u;
  *e = (float)((int32_t)shifted >> 23) - (subnormal ? 23.0f : 0.0f);
  *f = CK(from_bits)((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  float p = 6.915107369e-2f;
  p = p * *f + -1.179384440e-1f;
  p = p * *f + 1.187516376e-1f;
  p = p * *f + -1.238384843e-1f;
  p = p * *f + 1.421831995e-1f;
  p = p * *f + -1.666926742e-1f;
  p = p * *f + 2.000224292e-1f;
  p = p * *f + -2.499998659e-1f;
  p = p * *f + 3.333331048e-1f;
  const float square = *f * *f;
  const float y = *f * square * p + *e * -2.12194440e-4f;
  return y - 0.5f * square;
}

CK_FLOAT_FUNCTION(log)(float x) {
  float f, e;
  const float rest = CK(reduce_logarithm)(x, &f, &e);
  float y = (f + rest) + e * 0.693359375f;
  y = x == INFINITY ? x : y;
  y = x == 0.0f ? -INFINITY : y;
  return x >= 0.0f ? y : NAN;
}

CK_FLOAT_FUNCTION(log1p)(float x) {
  const float u = 1.0f + x;
  // What the rounding of 1 + x lost, to first order; added before the last rounding, so that the result is monotone.
  const float lost = (x - (u - 1.0f)) / u;
  float f, e;
  const float rest = CK(reduce_logarithm)(u, &f, &e);
  float y = (f + (rest + lost)) + e * 0.693359375f;
  y = x == INFINITY || x == 0.0f ? x : y;
  y = x == -1.0f ? -INFINITY : y;
  return x >= -1.0f ? y : NAN;
}

CK_FLOAT_FUNCTION(tanh)(float x) {
  const float a = CK(magnitude)(x);
  const float z = x * x;
  float p = -5.603894126e-3f;
  p = p * z + 2.055169828e-2f;
  p = p * z + -5.371410027e-2f;
  p = p * z + 1.333115250e-1f;
  p = p * z + -3.333327174e-1f;
  const float small = a + a * z * p, large = 1.0f - 2.0f / (M(exp, float)(2.0f * a) + 1.0f);
  return x != x ? x : CK(signed_as)(a < 0.625f ? small : large, x);
}

/// 1 / (1 + exp(-x)) from z = exp(-|x|).
static inline __attribute__((always_inline)) float CK(logistic)(float x, float z) {
  const float sum = 1.0f + z, lost = z - (sum - 1.0f);
  const float y = (x < 0.0f ? z : 1.0f) / sum;
  // From 0 on the roundings of 1 + z and of the quotient keep the order. Below, the quotient is corrected by its
  // remainder; rounded once, it keeps the order of the exponentials.
  const float remainder = CK(exact_rest)(z, y, sum) - y * lost;
  return x < 0.0f ? y + remainder * (1.0f - y) : y;
}

CK_FLOAT_FUNCTION(sigmoid)(float x) { return CK(logistic)(x, M(exp, float)(-CK(magnitude)(x))); }

/// limited·y·exp(-32) where `shifted`. Of products with x the exponential may be too small for a float where they are
/// not; below -64 it is computed for an exponent that is larger by 32.
static inline __attribute__((always_inline)) float CK(shifted_back)(float limited, float y, int shifted) {
  return limited * y * (shifted ? 1.26641655e-14f : 1.0f);
}

CK_FLOAT_FUNCTION(silu)(float x) {
  // The limit at -∞ is 0.
  const float limited = x < -200.0f ? -200.0f : x;
  const int shifted = limited < -64.0f;
  const float z = M(exp, float)((shifted ? 32.0f : 0.0f) - CK(magnitude)(limited));
  return CK(shifted_back)(limited, CK(logistic)(limited, z), shifted);
}

CK_FLOAT_FUNCTION(softplus)(float x) {
  const float z = M(log1p, float)(M(exp, float)(x));
  return x > 17.0f ? x : z;
}

/// exp(w) for w ≤ 0 of more digits than a float holds is the result times 1 + low.
static inline __attribute__((always_inline)) float CK(exp_of_wide)(double w, double *low) {
  w = w < -200.0 ? -200.0 : w;
  const float high = (float)w;
  *low = w - (double)high;
  return M(exp, float)(high);
}

/// exp(t²)·erfc(t) for t > 0.48 is u·(0.4216127396 + v·W(v)) with u = 1 / (1 + 0.4·t) and v = u - ½: W(v).
static inline __attribute__((always_inline)) float CK(erfc_polynomial)(float v) {
  float w = 6.022428349e-2f;
  w = w * v + 2.003413439e-2f;
  w = w * v + -1.222369000e-1f;
  w = w * v + -1.072392315e-1f;
  w = w * v + 1.814694554e-1f;
  w = w * v + 5.479979515e-1f;
  w = w * v + 7.262632251e-1f;
  return w * v + 6.437215209e-1f;
}

/// erf x for |x| < 0.92. Up to 0.88 it is monotone after rounding. The parts of very small results would be flushed to
/// zero where they are not.
static inline __attribute__((always_inline)) float CK(erf_small)(float x) {
  const float z = x * x;
  float p = 8.345221431e-5f;
  p = p * z + -8.137436816e-4f;
  p = p * z + 5.200634245e-3f;
  p = p * z + -2.685927041e-2f;
  p = p * z + 1.128369421e-1f;
  p = p * z + -3.761263490e-1f;
  p = p * z + 1.28379167e-1f;
  return CK(magnitude)(x) < 1e-30f ? x * 1.12837917f : x + x * p;
}

CK_FLOAT_FUNCTION(erf)(float x) {
  const float a = CK(magnitude)(x);
  const float u = 1.0f / (1.0f + 0.4f * a), v = u - 0.5f;
  const float complement = M(exp, float)(-(a * a)) * (u * (CK(erfc_polynomial)(v) * v + 4.216127396e-1f));
  const float large = CK(signed_as)(1.0f - complement, x);
  return a < 0.88f ? CK(erf_small)(x) : x != x ? x : large;
}

/// x·Φ(x), Φ the normal distribution function: from erf near 0, from its complement elsewhere. The exponent of that,
/// ½x², is kept in two floats, since its rounding would be multiplied by its size. What the rounding of u leaves over is
/// put back to first order: the logarithm of erfc's factor changes about 1 + 1.8·u times as fast as that of u.
CK_FLOAT_FUNCTION(gelu)(float x) {
  const float limited = x < -20.0f ? -20.0f : x;
  const float a = CK(magnitude)(limited > 20.0f ? 20.0f : limited);
  const float square = a * a, low = CK(exact_rest)(square, a, a);
  // 0.4 / √2 in two floats, times a, plus 1, in two floats again.
  const float product = a * 0.282842726f;
  const float beside = a * -1.30407466e-8f - CK(exact_rest)(product, a, 0.282842726f);
  const float sum = 1.0f + product, part = sum - 1.0f;
  const float lost = (1.0f - (sum - part)) + (product - part) + beside;
  const float u = 1.0f / sum, v = u - 0.5f;
  const float left = CK(exact_rest)(1.0f, u, sum) - u * lost;
  // ½a times erfc's factor; the roundings of the sum and of both products are put back as well.
  const float slope = CK(erfc_polynomial)(v) * v, height = slope + 4.216127396e-1f;
  const float half = 0.5f * a, factor = u * height, weight = half * factor;
  const float rest = u * (slope - (height - 4.216127396e-1f)) - CK(exact_rest)(factor, u, height);
  const float correction = 0.5f * low + (1.0f + 1.8f * u) * left;
  const float whole = weight + (weight * correction + (half * rest - CK(exact_rest)(weight, half, factor)));
  // No part of a normal result is subnormal.
  const float tail = M(exp, float)(-0.5f * square) * whole;
  const float far = limited < 0.0f ? -tail : limited - tail;
  const float t = limited * 0.707106781f;
  return a < 0.707f ? limited * (0.5f + 0.5f * CK(erf_small)(t)) : x != x ? x : far;
}

/// x·(1 + tanh(u)) / 2 = x·sigmoid(2u) with u = √(2/π)·(x + 0.044715·x³), in double for the same reason.
CK_FLOAT_FUNCTION(gelu_tanh)(float x) {
  const float limited = x < -20.0f ? -20.0f : x;
  const double magnitude = (double)CK(magnitude)(limited);
  const double w = -1.5957691216057308 * magnitude * (1.0 + 0.044715 * (magnitude * magnitude));
  const int shifted = limited < 0.0f && w < -64.0;
  double low;
  const float power = CK(exp_of_wide)(w + (shifted ? 32.0 : 0.0), &low);
  return CK(shifted_back)(limited, CK(logistic)(limited, power + power * (float)low), shifted);
}

CK_FLOAT_FUNCTION(sin_in_range)(float x) { return !(CK(magnitude)(x) > 4194304.0f); }

// sin(x + quadrant·π/2). The reduction is in double: its first constant has 31 bits, so that k times it is exact.
static inline __attribute__((always_inline)) float CK(sine)(float x, uint32_t quadrant) {
  const double shifted = (double)x * 0.63661977236758138 + 6755399441055744.0;
  const double k = shifted - 6755399441055744.0;
  const float r = (float)(((double)x - k * 1.5707963258028030) - k * 9.920935796805404e-10);
  uint64_t b;
  memcpy(&b, &shifted, sizeof b);
  const uint32_t q = (uint32_t)b + quadrant;
  const float z = r * r;
  const float s = r + r * z * ((-1.951665326e-4f * z + 8.332173340e-3f) * z + -1.666665524e-1f);
  const float c = (1.0f - 0.5f * z) + z * z * ((2.443772610e-5f * z + -1.388736186e-3f) * z + 4.166664556e-2f);
  return CK(from_bits)(CK(bits)(q & 1 ? c : s) ^ ((q & 2) << 30));
}

/// By its magnitude, so that of -0 it is -0.
CK_FLOAT_FUNCTION(sin)(float x) {
  return CK(from_bits)(CK(bits)(CK(sine)(CK(magnitude)(x), 0)) ^ (CK(bits)(x) & 0x80000000u));
}
CK_FLOAT_FUNCTION(cos)(float x) { return CK(sine)(x, 1); }
CK_FLOAT_FUNCTION(sin_any)(float x) { return (float)sin((double)x); }
CK_FLOAT_FUNCTION(cos_any)(float x) { return (float)cos((double)x); }

/// x to the power z with C's special values: 2^(z·log2 x), computed in double by power series.
CK_FLOAT_FUNCTION(pow)(float x, float z) {
  const double a = (double)CK(magnitude)(x), y = (double)z;
  uint64_t b;
  memcpy(&b, &a, sizeof b);
  const uint64_t shifted = b - 0x3fe6a09e667f3bcdu;
  const double e = (double)(int32_t)((int64_t)(shifted & 0xfff0000000000000u) >> 52);
  const uint64_t mantissa = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  double m;
  memcpy(&m, &mantissa, sizeof m);
  // log m = 2·artanh s
  const double s = (m - 1.0) / (m + 1.0), q = s * s;
  double t = 1.0 / 19;
  t = t * q + 1.0 / 17;
  t = t * q + 1.0 / 15;
  t = t * q + 1.0 / 13;
  t = t * q + 1.0 / 11;
  t = t * q + 1.0 / 9;
  t = t * q + 1.0 / 7;
  t = t * q + 1.0 / 5;
  t = t * q + 1.0 / 3;
  double log2 = e + (s + s * q * t) * 2.8853900817779268;
  log2 = a == 0.0 ? -INFINITY : a == INFINITY ? INFINITY : log2;
  double w = y * log2;
  w = w > 200.0 ? 200.0 : w < -200.0 ? -200.0 : w;
  const double rounded = w + 6755399441055744.0;
  const double f = (w - (rounded - 6755399441055744.0)) * 0.69314718055994531;
  double p = 1.0 / 3628800;
  p = p * f + 1.0 / 362880;
  p = p * f + 1.0 / 40320;
  p = p * f + 1.0 / 5040;
  p = p * f + 1.0 / 720;
  p = p * f + 1.0 / 120;
  p = p * f + 1.0 / 24;
  p = p * f + 1.0 / 6;
  p = p * f + 0.5;
  p = p * f + 1.0;
  p = p * f + 1.0;
  uint64_t k;
  memcpy(&k, &rounded, sizeof k);
  const uint64_t scaleBits = (k + 1023) << 52;
  double scale;
  memcpy(&scale, &scaleBits, sizeof scale);
  float result = (float)(p * scale);
  // Floats of 2^24 and more are even integers; ±∞ count as such.
  const float magnitude = CK(magnitude)(z);
  const float nearest = magnitude < 8388608.0f ? (magnitude + 8388608.0f) - 8388608.0f : magnitude;
  const int integral = nearest == magnitude;
  const float halved = magnitude * 0.5f;
  const float nearestHalf = halved < 8388608.0f ? (halved + 8388608.0f) - 8388608.0f : halved;
  const int odd = integral && nearestHalf != halved;
  const int negative = (CK(bits)(x) >> 31) != 0;
  result = negative && odd ? -result : result;
  result = x < 0.0f && x > -INFINITY && !integral ? NAN : result;
  result = x != x || z != z ? NAN : result;
  result = x == -1.0f && magnitude == INFINITY ? 1.0f : result;
  return x == 1.0f || z == 0.0f ? 1.0f : result;
}

CK_DOUBLE_FUNCTION(exp)(double x) { return exp(x); }
CK_DOUBLE_FUNCTION(expm1)(double x) { return expm1(x); }
CK_DOUBLE_FUNCTION(log)(double x) { return log(x); }
CK_DOUBLE_FUNCTION(log1p)(double x) { return log1p(x); }
CK_DOUBLE_FUNCTION(tanh)(double x) { return tanh(x); }
CK_DOUBLE_FUNCTION(erf)(double x) { return erf(x); }
CK_DOUBLE_FUNCTION(sin_in_range)(double x) { return x == x; }
CK_DOUBLE_FUNCTION(sin)(double x) { return sin(x); }
CK_DOUBLE_FUNCTION(cos)(double x) { return cos(x); }
CK_DOUBLE_FUNCTION(sin_any)(double x) { return sin(x); }
CK_DOUBLE_FUNCTION(cos_any)(double x) { return cos(x); }
CK_DOUBLE_FUNCTION(pow)(double x, double z) { return pow(x, z); }

CK_DOUBLE_FUNCTION(sigmoid)(double x) {
  const double z = exp(-fabs(x));
  return (x < 0.0 ? z : 1.0) / (1.0 + z);
}

CK_DOUBLE_FUNCTION(silu)(double x) {
  const double limited = x < -1000.0 ? -1000.0 : x;
  return limited * M(sigmoid, double)(limited);
}

CK_DOUBLE_FUNCTION(softplus)(double x) {
  const double z = log1p(exp(-fabs(x)));
  return x > 0.0 ? x + z : x != x ? x : z;
}

CK_DOUBLE_FUNCTION(gelu)(double x) {
  const double limited = x < -50.0 ? -50.0 : x;
  return limited * (0.5 * erfc(limited * -0.70710678118654752));
}

CK_DOUBLE_FUNCTION(gelu_tanh)(double x) {
  const double limited = x < -50.0 ? -50.0 : x;
  const double u = limited * (1.0 + 0.044715 * (limited * limited));
  return limited * M(sigmoid, double)(1.5957691216057308 * u);
}

#undef CK_FLOAT_FUNCTION
#undef CK_DOUBLE_FUNCTION
