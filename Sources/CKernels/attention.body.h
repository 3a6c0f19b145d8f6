#include "rows.h"

// Attention block by block, so that no matrix of all scores is ever kept: the softmax goes along with its maximum and sum
// (Rabe and Staats 2021, "Self-attention does not need O(n²) memory"; Dao and others 2022, "FlashAttention"). Blocks
// begin at fixed queries and keys. Their products are ck_gemm's, whose last bits depend on the level.

#define CK_QUERIES CK_ATTENTION_QUERIES
#define CK_KEYS 192

#define CK_DEFINE(T) \
  /* c (+)= op(a)·op(b), m × n with inner length k. */ \
  static void M(product, T)( \
      ck_level level, ck_dtype type, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const T *a, ptrdiff_t lda, int turn_a, \
      const T *b, ptrdiff_t ldb, int turn_b, T *c, ptrdiff_t ldc, int add, void *scratch) { \
    const ck_product g = { \
        .m = m, .n = n, .k = k, .lda = lda, .ldb = ldb, .ldc = ldc, .turn_a = turn_a, .turn_b = turn_b, .add = add}; \
    ck_gemm(level, type, &g, a, b, c, scratch); \
  } \
  /* q·scale for m queries from i0 on. */ \
  static void M(scaled_queries, T)(const ck_attention *a, const T *q, ptrdiff_t i0, ptrdiff_t m, T *to) { \
    const T scale = (T)a->scale, *from = q + i0 * a->width; \
    CK_INDEPENDENT for (ptrdiff_t i = 0; i < m * a->width; i++) to[i] = from[i] * scale; \
  } \
  /* The masked scores of m queries, scaled, from i0 on with n keys from j0 on. */ \
  static void M(scores, T)( \
      ck_level level, ck_dtype type, const ck_attention *a, const T *scaled, const T *k, const void *mask, \
      ptrdiff_t i0, ptrdiff_t m, ptrdiff_t j0, ptrdiff_t n, T *s, void *scratch) { \
    const ptrdiff_t d = a->width; \
    M(product, T)(level, type, m, n, d, scaled, d, 0, k + j0 * d, d, 1, s, CK_KEYS, 0, scratch); \
    const ptrdiff_t step = a->mask_column; \
    for (ptrdiff_t i = 0; i < m; i++, s += CK_KEYS) { \
      const ptrdiff_t at = (i0 + i) * a->mask_row + j0 * step; \
      if (a->mask == CK_MASK_KEEPS) { \
        const uint8_t *keep = (const uint8_t *)mask + at; \
        CK_INDEPENDENT for (ptrdiff_t j = 0; j < n; j++) s[j] = keep[j * step] ? s[j] : -(T)INFINITY; \
      } else if (a->mask == CK_MASK_ADDS) { \
        const T *more = (const T *)mask + at; \
        CK_INDEPENDENT for (ptrdiff_t j = 0; j < n; j++) s[j] += more[j * step]; \
      } \
      if (a->causal) \
        for (ptrdiff_t j = i0 + i < j0 ? 0 : i0 + i + 1 - j0; j < n; j++) s[j] = -(T)INFINITY; \
    } \
  } \
  /* How many keys the queries before `end` see. */ \
  static ptrdiff_t M(seen, T)(const ck_attention *a, ptrdiff_t end) { \
    return a->causal && end < a->keys ? end : a->keys; \
  } \
  static void M(attention_forward, T)( \
      ck_level level, ck_dtype type, const ck_attention *a, const void *pq, const void *pk, const void *pv, \
      const void *mask, void *po, void *plog, void *scratch) { \
    const T *q = (const T *)pq, *k = (const T *)pk, *v = (const T *)pv; \
    const ptrdiff_t e = a->value_width; \
    T *s = (T *)scratch, *scaled = s + CK_QUERIES * CK_KEYS, *work = scaled + CK_QUERIES * a->width; \
    for (ptrdiff_t i0 = a->begin; i0 < a->end; i0 += CK_QUERIES) { \
      const ptrdiff_t m = a->end - i0 < CK_QUERIES ? a->end - i0 : CK_QUERIES; \
      const ptrdiff_t keys = M(seen, T)(a, i0 + m); \
      T *o = (T *)po + i0 * e, *log_sum = (T *)plog + i0; \
      T maximum[CK_QUERIES], sum[CK_QUERIES]; \
      for (ptrdiff_t i = 0; i < m; i++) maximum[i] = -(T)INFINITY, sum[i] = 0; \
      memset(o, 0, (size_t)(m * e) * sizeof(T)); \
      M(scaled_queries, T)(a, q, i0, m, scaled); \
      for (ptrdiff_t j0 = 0; j0 < keys; j0 += CK_KEYS) { \
        const ptrdiff_t n = keys - j0 < CK_KEYS ? keys - j0 : CK_KEYS; \
        M(scores, T)(level, type, a, scaled, k, mask, i0, m, j0, n, s, work); \
        for (ptrdiff_t i = 0; i < m; i++) { \
          T *row = s + i * CK_KEYS; \
          const T largest = M(row_maximum, T)(row, n), next = CK_LARGER(largest, maximum[i]); \
          const T base = next == -(T)INFINITY ? 0 : next; \
          const T fading = maximum[i] == next ? 1 : M(exp, T)(maximum[i] - base); \
          sum[i] = sum[i] * fading + M(row_exponentials, T)(row, row, n, base); \
          if (fading != 1) CK_INDEPENDENT for (ptrdiff_t c = 0; c < e; c++) o[i * e + c] *= fading; \
          maximum[i] = next; \
        } \
        M(product, T)(level, type, m, e, n, s, CK_KEYS, 0, v + j0 * e, e, 0, o, e, 1, work); \
      } \
      for (ptrdiff_t i = 0; i < m; i++) { \
        const T factor = sum[i] == 0 ? 0 : 1 / sum[i]; \
        CK_INDEPENDENT for (ptrdiff_t c = 0; c < e; c++) o[i * e + c] *= factor; \
        log_sum[i] = (maximum[i] == -(T)INFINITY ? 0 : maximum[i]) + M(log, T)(sum[i]); \
      } \
    } \
  } \
  static void M(attention_backward, T)( \
      ck_level level, ck_dtype type, const ck_attention *a, const void *pdo, const void *pq, const void *pk, \
      const void *pv, const void *plog, const void *pdelta, const void *mask, void *pdq, void *pdk, void *pdv, \
      void *scratch) { \
    const T *q = (const T *)pq, *k = (const T *)pk, *v = (const T *)pv; \
    const ptrdiff_t d = a->width, e = a->value_width; \
    T *p = (T *)scratch, *ds = p + CK_QUERIES * CK_KEYS; \
    T *scaled = ds + CK_QUERIES * CK_KEYS, *work = scaled + CK_QUERIES * d; \
    T *dq = (T *)pdq, *dk = (T *)pdk, *dv = (T *)pdv; \
    memset(dq, 0, (size_t)(a->queries * d) * sizeof(T)); \
    memset(dk, 0, (size_t)(a->keys * d) * sizeof(T)); \
    memset(dv, 0, (size_t)(a->keys * e) * sizeof(T)); \
    for (ptrdiff_t j0 = 0; j0 < a->keys; j0 += CK_KEYS) { \
      /* No query before the first key of the block sees it. */ \
      for (ptrdiff_t i0 = a->causal ? j0 / CK_QUERIES * CK_QUERIES : 0; i0 < a->queries; i0 += CK_QUERIES) { \
        const ptrdiff_t m = a->queries - i0 < CK_QUERIES ? a->queries - i0 : CK_QUERIES; \
        const ptrdiff_t keys = M(seen, T)(a, i0 + m) - j0, n = keys < CK_KEYS ? keys : CK_KEYS; \
        const T *d_o = (const T *)pdo + i0 * e, *log_sum = (const T *)plog + i0, *delta = (const T *)pdelta + i0; \
        M(scaled_queries, T)(a, q, i0, m, scaled); \
        M(scores, T)(level, type, a, scaled, k, mask, i0, m, j0, n, p, work); \
        for (ptrdiff_t i = 0; i < m; i++) { \
          T *row = p + i * CK_KEYS; \
          const T base = log_sum[i] == -(T)INFINITY ? 0 : log_sum[i]; \
          CK_INDEPENDENT for (ptrdiff_t j = 0; j < n; j++) row[j] = M(exp, T)(row[j] - base); \
        } \
        M(product, T)(level, type, n, e, m, p, CK_KEYS, 1, d_o, e, 0, dv + j0 * e, e, 1, work); \
        if (e > 0) { \
          M(product, T)(level, type, m, n, e, d_o, e, 0, v + j0 * e, e, 1, ds, CK_KEYS, 0, work); \
        } else { \
          memset(ds, 0, CK_QUERIES * CK_KEYS * sizeof(T)); \
        } \
        for (ptrdiff_t i = 0; i < m; i++) { \
          T *to = ds + i * CK_KEYS; \
          const T *from = p + i * CK_KEYS, less = delta[i]; \
          CK_INDEPENDENT for (ptrdiff_t j = 0; j < n; j++) to[j] = from[j] * (to[j] - less); \
        } \
        M(product, T)(level, type, n, d, m, ds, CK_KEYS, 1, scaled, d, 0, dk + j0 * d, d, 1, work); \
        M(product, T)(level, type, m, d, n, ds, CK_KEYS, 0, k + j0 * d, d, 0, dq + i0 * d, d, 1, work); \
      } \
    } \
    const T scale = (T)a->scale; \
    CK_INDEPENDENT for (ptrdiff_t i = 0; i < a->queries * d; i++) dq[i] *= scale; \
  }

CK_DEFINE(float)
CK_DEFINE(double)

#undef CK_DEFINE
#undef CK_QUERIES
