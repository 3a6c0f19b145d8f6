// Random numbers by blocks of four words. Block b of a key and a stream is Philox of the counter (b, stream). Blocks
// are drawn up to CK_BLOCKS at a time; own elementary functions and no contraction, so that a seed gives the same bits
// on every machine: the C library's depend on the processor.

#define CK_BLOCKS 64

/// The words of n blocks from block `first` on.
static void CK(blocks)(const uint32_t key[2], uint64_t stream, uint64_t first, ptrdiff_t n, uint32_t *words) {
  const uint32_t s0 = (uint32_t)stream, s1 = (uint32_t)(stream >> 32);
  for (ptrdiff_t b = 0; b < n; b++) {
    const uint64_t index = first + (uint64_t)b;
    uint32_t x0 = (uint32_t)index, x1 = (uint32_t)(index >> 32), x2 = s0, x3 = s1, k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
      const uint64_t left = (uint64_t)x0 * 0xd2511f53u, right = (uint64_t)x2 * 0xcd9e8d57u;
      x0 = (uint32_t)(right >> 32) ^ x1 ^ k0;
      x1 = (uint32_t)right;
      x2 = (uint32_t)(left >> 32) ^ x3 ^ k1;
      x3 = (uint32_t)left;
      k0 += 0x9e3779b9u;
      k1 += 0xbb67ae85u;
    }
    words[4 * b] = x0;
    words[4 * b + 1] = x1;
    words[4 * b + 2] = x2;
    words[4 * b + 3] = x3;
  }
}

/// log x for 0 < x ≤ 1 and normal: 2·artanh of (m - 1) / (m + 1), m the mantissa in √½ ..< √2.
static inline double CK(logarithm)(double x) {
  uint64_t b;
  memcpy(&b, &x, sizeof b);
  const uint64_t shifted = b - 0x3fe6a09e667f3bcdu;
  const double e = (double)(int32_t)((int64_t)shifted >> 52);
  b = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  double m;
  memcpy(&m, &b, sizeof m);
  const double s = (m - 1) / (m + 1), q = s * s;
  double t = 0;
  for (int k = 23; k >= 3; k -= 2) t = (t + 1.0 / k) * q;
  return 2 * (s + s * t) + e * 0.69314718055994531;
}

/// Cosine and sine of a turn's fraction 0 ≤ t < 1: power series within an eighth of a turn, then quadrants.
static inline void CK(circle)(double t, double *cosine, double *sine) {
  const int quadrant = (int)(4 * t + 0.5);
  const double a = (t - quadrant * 0.25) * 6.2831853071795865, z = a * a;
  double c = 1, s = 1;
  for (int k = 18; k >= 2; k -= 2) {
    c = 1 - c * z / (k * (k - 1));
    s = 1 - s * z / (k * (k + 1));
  }
  s = s * a;
  const double x = quadrant & 1 ? s : c, y = quadrant & 1 ? c : s;
  *cosine = (quadrant + 1) & 2 ? -x : x;
  *sine = quadrant & 2 ? -y : y;
}

/// The two numbers of 0 ..< 1 that each of n blocks holds.
static void CK(uniform)(const uint32_t *words, ptrdiff_t n, double *u) {
  for (ptrdiff_t i = 0; i < 2 * n; i++)
    u[i] = (double)(((uint64_t)words[2 * i + 1] << 32 | words[2 * i]) >> 11) * 0x1p-53;
}

/// The two normal numbers that share a radius and a turn (Box and Muller 1958), in place of n pairs of 0 ..< 1.
static void CK(normal)(ptrdiff_t n, double *u) {
  for (ptrdiff_t i = 0; i < n; i++) {
    // 1 - u lies in 0 < … ≤ 1, so that the logarithm is finite.
    const double radius = __builtin_elementwise_sqrt(-2 * CK(logarithm)(1 - u[2 * i]));
    double cosine, sine;
    CK(circle)(u[2 * i + 1], &cosine, &sine);
    u[2 * i] = radius * cosine;
    u[2 * i + 1] = radius * sine;
  }
}

/// Elements first ..< first + count of a stream, two of a block.
static void CK(draw)(
    const uint32_t key[2], uint64_t stream, int normal, uint64_t first, ptrdiff_t count, double *values) {
  uint32_t words[4 * CK_BLOCKS];
  double u[2 * CK_BLOCKS];
  for (ptrdiff_t done = 0; done < count;) {
    const uint64_t from = first + (uint64_t)done;
    const ptrdiff_t skipped = (ptrdiff_t)(from % 2), wanted = count - done + skipped;
    const ptrdiff_t n = wanted < 2 * CK_BLOCKS ? (wanted + 1) / 2 : CK_BLOCKS;
    CK(blocks)(key, stream, from / 2, n, words);
    CK(uniform)(words, n, u);
    if (normal) CK(normal)(n, u);
    const ptrdiff_t end = wanted < 2 * n ? wanted : 2 * n;
    for (ptrdiff_t i = skipped; i < end; i++) values[done++] = u[i];
  }
}

#define CK_DEFINE(T, below_of) \
  static void M(fill_run, T)( \
      const uint32_t key[2], uint64_t stream, int normal, double a, double b, uint64_t first, ptrdiff_t count, T *y) { \
    double z[2 * CK_BLOCKS]; \
    const double range = b - a; \
    const T low = (T)a, high = (T)b, below = below_of(high, low); \
    while (count > 0) { \
      const ptrdiff_t n = count < 2 * CK_BLOCKS ? count : 2 * CK_BLOCKS; \
      CK(draw)(key, stream, normal, first, n, z); \
      if (normal) { \
        for (ptrdiff_t i = 0; i < n; i++) y[i] = (T)(a + b * z[i]); \
      } else { \
        for (ptrdiff_t i = 0; i < n; i++) { const T v = (T)(a + range * z[i]); y[i] = v >= high ? below : v; } \
      } \
      first += (uint64_t)n; \
      count -= n; \
      y += n; \
    } \
  } \
  static void M(dropout_run, T)( \
      const uint32_t key[2], uint64_t stream, uint64_t threshold, double scale, uint64_t first, ptrdiff_t count, \
      const T *x, T *y) { \
    uint32_t words[4 * CK_BLOCKS]; \
    const T factor = (T)scale; \
    for (ptrdiff_t done = 0; done < count;) { \
      const uint64_t from = first + (uint64_t)done; \
      const ptrdiff_t skipped = (ptrdiff_t)(from % 4), wanted = count - done + skipped; \
      const ptrdiff_t n = wanted < 4 * CK_BLOCKS ? (wanted + 3) / 4 : CK_BLOCKS; \
      CK(blocks)(key, stream, from / 4, n, words); \
      const ptrdiff_t end = (wanted < 4 * n ? wanted : 4 * n) - skipped; \
      const uint32_t *w = words + skipped; \
      CK_INDEPENDENT for (ptrdiff_t i = 0; i < end; i++) { \
        const T value = x[done + i] * factor; \
        y[done + i] = w[i] >= threshold ? value : (T)0; \
      } \
      done += end; \
    } \
  }
CK_DEFINE(float, nextafterf)
CK_DEFINE(double, nextafter)
#undef CK_DEFINE
#undef CK_BLOCKS
