// Running sums. A row is summed in blocks whose own sums do not wait for what came before; columns side by side.
#define CK_BLOCK 8
#define CK_STRIP 256

#define CK_DEFINE(T, A) \
  static void M(cumulate_row, T)(int reverse, const T *x, T *y, ptrdiff_t n) { \
    const ptrdiff_t step = reverse ? -1 : 1, first = reverse ? n - 1 : 0; \
    A before = 0; \
    for (ptrdiff_t start = 0; start < n; start += CK_BLOCK) { \
      const ptrdiff_t m = n - start < CK_BLOCK ? n - start : CK_BLOCK, place = first + start * step; \
      A sum[CK_BLOCK] = {(A)x[place]}; \
      if (m == CK_BLOCK) { \
        for (ptrdiff_t i = 1; i < CK_BLOCK; i++) sum[i] = sum[i - 1] + (A)x[place + i * step]; \
        for (ptrdiff_t i = 0; i < CK_BLOCK; i++) y[place + i * step] = (T)(before + sum[i]); \
        before += sum[CK_BLOCK - 1]; \
      } else { \
        for (ptrdiff_t i = 1; i < m; i++) sum[i] = sum[i - 1] + (A)x[place + i * step]; \
        for (ptrdiff_t i = 0; i < m; i++) y[place + i * step] = (T)(before + sum[i]); \
      } \
    } \
  } \
  static void M(cumulate, T)(int reverse, const ck_softmax_box *b, const void *input, void *output) { \
    for (ptrdiff_t r = 0; r < b->rows; r++) { \
      const T *x = (const T *)input + r * b->row_stride; \
      T *y = (T *)output + r * b->row_stride; \
      if (b->stride == 1) { \
        M(cumulate_row, T)(reverse, x, y, b->length); \
        continue; \
      } \
      for (ptrdiff_t c = 0; c < b->columns; c += CK_STRIP) { \
        const ptrdiff_t n = b->columns - c < CK_STRIP ? b->columns - c : CK_STRIP; \
        A sum[CK_STRIP] = {0}; \
        for (ptrdiff_t j = 0; j < b->length; j++) { \
          const ptrdiff_t place = c + (reverse ? b->length - 1 - j : j) * b->stride; \
          CK_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) { sum[i] += (A)x[place + i]; y[place + i] = (T)sum[i]; } \
        } \
      } \
    } \
  }
CK_DEFINE(float, double)
CK_DEFINE(double, double)
CK_DEFINE(int32_t, uint32_t)
CK_DEFINE(int64_t, uint64_t)
#undef CK_DEFINE
#undef CK_BLOCK
#undef CK_STRIP
