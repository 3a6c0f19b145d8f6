#ifndef cases_h
#define cases_h

// Every kernel of Sources/CKernels, run through its public headers over drawn inputs. A run writes all results to a
// file; two files, from two instruction-set levels or two processors, are compared kernel by kernel.

#include <stddef.h>
#include <stdint.h>

#include "CKernels.h"

/// What inputs look like.
typedef enum {
  /// Any bits, of all magnitudes, with 0, ±1, the least, the largest, subnormal, infinite and no numbers among them.
  ANYTHING,
  /// Numbers of both signs and moderate size.
  MODERATE,
  /// Numbers in ½ … 1½: sums of their products lose nothing by cancellation.
  POSITIVE,
  /// Small integers, whose products and sums are exact in any order, fused or not.
  WHOLE,
} drawing;

/// How results of two runs must agree. NaNs agree with each other: which of two a sum keeps, and the sign of a new one,
/// is the processor's choice.
typedef enum {
  /// The same bits.
  SAME_BITS,
  /// Within so many units of the last place: functions of the C library, which uses fused products where it can.
  LIBRARY,
  /// Within so many units of the last place of the largest number of the record: products of matrices, fused where the
  /// level can, in runs whose length depends on it.
  PRODUCT,
} agreement;

/// Starts a case: gives back the memory of the one before. Its inputs depend on its name and number alone.
void begin(const char *name);

/// Memory of just n elements, until the next `begin`.
void *draw(ck_dtype type, ptrdiff_t n, drawing kind);

/// n indices in 0 ..< limit.
void *draw_indices(ck_dtype type, ptrdiff_t n, int64_t limit);

/// n elements that no kernel has written yet, the same in every run.
void *blank(ck_dtype type, ptrdiff_t n);

/// Bytes of scratch; they differ from call to call, so that no result may depend on them.
void *scratch(size_t bytes);

/// A random number in 0 ..< limit.
ptrdiff_t below(ptrdiff_t limit);

size_t size_of(ck_dtype type);

/// Writes a record: results of the kernel that `begin` named, all of them, also those that no kernel should touch.
void record(ck_dtype type, const void *results, ptrdiff_t n, agreement rule, double units);

/// The level in use.
extern ck_level level;

void elementwise_cases(void);
void reduction_cases(void);
void product_cases(void);
void image_cases(void);
void normalization_cases(void);
void rearrangement_cases(void);
void random_cases(void);
void fused_cases(void);

/// Compares two files; prints what differs and returns how many records do.
int compare(const char *one, const char *other);

/// What is written before the results of a record.
typedef struct {
  char name[48];
  int32_t type, rule;
  double units;
  int64_t count;
} heading;

#endif
