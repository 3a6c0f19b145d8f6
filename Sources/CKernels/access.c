#include "ck_access.h"

#include <sched.h>
#include <stdatomic.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CK_SANITIZED 1
extern void __tsan_read_range(void *, unsigned long);
extern void __tsan_write_range(void *, unsigned long);
#endif
#endif

void ck_access_read(const void *base, int64_t rows, int64_t row_bytes, int64_t stride_bytes) {
#ifdef CK_SANITIZED
  for (int64_t row = 0; row < rows; row++)
    __tsan_read_range((char *)base + row * stride_bytes, (unsigned long)row_bytes);
#else
  (void)base, (void)rows, (void)row_bytes, (void)stride_bytes;
#endif
}

void ck_access_write(void *base, int64_t rows, int64_t row_bytes, int64_t stride_bytes) {
#ifdef CK_SANITIZED
  for (int64_t row = 0; row < rows; row++)
    __tsan_write_range((char *)base + row * stride_bytes, (unsigned long)row_bytes);
#else
  (void)base, (void)rows, (void)row_bytes, (void)stride_bytes;
#endif
}

static _Atomic int32_t ck_gate_inside;

void ck_gate_enter(int32_t limit) {
  // Relaxed: the gate only bounds a number, it publishes nothing.
  while (atomic_fetch_add_explicit(&ck_gate_inside, 1, memory_order_relaxed) >= limit) {
    atomic_fetch_sub_explicit(&ck_gate_inside, 1, memory_order_relaxed);
    sched_yield();
  }
}

void ck_gate_leave(void) { atomic_fetch_sub_explicit(&ck_gate_inside, 1, memory_order_relaxed); }
