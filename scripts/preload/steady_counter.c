// Counts allocations, reference counting and mutexes between two calls of steady_mark, by the place that called.
//
// Built and preloaded by scripts/steady-step.sh. The measured program finds steady_mark by dlsym: steady_mark(n) with
// n > 0 begins counting n steps, steady_mark(0) ends it and reports. Each mark is also a failing write(2), so that the
// two are seen in a system call trace.
//
// Counting takes no lock and allocates nothing: a call's return address is looked up in a fixed open-addressing table.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { ALLOCATE, FREE, OBJECT, RETAIN, RELEASE, LOCK, KINDS };
static const char *const names[KINDS] = {"malloc", "free",    "swift_allocObject",
                                         "swift_retain", "swift_release", "pthread_mutex_lock"};

#define SLOTS 4096
static struct {
  _Atomic(uintptr_t) site;
  _Atomic(long) count;
} table[KINDS][SLOTS];
static _Atomic(int) counting;
static _Atomic(long) lost;
static int steps;

static void count(enum kind kind, void *address) {
  if (!atomic_load_explicit(&counting, memory_order_relaxed)) return;
  uintptr_t site = (uintptr_t)address;
  for (unsigned i = 0, slot = (unsigned)(site * 2654435761u) % SLOTS; i < 64; i++, slot = (slot + 1) % SLOTS) {
    uintptr_t found = atomic_load_explicit(&table[kind][slot].site, memory_order_relaxed);
    if (found == 0 && atomic_compare_exchange_strong(&table[kind][slot].site, &found, site)) found = site;
    if (found == site) {
      atomic_fetch_add_explicit(&table[kind][slot].count, 1, memory_order_relaxed);
      return;
    }
  }
  atomic_fetch_add(&lost, 1);
}
#define COUNT(kind) count(kind, __builtin_return_address(0))

static void report(void) {
  for (int kind = 0; kind < KINDS; kind++) {
    long total = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      long times = atomic_load(&table[kind][slot].count);
      if (times == 0) continue;
      total += times;
      Dl_info info = {0};
      void *site = (void *)atomic_load(&table[kind][slot].site);
      dladdr(site, &info);
      const char *file = info.dli_fname ? strrchr(info.dli_fname, '/') : NULL;
      fprintf(stderr, "steady: site %s %.3f per step from %s+0x%lx %s\n", names[kind], (double)times / steps,
              file ? file + 1 : "?", (unsigned long)((char *)site - (char *)info.dli_fbase),
              info.dli_sname ? info.dli_sname : "");
    }
    fprintf(stderr, "steady: total %s %.3f per step\n", names[kind], (double)total / steps);
  }
  if (atomic_load(&lost)) fprintf(stderr, "steady: %ld calls had no room in the table\n", atomic_load(&lost));
}

void steady_mark(int count) {
  static const char begin[] = "steady-begin", end[] = "steady-end";
  if (count > 0) {
    steps = count;
    if (write(-1, begin, sizeof begin - 1)) {}
    atomic_store(&counting, 1);
  } else {
    atomic_store(&counting, 0);
    if (write(-1, end, sizeof end - 1)) {}
    report();
  }
}

// glibc's own entry points: looking the originals up would allocate.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) {
  COUNT(ALLOCATE);
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  COUNT(ALLOCATE);
  return __libc_calloc(items, size);
}

void *realloc(void *block, size_t size) {
  COUNT(ALLOCATE);
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  COUNT(ALLOCATE);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  COUNT(ALLOCATE);
  *block = __libc_memalign(alignment, size);
  return *block == NULL ? 12 : 0;
}

void free(void *block) {
  if (block) COUNT(FREE);
  __libc_free(block);
}

#define NEXT(name) \
  static __typeof__(&name) next; \
  if (!next) next = (__typeof__(next))dlsym(RTLD_NEXT, #name)

void *swift_allocObject(void *type, size_t size, size_t alignment) {
  NEXT(swift_allocObject);
  COUNT(OBJECT);
  return next(type, size, alignment);
}

void *swift_retain(void *object) {
  NEXT(swift_retain);
  COUNT(RETAIN);
  return next(object);
}

void swift_release(void *object) {
  NEXT(swift_release);
  COUNT(RELEASE);
  next(object);
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
  NEXT(pthread_mutex_lock);
  COUNT(LOCK);
  return next(mutex);
}
