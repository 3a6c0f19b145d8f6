#ifndef CKernels_h
#define CKernels_h

// Vector kernels in plain C. Each family is one source, compiled once for each instruction-set level; which level
// runs is decided once, by the processor or by the environment. All levels give the same bits.

#include "ck_access.h"
#include "ck_attention.h"
#include "ck_conv.h"
#include "ck_copy.h"
#include "ck_cumulate.h"
#include "ck_dispatch.h"
#include "ck_flat.h"
#include "ck_fused.h"
#include "ck_gemm.h"
#include "ck_index.h"
#include "ck_loop.h"
#include "ck_norm.h"
#include "ck_pool.h"
#include "ck_random.h"
#include "ck_reduce.h"
#include "ck_softmax.h"
#include "ck_sort.h"
#include "ck_stream.h"

#endif
