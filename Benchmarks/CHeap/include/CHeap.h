// What the heap holds, which Swift's view of the C library leaves out.
#ifndef CHEAP_H
#define CHEAP_H

#include <stddef.h>

/// Bytes that the heap has handed out and not taken back, of all its arenas.
size_t heap_bytes_in_use(void);

/// Gives free pages of the heap back to the system.
void heap_trim(void);

#endif
