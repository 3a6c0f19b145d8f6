/*
 * Store buffers, so that a model can leave sequential consistency as x86-64 (TSO) does, and a little further.
 *
 * Memory is `mem`; each of SB_THREADS threads has a first-in-first-out buffer of SB_DEPTH stores. Loads look into the thread's own
 * buffer first, then into memory. The process `memory` may move the oldest store of any buffer to memory at any time. What the
 * orders of Swift's atomics become:
 *
 *   load, any order                          sb_load                 a load may overtake the stores still in the buffer
 *   store, relaxed or releasing              sb_store                goes to the buffer
 *   store, sequentially consistent           sb_store_sc             waits for the buffer to drain, then goes to memory
 *   read-modify-write, on x86-64 any order   sb_fenced, then `mem`   in one atomic step, waits for the buffer to drain
 *   add or subtract, relaxed or releasing,   sb_add                  goes to the buffer, as on processors where a weak atomic
 *     whose result nobody uses                                       add may become visible after later loads (`stadd` of ARMv8)
 *
 * A full buffer makes the next store wait, which is a legal schedule; SB_DEPTH is 3 since no protocol here has more stores
 * between two loads or fences. What this cannot show: loads that overtake loads and stores that overtake stores, that is, a
 * missing acquire or release. Those are ThreadSanitizer's.
 */

#define SB_DEPTH 3

typedef Buffer {
  byte count;
  byte address[SB_DEPTH];
  short value[SB_DEPTH];
  bit adds[SB_DEPTH]
}

Buffer buffer[SB_THREADS];
short mem[SB_WORDS];

#define sb_at(t, i, a) (buffer[t].count > i && buffer[t].address[i] == (a))

/* Whether an add to the address waits in the thread's own buffer: a load of it must wait for the sum. */
#define sb_adds(t, a) \
  ((sb_at(t, 0, a) && buffer[t].adds[0]) || (sb_at(t, 1, a) && buffer[t].adds[1]) || (sb_at(t, 2, a) && buffer[t].adds[2]))

#define sb_fenced(t) (buffer[t].count == 0)

/* What the thread reads there: an expression, to be used where sb_adds is false. */
#define sb_read(t, a) \
  (sb_at(t, 2, a) -> buffer[t].value[2] \
  : (sb_at(t, 1, a) -> buffer[t].value[1] : (sb_at(t, 0, a) -> buffer[t].value[0] : mem[a])))

inline sb_load(t, a, result) { atomic { !sb_adds(t, a) -> result = sb_read(t, a) } }

inline sb_put(t, a, v, isAdd) {
  d_step {
    buffer[t].count < SB_DEPTH ->
    buffer[t].address[buffer[t].count] = a;
    buffer[t].value[buffer[t].count] = v;
    buffer[t].adds[buffer[t].count] = isAdd;
    buffer[t].count++
  }
}

inline sb_store(t, a, v) { sb_put(t, a, v, 0) }

inline sb_add(t, a, v) { sb_put(t, a, v, 1) }

inline sb_store_sc(t, a, v) { atomic { sb_fenced(t) -> mem[a] = v } }

inline sb_add_sc(t, a, v) { atomic { sb_fenced(t) -> mem[a] = mem[a] + (v) } }

/* Moves the oldest store to memory; unused entries are zeroed so that equal buffers are equal states. */
inline sb_drain(t) {
  d_step {
    buffer[t].count > 0 ->
    if
    :: buffer[t].adds[0] -> mem[buffer[t].address[0]] = mem[buffer[t].address[0]] + buffer[t].value[0]
    :: else -> mem[buffer[t].address[0]] = buffer[t].value[0]
    fi;
    buffer[t].address[0] = buffer[t].address[1];
    buffer[t].value[0] = buffer[t].value[1];
    buffer[t].adds[0] = buffer[t].adds[1];
    buffer[t].address[1] = buffer[t].address[2];
    buffer[t].value[1] = buffer[t].value[2];
    buffer[t].adds[1] = buffer[t].adds[2];
    buffer[t].address[2] = 0;
    buffer[t].value[2] = 0;
    buffer[t].adds[2] = 0;
    buffer[t].count--
  }
}

active proctype memory() {
end:
  do
  :: sb_drain(0)
#if SB_THREADS > 1
  :: sb_drain(1)
#endif
#if SB_THREADS > 2
  :: sb_drain(2)
#endif
#if SB_THREADS > 3
  :: sb_drain(3)
#endif
  od
}
