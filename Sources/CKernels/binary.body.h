#include "transcendental.h"

#define CK_DEFINE(name, T, U, formula) CK_LOOP2(name##_loop, T, T, formula)
CK_BINARY_ARITHMETIC(CK_DEFINE, float, float)
CK_BINARY_ARITHMETIC(CK_DEFINE, double, double)
CK_BINARY_ARITHMETIC(CK_DEFINE, int32_t, uint32_t)
CK_BINARY_ARITHMETIC(CK_DEFINE, int64_t, uint64_t)
CK_BINARY_REAL(CK_DEFINE, float, float)
CK_BINARY_REAL(CK_DEFINE, double, double)
#undef CK_DEFINE

#define CK_DEFINE(name, T, formula) CK_LOOP2(name##_loop, T, uint8_t, formula)
CK_COMPARISONS(CK_DEFINE, float)
CK_COMPARISONS(CK_DEFINE, double)
CK_COMPARISONS(CK_DEFINE, int32_t)
CK_COMPARISONS(CK_DEFINE, int64_t)
CK_COMPARISONS(CK_DEFINE, uint8_t)
#undef CK_DEFINE

CK_LOOP2(and_loop, uint8_t, uint8_t, x & z)
CK_LOOP2(or_loop, uint8_t, uint8_t, x | z)
CK_LOOP2(xor_loop, uint8_t, uint8_t, x ^ z)
CK_LOOP1(not_loop, uint8_t, uint8_t, x ^ 1)
