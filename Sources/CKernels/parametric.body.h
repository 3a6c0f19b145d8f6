#include "transcendental.h"

// Functions of one number with constants, and what a cotangent x becomes at z.
#define CK_DEFINE(T) \
  CK_LOOP1_WITH(leaky_relu_loop, T, T, const T slope = (T)s->constant[0];, (x < 0 ? x * slope : x)) \
  CK_LOOP2_WITH(leaky_relu_gradient_loop, T, T, const T slope = (T)s->constant[0];, (z > 0 ? x : x * slope)) \
  CK_LOOP1_WITH( \
      elu_loop, T, T, const T alpha = (T)s->constant[0]; const T scale = (T)s->constant[1];, \
      scale * (x > 0 ? x : alpha * M(expm1, T)(x > 0 ? (T)0 : x))) \
  CK_LOOP2_WITH( \
      elu_gradient_loop, T, T, const T scale = (T)s->constant[1]; const T factor = scale * (T)s->constant[0];, \
      x * (z > 0 ? scale : factor * M(exp, T)(z > 0 ? (T)0 : z))) \
  CK_LOOP2_WITH( \
      clamp_gradient_loop, T, T, const T lower = (T)s->constant[0]; const T upper = (T)s->constant[1];, \
      (z > lower && z < upper ? x : (T)0))
CK_DEFINE(float)
CK_DEFINE(double)
#undef CK_DEFINE

// x to the power whole + ½·has_root, or its reciprocal, with C's special values of pow: roots of ±0 and ±∞ are positive.
static inline __attribute__((always_inline)) double CK(half_power)(double x, int whole, int has_root, int is_inverse) {
  const double a = has_root ? fabs(x) : x, square = a * a;
  double y = (whole & 1 ? a : 1.0) * (whole & 2 ? square : 1.0) * (whole & 4 ? square * square : 1.0);
  if (has_root) y *= x == -INFINITY ? INFINITY : __builtin_elementwise_sqrt(x) + 0.0;
  return is_inverse ? 1.0 / y : y;
}

#define CK_POWER(T, suffix, has_root, is_inverse) \
  CK_LOOP1_WITH( \
      half_power##suffix##_loop, T, T, const int whole = (int)s->constant[0];, \
      (T)CK(half_power)((double)x, whole, has_root, is_inverse)) \
  CK_LOOP2_WITH( \
      half_power_gradient##suffix##_loop, T, T, const int whole = (int)s->constant[0]; const double factor = s->constant[1];, \
      x * (T)(factor * CK(half_power)((double)z, whole, has_root, is_inverse)))
#define CK_DEFINE(T) \
  CK_POWER(T, , 0, 0) CK_POWER(T, _root, 1, 0) CK_POWER(T, _inverse, 0, 1) CK_POWER(T, _root_inverse, 1, 1)
CK_DEFINE(float)
CK_DEFINE(double)
#undef CK_DEFINE
#undef CK_POWER

// A bound beyond the type's range is the end of the range. A NaN stays.
#define CK_DEFINE(T, low, high) \
  CK_LOOP1_WITH( \
      clamp_loop, T, T, \
      const T lower = s->constant[0] <= (double)(low) ? (low) : s->constant[0] >= (double)(high) ? (high) : (T)s->constant[0]; \
      const T upper = s->constant[1] <= (double)(low) ? (low) : s->constant[1] >= (double)(high) ? (high) : (T)s->constant[1];, \
      ((x < lower ? lower : x) > upper ? upper : (x < lower ? lower : x)))
CK_DEFINE(float, -INFINITY, INFINITY)
CK_DEFINE(double, -INFINITY, INFINITY)
CK_DEFINE(int32_t, INT32_MIN, INT32_MAX)
CK_DEFINE(int64_t, INT64_MIN, INT64_MAX)
#undef CK_DEFINE

// Losses of two numbers, and what a cotangent g becomes.
#define CK_MAGNITUDE(a) ((a) < 0 ? -(a) : (a))
#define CK_DEFINE(T) \
  CK_LOOP2(l1_loop, T, T, CK_MAGNITUDE(x - z)) \
  CK_LOOP3_WITH(l1_gradient_loop, T, , (x > z ? g : x < z ? -g : x == z ? (T)0 : x - z)) \
  CK_LOOP2_WITH( \
      huber_loop, T, T, const T delta = (T)s->constant[0];, \
      (CK_MAGNITUDE(x - z) > delta ? delta * (CK_MAGNITUDE(x - z) - (T)0.5 * delta) : (T)0.5 * (x - z) * (x - z))) \
  CK_LOOP3_WITH( \
      huber_gradient_loop, T, const T delta = (T)s->constant[0];, \
      g * (x - z > delta ? delta : x - z < -delta ? -delta : x - z)) \
  CK_LOOP2( \
      bce_with_logits_loop, T, T, ((x < 0 ? (T)0 : x) - x * z) + M(log1p, T)(M(exp, T)(-CK_MAGNITUDE(x)))) \
  CK_LOOP3_WITH(bce_with_logits_gradient_loop, T, , g * (M(sigmoid, T)(x) - z)) \
  /* x is a logarithm of a probability, z a probability or its logarithm. Where z has none, nothing is lost. */ \
  CK_LOOP2(kl_div_loop, T, T, (z == 0 ? (T)0 : z * (M(log, T)(z) - x))) \
  CK_LOOP2(kl_div_log_loop, T, T, (z == -INFINITY ? (T)0 : M(exp, T)(z) * (z - x)))
CK_DEFINE(float)
CK_DEFINE(double)
#undef CK_DEFINE
#undef CK_MAGNITUDE
