// Elementwise functions over short rows: operands that are broadcast along them are first spread over a block in scratch
// memory, so that the function runs over the block as one row. Of a spread block every run is written as whole vectors, whose
// excess the next run overwrites; a block has 64 bytes to spare for the last.

#define CK_VECTOR(T, W) \
  typedef T M(vector_##W, T) __attribute__((vector_size(W * sizeof(T))));

// The run of n elements at x, again and again; n ≤ W.
#define CK_TILE(T, W) \
  static inline void M(tile_##W, T)(T *y, const T *x, ptrdiff_t runs, ptrdiff_t n) { \
    M(vector_##W, T) v; \
    for (int i = 0; i < W; i++) v[i] = x[i < n ? i : 0]; \
    for (ptrdiff_t r = 0; r < runs; r++) memcpy(y + r * n, &v, sizeof v); \
  }

// Elements of x that lie `stride` apart, each n times.
#define CK_REPEAT(T, W) \
  static inline void M(repeat_##W, T)(T *y, const T *x, ptrdiff_t stride, ptrdiff_t runs, ptrdiff_t n) { \
    for (ptrdiff_t r = 0; r < runs; r++) { \
      const M(vector_##W, T) v = x[r * stride] - (M(vector_##W, T)){0}; \
      for (ptrdiff_t i = 0; i < n; i += W) memcpy(y + r * n + i, &v, sizeof v); \
    } \
  }

// A block of `rows` rows of an operand whose first element is at x. Short runs take vectors of A elements, others of B.
#define CK_SPREAD(T, A, B) \
  CK_VECTOR(T, A) CK_VECTOR(T, B) \
  CK_TILE(T, A) CK_TILE(T, B) CK_REPEAT(T, A) CK_REPEAT(T, B) \
  static void M(spread, T)(const ck_flat_operand *o, ptrdiff_t rows, const T *x, T *y) { \
    const ptrdiff_t outer = o->leading == 0 ? rows * o->count[0] : o->count[0]; \
    const ptrdiff_t runs = o->leading == 1 ? rows * o->count[1] : o->count[1]; \
    const ptrdiff_t n = o->count[2]; \
    for (ptrdiff_t k = 0; k < outer; k++, x += o->stride[0], y += runs * n) { \
      if (o->stride[2] == 0) { \
        if (n <= A) M(repeat_##A, T)(y, x, o->stride[1], runs, n); \
        else M(repeat_##B, T)(y, x, o->stride[1], runs, n); \
      } else if (o->stride[1] == 0 && n <= B) { \
        if (n <= A) M(tile_##A, T)(y, x, runs, n); \
        else M(tile_##B, T)(y, x, runs, n); \
      } else { \
        for (ptrdiff_t r = 0; r < runs; r++) memcpy(y + r * n, x + r * o->stride[1], n * sizeof(T)); \
      } \
    } \
  }
CK_SPREAD(uint8_t, 16, 64)
CK_SPREAD(uint32_t, 4, 16)
CK_SPREAD(uint64_t, 4, 8)

// One position of the outer axes, at which operand k starts at start[k].
static void M(run_rows, flat)(
    const ck_flat *f, ck_loop loop, const ptrdiff_t *start, ck_span *s, void *const *p, char *scratch) {
  void *place[CK_OPERANDS];
  for (ptrdiff_t row = 0; row < f->rows; row += f->block_rows) {
    const ptrdiff_t rows = f->rows - row < f->block_rows ? f->rows - row : f->block_rows;
    for (int32_t k = 0; k < f->outer.operands; k++) {
      const ck_flat_operand *o = f->operand + k;
      const ptrdiff_t first = start[k] + row * o->row;
      if (o->size == 0) {
        place[k] = p[k];
        s->base[k] = first;
        continue;
      }
      char *block = scratch + o->place;
      place[k] = block;
      s->base[k] = 0;
      if (o->is_alike && s->rows) continue;
      switch (o->size) {
        case 1: M(spread, uint8_t)(o, rows, (const uint8_t *)p[k] + first, (uint8_t *)block); break;
        case 4: M(spread, uint32_t)(o, rows, (const uint32_t *)p[k] + first, (uint32_t *)block); break;
        default: M(spread, uint64_t)(o, rows, (const uint64_t *)p[k] + first, (uint64_t *)block); break;
      }
    }
    s->rows = 1;
    s->n = rows * f->row_elements;
    loop(s, place);
  }
}

static void M(run, flat)(const ck_flat *f, ck_loop loop, void *const *p, void *scratch) {
  ck_span s;
  ptrdiff_t start[CK_OPERANDS], index[CK_OUTER] = {0};
  // No rows: no block was spread so far.
  s.rows = 0;
  s.unit = f->unit;
  memcpy(s.constant, f->constant, sizeof s.constant);
  for (int32_t k = 0; k < f->outer.operands; k++) {
    s.row[k] = 0;
    start[k] = f->operand[k].base;
  }
  do M(run_rows, flat)(f, loop, start, &s, p, scratch);
  while (ck_outer_next(&f->outer, index, start));
}

#undef CK_VECTOR
#undef CK_TILE
#undef CK_REPEAT
#undef CK_SPREAD
