#include "cases.h"

void random_cases(void) {
  begin("random words");
  const uint32_t key[2] = {0x01234567, 0x89abcdef}, counter[4] = {1, 2, 3, 0xffffffff};
  uint32_t words[4];
  ck_philox(key, counter, words);
  record(CK_I32, words, 4, SAME_BITS, 0);
  double *values = blank(CK_F64, 1000);
  ck_random_uniform(key, 5, 3, 1000, values);
  record(CK_F64, values, 1000, SAME_BITS, 0);
  ck_random_normal(key, 5, UINT64_C(1) << 40, 999, values);
  record(CK_F64, values, 1000, SAME_BITS, 0);
  for (int type = CK_F32; type <= CK_F64; type++)
    for (ptrdiff_t length = 1; length < 400; length = length * 3 + 2)
      for (int64_t step = 0; step < 3; step++) {
        begin(type == CK_F32 ? "random f32" : "random f64");
        const ptrdiff_t count = 7 * (length + 3);
        // 7 runs with gaps, from the third element on.
        ck_random_region region = {.seed = 42, .stream = 9, .first = 2, .length = length};
        ck_random_axis(&region, 7, length + 3);
        void *y = blank((ck_dtype)type, count), *x = draw((ck_dtype)type, count, ANYTHING);
        ck_random_fill(level, (ck_dtype)type, &region, step, CK_UNIFORM, -1, 3, y);
        record((ck_dtype)type, y, count, SAME_BITS, 0);
        ck_random_fill(level, (ck_dtype)type, &region, step, CK_NORMAL, 0.5, 2, y);
        record((ck_dtype)type, y, count, SAME_BITS, 0);
        ck_dropout(level, (ck_dtype)type, &region, step, UINT64_C(1) << 30, 4.0 / 3, x, y);
        record((ck_dtype)type, y, count, SAME_BITS, 0);
      }
}
