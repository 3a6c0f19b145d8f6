#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "outer.h"

int ck_level_supported(ck_level level) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return level == CK_BASE;
#endif
#endif
#if defined(__x86_64__)
  __builtin_cpu_init();
  switch (level) {
  case CK_BASE: return 1;
  case CK_V3: return __builtin_cpu_supports("x86-64-v3") != 0;
  case CK_V4: return __builtin_cpu_supports("x86-64-v4") != 0;
  }
  return 0;
#else
  return level == CK_BASE;
#endif
}

static ck_level choose(void) {
  ck_level highest = ck_level_supported(CK_V4) ? CK_V4 : ck_level_supported(CK_V3) ? CK_V3 : CK_BASE;
  const char *wish = getenv("TRIBUTARY_ISA");
  ck_level wanted = highest;
  if (wish && !strcmp(wish, "base")) wanted = CK_BASE;
  if (wish && !strcmp(wish, "v3")) wanted = CK_V3;
  return wanted < highest ? wanted : highest;
}

ck_level ck_current_level(void) {
  // Threads that race here store the same value.
  static _Atomic int chosen = -1;
  int level = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (level < 0) {
    level = (int)choose();
    atomic_store_explicit(&chosen, level, memory_order_relaxed);
  }
  return (ck_level)level;
}

ck_loop ck_find_loop(const char *name, ck_dtype type, ck_level level) {
  const ck_entry *const families[] = {
      ck_unary_entries, ck_binary_entries, ck_select_entries, ck_create_entries, ck_accumulate_entries, ck_update_entries,
      ck_integer_entries, ck_parametric_entries,
  };
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const ck_entry *e = families[f]; e->name; e++)
      if (!strcmp(e->name, name)) return e->loop[type][level];
  return 0;
}

ck_reducer ck_find_reducer(const char *name, ck_dtype type, ck_level level) {
  for (const ck_reducer_entry *e = ck_reducer_entries; e->name; e++)
    if (!strcmp(e->name, name)) return e->reducer[type][level];
  return 0;
}

void ck_span_set(ck_span *span, int32_t k, ptrdiff_t base, ptrdiff_t row, int unit) {
  span->base[k] = base;
  span->row[k] = row;
  span->unit = (span->unit & ~(1ull << k)) | ((uint64_t)(unit != 0) << k);
}

void ck_outer_add(ck_outer *outer, ptrdiff_t count, const ptrdiff_t *stride) {
  const int32_t axis = outer->depth++;
  outer->count[axis] = count;
  for (int k = 0; k < outer->operands; k++) outer->stride[axis][k] = stride[k];
}

void ck_run_nest(const ck_nest *nest, ck_loop loop, void *const *p) {
  ck_span span = nest->span;
  ptrdiff_t index[CK_OUTER] = {0};
  do loop(&span, p);
  while (ck_outer_next(&nest->outer, index, span.base));
}

void ck_reduction_keep(ck_reduction *r, ptrdiff_t count, ptrdiff_t input, ptrdiff_t output) {
  r->kept_count[r->kept] = count;
  r->kept_input[r->kept] = input;
  r->kept_output[r->kept++] = output;
}

void ck_reduction_reduce(ck_reduction *r, ptrdiff_t count, ptrdiff_t input) {
  r->reduced_count[r->reduced] = count;
  r->reduced_input[r->reduced++] = input;
}
