// Compiles the family in the file CK_FAMILY once for each instruction-set level. Inside it CK(name) is the name at the
// level being compiled, and M(name, T) that of a function of element type T.
//
// Contraction is off: a product and a sum are rounded separately unless CK(fma) of transcendental.h asks for one
// rounding, which every level then does, so that all levels agree bit for bit.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)
#pragma clang diagnostic ignored "-Wpass-failed"
#pragma clang diagnostic ignored "-Wunused-function"

#define CK_PASTE_(a, b) a##_##b
#define CK_PASTE(a, b) CK_PASTE_(a, b)
#define CK(name) CK_PASTE(name, CK_LEVEL)
#define M(name, T) CK_PASTE(name, CK_PASTE(T, CK_LEVEL))

// A loop whose iterations are independent: where an output shares an input's bytes, it is the same element.
#define CK_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

// Whether the level has fused multiplication; without it the C library's is a call for each element.
#define CK_LEVEL base
#if defined(__x86_64__)
#define CK_FUSED 0
#else
#define CK_FUSED 1
#endif
#include CK_FAMILY
#undef CK_LEVEL
#undef CK_FUSED

#if defined(__x86_64__)

// Without no-prefer-256-bit the compiler keeps to 32-byte vectors.
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define CK_LEVEL v3
#define CK_FUSED 1
#include CK_FAMILY
#undef CK_LEVEL
#undef CK_FUSED
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,no-prefer-256-bit"))), apply_to = function)
#define CK_LEVEL v4
#define CK_FUSED 1
#include CK_FAMILY
#undef CK_LEVEL
#undef CK_FUSED
#pragma clang attribute pop

/// The function `name` for element type T at all levels, indexed by ck_level.
#define CK_ALL_LEVELS(name, T) {name##_##T##_base, name##_##T##_v3, name##_##T##_v4}

#else

#define CK_ALL_LEVELS(name, T) {name##_##T##_base, 0, 0}

#endif
