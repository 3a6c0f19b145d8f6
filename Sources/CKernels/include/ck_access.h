#ifndef CK_ACCESS_H
#define CK_ACCESS_H

#include <stddef.h>
#include <stdint.h>

/// Tells ThreadSanitizer that `rows` rows of `row_bytes` bytes, `stride_bytes` apart, are read by code that it cannot
/// see into (a library, a vector loop). Does nothing in other builds.
void ck_access_read(const void *base, int64_t rows, int64_t row_bytes, int64_t stride_bytes);

/// The same for a write.
void ck_access_write(void *base, int64_t rows, int64_t row_bytes, int64_t stride_bytes);

/// Waits until fewer than `limit` calls are inside a library that holds a fixed number of work buffers, then enters.
void ck_gate_enter(int32_t limit);

/// Leaves what `ck_gate_enter` entered.
void ck_gate_leave(void);

#endif
