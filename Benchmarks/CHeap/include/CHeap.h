// What the heap holds, which Swift's view of the C library leaves out.
#ifndef CHEAP_H
#define CHEAP_H

#include <stddef.h>

/// Bytes that the heap has handed out and not taken back, of all its arenas.
size_t heap_bytes_in_use(void);

/// Makes threads that start from now on share one arena, so that what one frees another uses again. Otherwise each of many
/// arenas keeps its own fragments, and resident memory says how threads met in them, not what is held.
void heap_share_arena(void);

/// Gives free pages of the heap back to the system.
void heap_trim(void);

#endif
