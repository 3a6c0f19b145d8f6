#ifndef ck_loop_h
#define ck_loop_h

#include "ck_dispatch.h"

#define CK_OPERANDS 9
#define CK_OUTER 7
#define CK_CONSTANTS 4

/// Two nested loops over operands: `rows` times `n` elements. Operand k's element (r, i) is found at
/// base[k] + r·row[k] + i where bit k of `unit` is set, else at base[k] + r·row[k] for every i. Counted in elements.
typedef struct {
  ptrdiff_t rows, n;
  uint64_t unit;
  ptrdiff_t base[CK_OPERANDS];
  ptrdiff_t row[CK_OPERANDS];
  double constant[CK_CONSTANTS];
} ck_span;

/// `depth` axes around a loop, the outermost first: how often, and how far each operand moves, in elements.
typedef struct {
  int32_t operands, depth;
  ptrdiff_t count[CK_OUTER];
  ptrdiff_t stride[CK_OUTER][CK_OPERANDS];
} ck_outer;

/// A span repeated over outer axes.
typedef struct {
  ck_span span;
  ck_outer outer;
} ck_nest;

/// An elementwise function over a span; `p` holds the inputs' base addresses, then the outputs'.
typedef void (*ck_loop)(const ck_span *_Nonnull span, void *_Nonnull const *_Nonnull p);

/// The loop of a name (`unary.exp`) for an element type at a level; NULL when there is none.
ck_loop _Nullable ck_find_loop(const char *_Nonnull name, ck_dtype type, ck_level level);

/// Sets where operand k lies in the span.
void ck_span_set(ck_span *_Nonnull span, int32_t k, ptrdiff_t base, ptrdiff_t row, int unit);

/// Adds an axis inside the others, with a stride for each operand.
void ck_outer_add(ck_outer *_Nonnull outer, ptrdiff_t count, const ptrdiff_t *_Nonnull stride);

/// Runs a loop over a nest.
void ck_run_nest(const ck_nest *_Nonnull nest, ck_loop _Nonnull loop, void *_Nonnull const *_Nonnull p);

#endif
