#ifndef ck_attention_h
#define ck_attention_h

#include "ck_dispatch.h"

/// What a mask does to the scores.
typedef enum {
  CK_UNMASKED = 0,
  /// Keeps those where a byte is not zero.
  CK_MASK_KEEPS = 1,
  /// Is added to them.
  CK_MASK_ADDS = 2,
} ck_mask;

/// Queries that are computed together; parts of the work begin at multiples.
#define CK_ATTENTION_QUERIES 64

/// Attention of one head: softmax(scale · q·kᵀ, masked) · v, with q [queries, width], k [keys, width], v [keys,
/// value_width], all row by row.
typedef struct {
  ptrdiff_t queries, keys, width, value_width;
  /// The queries to compute.
  ptrdiff_t begin, end;
  double scale;
  /// Whether query i sees keys 0 to i only.
  int causal;
  ck_mask mask;
  /// From one query's or key's element of the mask to the next; 0 where broadcast.
  ptrdiff_t mask_row, mask_column;
} ck_attention;

/// Bytes of scratch that a call of either function needs.
size_t ck_attention_scratch(ck_level level, ck_dtype type, const ck_attention *_Nonnull a);

/// The output, [queries, value_width], and the logarithm of each query's sum of exponentials. A query that sees no key
/// gives zeros and -∞.
void ck_attention_forward(ck_level level, ck_dtype type, const ck_attention *_Nonnull a, const void *_Nonnull q,
                          const void *_Nonnull k, const void *_Nonnull v, const void *_Nullable mask, void *_Nonnull o,
                          void *_Nonnull log_sums, void *_Nonnull scratch);

/// dq, dk and dv of a whole head, from the output's cotangent, the logarithms and `deltas`, each query's Σ do·o less the
/// cotangent of its logarithm.
void ck_attention_backward(ck_level level, ck_dtype type, const ck_attention *_Nonnull a, const void *_Nonnull d_o,
                           const void *_Nonnull q, const void *_Nonnull k, const void *_Nonnull v,
                           const void *_Nonnull log_sums, const void *_Nonnull deltas, const void *_Nullable mask,
                           void *_Nonnull dq, void *_Nonnull dk, void *_Nonnull dv, void *_Nonnull scratch);

#endif
