// Transcendental functions of one number, at the level being compiled. Those of float are straight-line code that
// vectorises: Cody and Waite's range reduction and polynomials fitted for this library (least largest relative error,
// by Lawson's iteration). Without library calls, and with the same fused multiplications at every level, hence the same
// bits; the base level of x86-64 has to emulate each of them in double, which makes it five to twenty times slower.
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

/// a·b + c rounded once. Where the level has no such instruction: of floats the product is exact in double; the sum is
/// rounded there to odd, which keeps what decides the second rounding (Boldo and Melquiond 2008, "Emulation of a FMA and
/// correctly rounded sums: proved algorithms using rounding to odd"). Bits are equal, flushed subnormals included.
static inline __attribute__((always_inline)) float CK(fma)(float a, float b, float c) {
#if CK_FUSED
  return __builtin_fmaf(a, b, c);
#else
  const double product = (double)a * (double)b, addend = (double)c, sum = product + addend;
  // What the sum lost (Knuth's two-sum), not a number where the sum is not finite.
  const double part = sum - product;
  const double lost = (product - (sum - part)) + (addend - part);
  uint64_t bits, direction;
  memcpy(&bits, &sum, sizeof bits);
  memcpy(&direction, &lost, sizeof direction);
  const uint64_t inexact = -(uint64_t)(__builtin_fabs(lost) > 0.0);
  // Back to the lower magnitude, and odd.
  bits -= (bits ^ direction) >> 63 & inexact;
  bits |= inexact & 1;
  double odd;
  memcpy(&odd, &bits, sizeof odd);
  return (float)odd;
#endif
}

// x = k·log 2 + r, with k the integer nearest to x·log2(e): adding 1.5·2^23 rounds. Gives bits that end in k + bias, to
// be put where a float has its exponent.
static inline __attribute__((always_inline)) uint32_t CK(reduce_exponent)(float x, float bias, float *r) {
  const float round = 12582912.0f + bias;
  const float shifted = CK(fma)(x, 1.44269504f, round);
  const float k = shifted - round;
  // The first constant is log 2 rounded; of x and k times it an exact difference is left.
  *r = CK(fma)(k, 1.90465421e-9f, CK(fma)(k, -0.693147182f, x));
  return CK(bits)(shifted);
}

/// 2^(b - 127) for bits that end in 0 < b < 255 as those of `reduce_exponent`.
static inline __attribute__((always_inline)) float CK(power_of_two)(uint32_t b) { return CK(from_bits)(b << 23); }

/// exp r - 1 for |r| ≤ ½·log 2.
static inline __attribute__((always_inline)) float CK(exp_polynomial)(float r) {
  float p = 1.395296771e-3f;
  p = CK(fma)(p, r, 8.370322175e-3f);
  p = CK(fma)(p, r, 4.166616872e-2f);
  p = CK(fma)(p, r, 1.666650623e-1f);
  p = CK(fma)(p, r, 0.5f);
  return CK(fma)(r * r, p, r);
}

CK_FLOAT_FUNCTION(exp)(float x) {
  // Beyond these bounds the result is infinite or zero; a NaN passes through.
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  float r;
  const uint32_t b = CK(reduce_exponent)(x, 254.0f, &r);
  // In two steps, since 2^k alone may overflow or be subnormal where the result is not.
  const float s = CK(power_of_two)(b >> 1);
  return CK(fma)(s, CK(exp_polynomial)(r), s) * CK(power_of_two)(b - (b >> 1));
}

CK_FLOAT_FUNCTION(expm1)(float x) {
  const float limited = x > 89.0f ? 89.0f : x < -18.0f ? -18.0f : x;
  float r;
  const uint32_t b = CK(reduce_exponent)(limited, 126.0f, &r);
  float p = 1.991562312e-4f;
  p = CK(fma)(p, r, 1.394314109e-3f);
  p = CK(fma)(p, r, 8.333270438e-3f);
  p = CK(fma)(p, r, 4.166632891e-2f);
  p = CK(fma)(p, r, 1.666666716e-1f);
  p = CK(fma)(p, r, 0.5f);
  const float q = CK(fma)(r * r, p, r);
  // 2^k·q + 2^k - 1, halved since 2^128 is no float.
  const float s = CK(power_of_two)(b);
  // Of -0 it is -0.
  return CK(signed_as)(s == 0.5f ? q : 2.0f * CK(fma)(s, q, s - 0.5f), x);
}

/// x = 2^e·(1 + f) with a mantissa in √½ ..< √2, so that near 1 the exponent is 0 and nothing cancels.
/// Returns log x - (f + e·0.693147182).
static inline __attribute__((always_inline)) float CK(reduce_logarithm)(float x, float *f, float *e) {
  const int subnormal = x < 1.17549435e-38f;
  const float scaled = subnormal ? x * 8388608.0f : x;
  const uint32_t shifted = CK(bits)(scaled) - 0x3f3504f3u;
  *e = (float)((int32_t)shifted >> 23) - (subnormal ? 23.0f : 0.0f);
  *f = CK(from_bits)((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  float p = 6.915107369e-2f;
  p = CK(fma)(p, *f, -1.179384440e-1f);
  p = CK(fma)(p, *f, 1.187516376e-1f);
  p = CK(fma)(p, *f, -1.238384843e-1f);
  p = CK(fma)(p, *f, 1.421831995e-1f);
  p = CK(fma)(p, *f, -1.666926742e-1f);
  p = CK(fma)(p, *f, 2.000224292e-1f);
  p = CK(fma)(p, *f, -2.499998659e-1f);
  p = CK(fma)(p, *f, 3.333331048e-1f);
  const float square = *f * *f;
  return CK(fma)(*f * square, p, CK(fma)(square, -0.5f, *e * -1.90465421e-9f));
}

CK_FLOAT_FUNCTION(log)(float x) {
  float f, e;
  const float rest = CK(reduce_logarithm)(x, &f, &e);
  float y = CK(fma)(e, 0.693147182f, f + rest);
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
  float y = CK(fma)(e, 0.693147182f, f + (rest + lost));
  y = x == INFINITY || x == 0.0f ? x : y;
  y = x == -1.0f ? -INFINITY : y;
  return x >= -1.0f ? y : NAN;
}

CK_FLOAT_FUNCTION(tanh)(float x) {
  const float a = CK(magnitude)(x);
  const float z = x * x;
  float p = -5.603894126e-3f;
  p = CK(fma)(p, z, 2.055169828e-2f);
  p = CK(fma)(p, z, -5.371410027e-2f);
  p = CK(fma)(p, z, 1.333115250e-1f);
  p = CK(fma)(p, z, -3.333327174e-1f);
  // 1 - 2 / (exp(2a) + 1)
  float r;
  const float doubled = a > 10.0f ? 20.0f : 2.0f * a;
  const float s = CK(power_of_two)(CK(reduce_exponent)(doubled, 127.0f, &r));
  const float large = 1.0f - 2.0f / CK(fma)(s, CK(exp_polynomial)(r), 1.0f + s);
  return CK(signed_as)(a < 0.625f ? CK(fma)(a * z, p, a) : large, x);
}

/// 2^-32·(1 + exp(w + low)) for -25 ≤ w ≤ 110, where the exponential alone may be infinite. Never decreasing in w. What
/// 1 + 2^k loses is added first, so that the sum is rounded little more than once.
static inline __attribute__((always_inline)) float CK(scaled_denominator)(float w, float low) {
  float r;
  const float one = 0x1p-32f, s = CK(power_of_two)(CK(reduce_exponent)(w, 95.0f, &r));
  const float sum = s + one, lost = one - (sum - s);
  return CK(fma)(s, CK(exp_polynomial)(r + low), lost) + sum;
}

// Nothing is added by -0.
CK_FLOAT_FUNCTION(sigmoid)(float x) {
  const float limited = x > 25.0f ? 25.0f : x < -104.0f ? -104.0f : x;
  return 0x1p-32f / CK(scaled_denominator)(-limited, -0.0f);
}

/// x·sigmoid(-w - low), within the bounds of `scaled_denominator`. Scaled last, so that of a normal result no part is
/// subnormal.
static inline __attribute__((always_inline)) float CK(gated)(float x, float w, float low) {
  return x / CK(scaled_denominator)(w, low) * 0x1p-32f;
}

CK_FLOAT_FUNCTION(silu)(float x) {
  // The limit at -∞ is 0.
  const float limited = x > 25.0f ? 25.0f : x < -109.0f ? -109.0f : x;
  const float y = CK(gated)(limited, -limited, -0.0f);
  return x > 25.0f ? x : y;
}

CK_FLOAT_FUNCTION(softplus)(float x) {
  const float z = M(log1p, float)(M(exp, float)(x));
  return x > 17.0f ? x : z;
}

CK_FLOAT_FUNCTION(erf)(float x) {
  const float a = CK(magnitude)(x), z = x * x;
  // Up to 0.88 it is monotone after rounding. The parts of very small results would be flushed to zero where they are not.
  float p = 8.345221431e-5f;
  p = CK(fma)(p, z, -8.137436816e-4f);
  p = CK(fma)(p, z, 5.200634245e-3f);
  p = CK(fma)(p, z, -2.685927041e-2f);
  p = CK(fma)(p, z, 1.128369421e-1f);
  p = CK(fma)(p, z, -3.761263490e-1f);
  p = CK(fma)(p, z, 1.28379167e-1f);
  const float small = a < 1e-30f ? x * 1.12837917f : CK(fma)(x, p, x);
  // exp(t²)·erfc(t) for t > 0.48 is u·(0.4216127396 + v·W(v)) with u = 1 / (1 + 0.4·t) and v = u - ½.
  const float u = 1.0f / CK(fma)(a, 0.4f, 1.0f), v = u - 0.5f;
  float w = 6.022428349e-2f;
  w = CK(fma)(w, v, 2.003413439e-2f);
  w = CK(fma)(w, v, -1.222369000e-1f);
  w = CK(fma)(w, v, -1.072392315e-1f);
  w = CK(fma)(w, v, 1.814694554e-1f);
  w = CK(fma)(w, v, 5.479979515e-1f);
  w = CK(fma)(w, v, 7.262632251e-1f);
  w = CK(fma)(w, v, 6.437215209e-1f);
  w = CK(fma)(w, v, 4.216127396e-1f);
  const float large = CK(fma)(-M(exp, float)(-(a * a)), u * w, 1.0f);
  return a < 0.88f ? small : CK(signed_as)(large, x);
}

/// x·Φ(x), Φ the normal distribution function: max(x, 0) - a·exp(-½a²)·h(a) with a = |x| and h(a) = exp(½a²)·Φ(-a), a
/// quotient of polynomials without a negative coefficient, so that nothing cancels in it. Of the exponent, what the
/// rounding of a² lost is kept, since its size would multiply it.
CK_FLOAT_FUNCTION(gelu)(float x) {
  float a = CK(magnitude)(x);
  a = a > 14.7f ? 14.7f : a;
  const float half = -0.5f * a, w = half * a, lost = CK(fma)(half, a, -w);
  float r;
  // 2^32 times what is sought, so that no part of a normal result is subnormal.
  const float s = CK(power_of_two)(CK(reduce_exponent)(w, 159.0f, &r));
  const float q = CK(exp_polynomial)(r + lost);
  float p = 7.30496924e-3f;
  p = CK(fma)(p, a, 6.75472468e-2f);
  p = CK(fma)(p, a, 2.90118963e-1f);
  p = CK(fma)(p, a, 6.65448964e-1f);
  p = CK(fma)(p, a, 0.71875f);
  float d = 1.82629321e-2f;
  d = CK(fma)(d, a, 1.70479879e-1f);
  d = CK(fma)(d, a, 6.76216722e-1f);
  d = CK(fma)(d, a, 1.4375f);
  // The products are rounded alike, which for large a cancels in the quotient.
  d = CK(fma)(p * a, 2.50663185f, d);
  const float weight = p * (s * a), tail = CK(fma)(weight, q, weight) / d;
  return CK(fma)(tail, -0x1p-32f, x < 0.0f ? 0.0f : x);
}

/// x·(1 + tanh(u)) / 2 = x·sigmoid(2u) with u = √(2/π)·(x + 0.044715·x³), in double for the same reason.
CK_FLOAT_FUNCTION(gelu_tanh)(float x) {
  const float limited = x > 5.5f ? 5.5f : x < -10.9f ? -10.9f : x;
  const double wide = (double)limited;
  const double w = wide * (-1.5957691216057308 - 0.071354816272600249 * (wide * wide));
  const float high = (float)w;
  const float y = CK(gated)(limited, high, (float)(w - (double)high));
  return x > 5.5f ? x : y;
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
  const float odd = CK(fma)(CK(fma)(-1.951665326e-4f, z, 8.332173340e-3f), z, -1.666665524e-1f);
  const float even = CK(fma)(CK(fma)(2.443772610e-5f, z, -1.388736186e-3f), z, 4.166664556e-2f);
  const float s = CK(fma)(r * z, odd, r);
  const float c = CK(fma)(z * z, even, CK(fma)(z, -0.5f, 1.0f));
  return CK(from_bits)(CK(bits)(q & 1 ? c : s) ^ ((q & 2) << 30));
}

/// By its magnitude, so that of -0 it is -0.
CK_FLOAT_FUNCTION(sin)(float x) {
  return CK(from_bits)(CK(bits)(CK(sine)(CK(magnitude)(x), 0)) ^ (CK(bits)(x) & 0x80000000u));
}
CK_FLOAT_FUNCTION(cos)(float x) { return CK(sine)(x, 1); }
CK_FLOAT_FUNCTION(sin_any)(float x) { return (float)sin((double)x); }
CK_FLOAT_FUNCTION(cos_any)(float x) { return (float)cos((double)x); }

/// x to the power z with C's special values: 2^(z·log2 x), computed in double by polynomials
/// fitted as the others.
CK_FLOAT_FUNCTION(pow)(float x, float z) {
  const double a = (double)CK(magnitude)(x), y = (double)z;
  uint64_t b;
  memcpy(&b, &a, sizeof b);
  const uint64_t shifted = b - 0x3fe6a09e667f3bcdu;
  const double e = (double)(int32_t)((int64_t)(shifted & 0xfff0000000000000u) >> 52);
  const uint64_t mantissa = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  double m;
  memcpy(&m, &mantissa, sizeof m);
  // log2 m = 2·artanh(s) / log 2
  const double s = (m - 1.0) / (m + 1.0), q = s * s;
  double t = 0.3407322397452523;
  t = t * q + 0.41167260800885491;
  t = t * q + 0.57708358674843518;
  t = t * q + 0.96179667333270258;
  t = t * q + 2.8853900817900939;
  double log2 = e + s * t;
  log2 = a == 0.0 ? -INFINITY : a == INFINITY ? INFINITY : log2;
  double w = y * log2;
  w = w > 200.0 ? 200.0 : w < -200.0 ? -200.0 : w;
  const double rounded = w + 6755399441055744.0;
  const double f = w - (rounded - 6755399441055744.0);
  double p = 0.00015353371483736025;
  p = p * f + 0.001339887786187621;
  p = p * f + 0.0096184373535081798;
  p = p * f + 0.055503324628827254;
  p = p * f + 0.24022647913434713;
  p = p * f + 0.69314720285858067;
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
