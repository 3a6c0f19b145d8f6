#ifndef CKernels_H
#define CKernels_H

#include "access.h"
#include "copy.h"
#include "gemm.h"

#endif
