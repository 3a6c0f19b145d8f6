#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "entries.h"

/// How the loops of some names are called: the elements of their operands, a letter each. x: the loop's own type; the
/// rest as in `letter_type`. Inputs come before the colon. Capital: one number, which stays.
static const struct {
  const char *prefix, *operands;
} shapes[] = {
    {"unary.", "x:x"},
    {"binary.", "xx:x"},
    {"compare.", "xx:b"},
    {"logical.not", "x:x"},
    {"logical.", "xx:x"},
    {"where", "bxx:x"},
    {"copy", "x:x"},
    {"cast.to_f32", "x:f"},
    {"cast.to_f64", "x:d"},
    {"cast.to_i32", "x:i"},
    {"cast.to_i64", "x:l"},
    {"cast.to_bool", "x:b"},
    {"fill", ":x"},
    {"iota", ":x"},
    {"one_hot_i32", "i:x"},
    {"one_hot_i64", "l:x"},
    {"accumulate", "xxx:x"},
    {"all_finite", "x:B"},
    {"update.sgd", "xxX:x"},
    {"update.momentum", "xxxX:xx"},
    {"update.adam", "xxxxXL:xxx"},
    {"update.rmsprop", "xxxX:xx"},
    {"update.adagrad", "xxxX:xx"},
    {"integer.find_zero", "x:L"},
    {"integer.", "xx:x"},
    {"parametric.leaky_relu_gradient", "xx:x"},
    {"parametric.elu_gradient", "xx:x"},
    {"parametric.clamp_gradient", "xx:x"},
    {"parametric.half_power_gradient", "xx:x"},
    {"parametric.", "x:x"},
    {"loss.l1_gradient", "xxx:x"},
    {"loss.huber_gradient", "xxx:x"},
    {"loss.bce_with_logits_gradient", "xxx:x"},
    {"loss.", "xx:x"},
};

/// Functions whose f64 form calls the C library, and how far two of its versions may lie apart.
static const char *const library[] = {
    "unary.exp",  "unary.log",     "unary.log1p", "unary.expm1",     "unary.tanh", "unary.sigmoid", "unary.erf",
    "unary.sin",  "unary.softplus", "unary.silu",  "unary.gelu",      "unary.cos",  "binary.pow",    "parametric.elu",
    "update.adam", "loss.bce",      "loss.kl_div",
};

static const char *operands_of(const char *name) {
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    if (!strncmp(name, shapes[s].prefix, strlen(shapes[s].prefix))) return shapes[s].operands;
  fprintf(stderr, "kernels: Tests/Kernels/elementwise.c does not say what the operands of %s are\n", name);
  exit(70);
}

static int is_library(const char *name, ck_dtype type) {
  for (size_t k = 0; type == CK_F64 && k < sizeof library / sizeof *library; k++)
    if (!strncmp(name, library[k], strlen(library[k]))) return 1;
  return 0;
}

static ck_dtype letter_type(char letter, ck_dtype own) {
  switch (letter | 0x20) {
  case 'f': return CK_F32;
  case 'd': return CK_F64;
  case 'i': return CK_I32;
  case 'l': return CK_I64;
  case 'b': return CK_BOOL;
  default: return own;
  }
}

static void set_constants(const char *name, ck_span *span, ptrdiff_t n) {
  static const double usual[CK_CONSTANTS] = {0.75, 1.25, 1e-3, 0.01}, adam[] = {0.9, 0.999, 1e-8, 0.01};
  memcpy(span->constant, !strncmp(name, "update.adam", 11) ? adam : usual, sizeof usual);
  if (!strcmp(name, "accumulate")) span->constant[0] = 3;
  if (!strcmp(name, "fill")) span->constant[0] = 1;
  if (!strcmp(name, "iota")) span->constant[0] = 3, span->constant[1] = 41;
  if (!strncmp(name, "one_hot", 7)) span->constant[0] = (double)n;
}

/// One call: 3 rows of n elements with gaps between them, from the second element on. Input k stays if bit k of `still`
/// is set.
static void run_case(const char *name, ck_dtype type, ck_loop loop, ptrdiff_t n, unsigned still, drawing kind) {
  const char *operands = operands_of(name);
  // Sums of many inputs lie alike, a search of one row has no gaps.
  const int packed = !strcmp(name, "all_finite");
  const ptrdiff_t rows = packed ? 1 : 3, gap = packed ? 0 : 2, first = 1;
  ck_span span = {.rows = rows, .n = n};
  set_constants(name, &span, n);
  void *p[CK_OPERANDS] = {0};
  ck_dtype types[CK_OPERANDS];
  ptrdiff_t counts[CK_OPERANDS];
  int32_t k = 0, inputs = 0;
  int seen = 0;
  for (const char *c = operands; *c; c++) {
    if (*c == ':') {
      seen = 1;
      inputs = k;
      continue;
    }
    types[k] = letter_type(*c, type);
    const int one = *c < 'a', moves = !one && (seen || !(still >> k & 1));
    counts[k] = one ? 1 : first + (rows - 1) * (n + gap) + (moves ? n : 1);
    if (!seen && types[k] == CK_BOOL) p[k] = draw(CK_BOOL, counts[k], WHOLE);
    else if (!seen && !strncmp(name, "one_hot", 7)) p[k] = draw_indices(types[k], counts[k], n + 1);
    else if (!seen) p[k] = draw(types[k], counts[k], one ? POSITIVE : kind);
    else p[k] = blank(types[k], counts[k]);
    ck_span_set(&span, k, one ? 0 : first, one ? 0 : n + gap, moves);
    k++;
  }
  // Divisors are not 0; of a search the answer is not known yet; a one-hot's classes begin at a row's start.
  if (!strncmp(name, "integer.", 8) && strcmp(name, "integer.find_zero")) {
    for (ptrdiff_t i = 0; i < counts[1]; i++) {
      if (type == CK_I32 && ((int32_t *)p[1])[i] == 0) ((int32_t *)p[1])[i] = 3;
      if (type == CK_I64 && ((int64_t *)p[1])[i] == 0) ((int64_t *)p[1])[i] = 3;
    }
  }
  if (!strcmp(name, "integer.find_zero")) *(int64_t *)p[1] = -1;
  loop(&span, p);
  for (int32_t o = inputs; o < k; o++) {
    if (is_library(name, type)) record(types[o], p[o], counts[o], LIBRARY, 64);
    else record(types[o], p[o], counts[o], SAME_BITS, 0);
  }
}

static void entry_cases(const ck_entry *entry) {
  static const ptrdiff_t lengths[] = {1, 3, 7, 16, 33, 64, 129, 300, 2049};
  static const char *const names[CK_DTYPES] = {"f32", "f64", "i32", "i64", "bool"};
  for (int type = 0; type < CK_DTYPES; type++) {
    const ck_loop loop = ck_find_loop(entry->name, (ck_dtype)type, level);
    if (!loop) continue;
    const char *colon = strchr(operands_of(entry->name), ':');
    const unsigned inputs = (unsigned)(colon - operands_of(entry->name));
    // Which operands may stay: of a few-operand function all, of updates and sums none.
    const int broadcasts = strncmp(entry->name, "update.", 7) && strcmp(entry->name, "accumulate") &&
                           strcmp(entry->name, "all_finite") && strcmp(entry->name, "integer.find_zero");
    char name[48];
    snprintf(name, sizeof name, "%s %s", entry->name, names[type]);
    for (unsigned still = 0; still < (broadcasts ? 1u << inputs : 1u); still++)
      for (size_t l = 0; l < sizeof lengths / sizeof *lengths - (still > 0); l++)
        for (int kind = ANYTHING; kind <= MODERATE; kind++) {
          begin(name);
          run_case(entry->name, (ck_dtype)type, loop, lengths[l], still, (drawing)kind);
        }
  }
}

/// A nest of three axes around a span, with steps back and operands that stay.
static void nest_case(void) {
  begin("nest");
  ck_nest nest = {.span = {.rows = 2, .n = 5}, .outer = {.operands = 3}};
  ck_span_set(&nest.span, 0, 0, 5, 1);
  ck_span_set(&nest.span, 1, 110, 0, 1);
  ck_span_set(&nest.span, 2, 0, 5, 1);
  const ptrdiff_t strides[2][3] = {{40, -40, 40}, {10, -10, 10}};
  for (int axis = 0; axis < 2; axis++) ck_outer_add(&nest.outer, 3 + axis, strides[axis]);
  void *p[3] = {draw(CK_F32, 120, MODERATE), draw(CK_F32, 115, MODERATE), blank(CK_F32, 120)};
  ck_run_nest(&nest, ck_find_loop("binary.sub", CK_F32, level), p);
  record(CK_F32, p[2], 120, SAME_BITS, 0);
}

void elementwise_cases(void) {
  const ck_entry *const families[] = {
      ck_unary_entries,      ck_binary_entries, ck_select_entries,  ck_create_entries,
      ck_accumulate_entries, ck_update_entries, ck_integer_entries, ck_parametric_entries,
  };
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const ck_entry *e = families[f]; e->name; e++) entry_cases(e);
  nest_case();
}
