#include "CHeap.h"

#include <malloc.h>

size_t heap_bytes_in_use(void) {
  struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

void heap_share_arena(void) { mallopt(M_ARENA_MAX, 1); }

void heap_trim(void) { malloc_trim(0); }
