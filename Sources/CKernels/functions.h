// Lists of functions: one line each. X(name, T, U, formula) is used with T the element type and U the type in which
// its sums and products are computed (unsigned for integers, so that overflow wraps); M(name, T) names a function of
// transcendental.h.

/// Unary functions of numbers of any type.
#define CK_UNARY_ARITHMETIC(X, T, U) \
  X(neg, T, U, (T)(-(U)x)) \
  X(abs, T, U, (x < 0 ? (T)((U)0 - (U)x) : x == 0 ? 0 : x)) \
  X(sign, T, U, (x > 0 ? (T)1 : x < 0 ? (T)-1 : x)) \
  X(square, T, U, (T)((U)x * (U)x)) \
  X(relu, T, U, (x < 0 ? (T)0 : x))

/// Unary functions of floating-point numbers.
#define CK_UNARY_REAL(X, T, U) \
  X(exp, T, U, M(exp, T)(x)) \
  X(log, T, U, M(log, T)(x)) \
  X(log1p, T, U, M(log1p, T)(x)) \
  X(expm1, T, U, M(expm1, T)(x)) \
  X(sqrt, T, U, __builtin_elementwise_sqrt(x)) \
  X(rsqrt, T, U, 1 / __builtin_elementwise_sqrt(x)) \
  X(reciprocal, T, U, 1 / x) \
  X(tanh, T, U, M(tanh, T)(x)) \
  X(sigmoid, T, U, M(sigmoid, T)(x)) \
  X(erf, T, U, M(erf, T)(x)) \
  X(softplus, T, U, M(softplus, T)(x)) \
  X(silu, T, U, M(silu, T)(x)) \
  X(gelu, T, U, M(gelu, T)(x)) \
  X(gelu_tanh, T, U, M(gelu_tanh, T)(x))

/// Unary functions whose vector form holds only where in_range(x): X(name, T, vector form, in range, any x).
#define CK_UNARY_GUARDED(X, T) \
  X(sin, T, M(sin, T)(x), M(sin_in_range, T)(x), M(sin_any, T)(x)) \
  X(cos, T, M(cos, T)(x), M(sin_in_range, T)(x), M(cos_any, T)(x))

/// Binary functions of numbers of any type. A NaN operand gives NaN in maximum and minimum.
#define CK_BINARY_ARITHMETIC(X, T, U) \
  X(add, T, U, (T)((U)x + (U)z)) \
  X(sub, T, U, (T)((U)x - (U)z)) \
  X(mul, T, U, (T)((U)x * (U)z)) \
  X(maximum, T, U, (x > z || x != x ? x : z)) \
  X(minimum, T, U, (x < z || x != x ? x : z))

/// Binary functions of floating-point numbers; the gradients take (cotangent, result of the function).
#define CK_BINARY_REAL(X, T, U) \
  X(div, T, U, x / z) \
  X(pow, T, U, M(pow, T)(x, z)) \
  X(tanh_gradient, T, U, x * (1 - z * z)) \
  X(sigmoid_gradient, T, U, x * (z * (1 - z))) \
  X(relu_gradient, T, U, (z > 0 ? x : (T)0))

/// Comparisons, to bool.
#define CK_COMPARISONS(X, T) \
  X(equal, T, x == z) \
  X(not_equal, T, x != z) \
  X(less, T, x < z) \
  X(less_equal, T, x <= z) \
  X(greater, T, x > z) \
  X(greater_equal, T, x >= z)
