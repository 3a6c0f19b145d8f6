// Optimiser updates, one pass over parameter, gradient and moments. Rates and step counts are single numbers. The
// hyperparameters are rounded to the element type first.
#define CK_ROWS for (ptrdiff_t r = 0; r < s->rows; r++)

#define CK_DEFINE(T) \
  /* (p, g, lr) → p' */ \
  static void M(sgd_loop, T)(const ck_span *s, void *const *p) { \
    const T lr = *CK_AT(const T, 2, 0); \
    CK_ROWS { \
      const T *w = CK_AT(const T, 0, r), *g = CK_AT(const T, 1, r); \
      T *w1 = CK_AT(T, 3, r); \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < s->n; i++) w1[i] = w[i] - lr * g[i]; \
    } \
  } \
  /* (p, g, v, lr) → p', v'; constants: momentum, 1 for Nesterov's form */ \
  static void M(momentum_loop, T)(const ck_span *s, void *const *p) { \
    const T lr = *CK_AT(const T, 3, 0), momentum = (T)s->constant[0]; \
    const int nesterov = s->constant[1] != 0; \
    CK_ROWS { \
      const T *w = CK_AT(const T, 0, r), *g = CK_AT(const T, 1, r), *v = CK_AT(const T, 2, r); \
      T *w1 = CK_AT(T, 4, r), *v1 = CK_AT(T, 5, r); \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < s->n; i++) { \
        const T gradient = g[i], velocity = momentum * v[i] + gradient; \
        const T step = nesterov ? gradient + momentum * velocity : velocity; \
        w1[i] = w[i] - lr * step; \
        v1[i] = velocity; \
      } \
    } \
  } \
  /* (p, g, m, v, lr, t) → p', m', v'; constants: beta1, beta2, epsilon, weight decay */ \
  static void M(adam_loop, T)(const ck_span *s, void *const *p) { \
    const T lr = *CK_AT(const T, 4, 0); \
    const double t = (double)*CK_AT(const int64_t, 5, 0); \
    const T beta1 = (T)s->constant[0], beta2 = (T)s->constant[1], epsilon = (T)s->constant[2]; \
    const T rest1 = (T)(1 - s->constant[0]), rest2 = (T)(1 - s->constant[1]); \
    const T scale1 = (T)(1 / (1 - pow(s->constant[0], t))), scale2 = (T)(1 / (1 - pow(s->constant[1], t))); \
    const T keep = (T)(1 - (double)lr * s->constant[3]); \
    CK_ROWS { \
      const T *w = CK_AT(const T, 0, r), *g = CK_AT(const T, 1, r); \
      const T *m = CK_AT(const T, 2, r), *v = CK_AT(const T, 3, r); \
      T *w1 = CK_AT(T, 6, r), *m1 = CK_AT(T, 7, r), *v1 = CK_AT(T, 8, r); \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < s->n; i++) { \
        const T gradient = g[i]; \
        const T first = beta1 * m[i] + rest1 * gradient; \
        const T second = beta2 * v[i] + rest2 * (gradient * gradient); \
        const T root = __builtin_elementwise_sqrt(second * scale2) + epsilon; \
        w1[i] = keep * w[i] - lr * (first * scale1) / root; \
        m1[i] = first; \
        v1[i] = second; \
      } \
    } \
  } \
  /* (p, g, v, lr) → p', v'; constants: alpha, epsilon */ \
  static void M(rmsprop_loop, T)(const ck_span *s, void *const *p) { \
    const T lr = *CK_AT(const T, 3, 0), alpha = (T)s->constant[0], epsilon = (T)s->constant[1]; \
    const T rest = (T)(1 - s->constant[0]); \
    CK_ROWS { \
      const T *w = CK_AT(const T, 0, r), *g = CK_AT(const T, 1, r), *v = CK_AT(const T, 2, r); \
      T *w1 = CK_AT(T, 4, r), *v1 = CK_AT(T, 5, r); \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < s->n; i++) { \
        const T gradient = g[i], square = alpha * v[i] + rest * (gradient * gradient); \
        w1[i] = w[i] - lr * gradient / (__builtin_elementwise_sqrt(square) + epsilon); \
        v1[i] = square; \
      } \
    } \
  } \
  /* (p, g, v, lr) → p', v'; constants: epsilon */ \
  static void M(adagrad_loop, T)(const ck_span *s, void *const *p) { \
    const T lr = *CK_AT(const T, 3, 0), epsilon = (T)s->constant[0]; \
    CK_ROWS { \
      const T *w = CK_AT(const T, 0, r), *g = CK_AT(const T, 1, r), *v = CK_AT(const T, 2, r); \
      T *w1 = CK_AT(T, 4, r), *v1 = CK_AT(T, 5, r); \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < s->n; i++) { \
        const T gradient = g[i], square = v[i] + gradient * gradient; \
        w1[i] = w[i] - lr * gradient / (__builtin_elementwise_sqrt(square) + epsilon); \
        v1[i] = square; \
      } \
    } \
  }
CK_DEFINE(float)
CK_DEFINE(double)
#undef CK_DEFINE
#undef CK_ROWS
