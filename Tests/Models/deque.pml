/*
 * The work-stealing deque: Sources/Scheduler/Concurrency/WorkStealingDeque.swift (push, publish, pop, steal, privatePush,
 * privateTask), its use in the solo phase (Worker+Solo.swift, runSolo and prepareSharing) and for several tasks by one store
 * (Worker+Shared.swift, release and takeRoots), and between runs (RunMemory.swift, rewindRings).
 *
 * With store buffers. One owner, two thieves that make STEALS attempts each, two runs in succession on the same indices; the
 * thieves know nothing of runs, so each of them may be a straggler that began to steal in the first run and ends in the second.
 * A run has up to TASKS tasks, and the ring has two cells: every third task uses a cell again.
 *
 * Bounds. Every conflict is about the cell at `top`, and the ring's two cells and five tasks a pair of runs move every cell
 * through at least two lives. Two thieves are needed for "one lowers the number of tasks while the other's view is
 * old"; a third would be a fourth party to exchanges of which one wins anyway.
 *
 * Left out: what the tasks' predecessors wrote (release and acquire of `bottom`, ThreadSanitizer's part), the passing of the
 * owner's end from thread to thread (the slot's), 64-bit overflow.
 *
 * Claims: a task is taken once, by the pusher's or a thief's hand; when owner and thieves have come to an end every task of
 * the run was taken; a cell that is read was written for that position.
 *
 * check: small clean  two-tasks  -DTASKS=2 -DSTEALS=2
 * check:       clean  three-tasks  -DTASKS=3 -DSTEALS=2
 * check: small mutant POP_STORE_RELEASED  -DTASKS=2 -DSTEALS=2
 * check: small mutant RESTORE_DROPPED  -DTASKS=2 -DSTEALS=2
 * check: small mutant RESET_INDICES  -DTASKS=2 -DSTEALS=2
 * check: small mutant REWIND_BOTTOM_FIRST  -DTASKS=2 -DSTEALS=2
 * check: small mutant PUBLISH_BEFORE_CELL  -DTASKS=2 -DSTEALS=2
 * check:       mutant LAST_WITHOUT_EXCHANGE  -DTASKS=2 -DSTEALS=2
 * check:       mutant EQUAL_TAKEN_AS_LESS  -DTASKS=2 -DSTEALS=2
 * check:       mutant BOTTOM_BEFORE_TOP  -DTASKS=2 -DSTEALS=2
 * check:       mutant CELL_READ_AFTER_EXCHANGE  -DTASKS=3 -DSTEALS=2
 */

#define SB_THREADS 1
#define SB_WORDS 4
#include "store_buffer.pml"

#define OWNER 0
#define TOP 0
#define BOTTOM 1
#define CELLS 2
#define CAPACITY 2
#define cell(position) (CELLS + (position) % CAPACITY)
#define RUNS 2
/* What the solo phase leaves in a cell for a successor that is not ready. */
#define UNREADY 99

byte taken[TASKS * RUNS];
byte takenCount, pushed;
byte thievesDone;

/* Tasks are numbered in order of pushing, from 1, over all runs. */
inline take(task) {
  assert(task > 0 && task <= pushed);
  assert(!taken[task - 1]);
  taken[task - 1] = 1;
  takenCount++
}

/* Tasks not yet taken must fit the ring, as they do since the ring has a cell for each task of the graph. */
#define room (CAPACITY - (pushed - takenCount))

/* The owner's own end, as it sees it: nobody else writes it. */
#define ownBottom sb_read(OWNER, BOTTOM)

/* A relaxed store of the next task's number. */
#define store_next_at(position) \
  atomic { pushed++; sb_store(OWNER, cell(position), pushed) }

inline publish(end) { sb_store_sc(OWNER, BOTTOM, end) }

inline push() {
  bottom = ownBottom;
#ifdef MUTANT_PUBLISH_BEFORE_CELL
  pushed++;
  publish(bottom + 1);
  sb_store(OWNER, cell(bottom), pushed);
#else
  store_next_at(bottom);
  publish(bottom + 1);
#endif
  bottom = 0
}

/* Two tasks by one store of `bottom`. */
inline push_two() {
  bottom = ownBottom;
  store_next_at(bottom);
  store_next_at(bottom + 1);
  publish(bottom + 2);
  bottom = 0
}

#define takes_at(position) popped = sb_read(OWNER, cell(position)); take(popped)

inline restore() {
#ifndef MUTANT_RESTORE_DROPPED
  sb_store(OWNER, BOTTOM, bottom + 1)
#else
  skip
#endif
}

/* Takes the last task if nobody else was faster. */
inline take_last() {
#ifdef MUTANT_LAST_WITHOUT_EXCHANGE
  if
  :: sb_read(OWNER, TOP) == top -> atomic { sb_fenced(OWNER) -> mem[TOP] = top + 1; takes_at(bottom) }
  :: else
  fi
#else
  atomic {
    sb_fenced(OWNER) ->
    if
    :: mem[TOP] == top -> mem[TOP] = top + 1; takes_at(bottom)
    :: else
    fi
  }
#endif
}

inline pop() {
  atomic { bottom = ownBottom - 1; top = sb_read(OWNER, TOP) };
  if
  :: top > bottom
  :: else ->
#ifdef MUTANT_POP_STORE_RELEASED
    sb_store(OWNER, BOTTOM, bottom);
#else
    sb_store_sc(OWNER, BOTTOM, bottom);
#endif
    top = sb_read(OWNER, TOP);
    if
#ifdef MUTANT_EQUAL_TAKEN_AS_LESS
    :: atomic { top <= bottom -> takes_at(bottom) }
#else
    :: atomic { top < bottom -> takes_at(bottom) }
    :: top == bottom -> take_last(); restore()
#endif
    :: top > bottom -> restore()
    fi
  fi;
  atomic { bottom = 0; top = 0; popped = 0 }
}

/* The solo phase: tasks above a bottom that only the owner knows, and a cell written for a successor that is not ready. */
inline solo() {
  bottom = ownBottom;
  floor = bottom;
  do
  :: pushed < limit && room > 0 ->
    /* A predecessor that is not the last of `pushed` writes the cell first and leaves the end where it is. */
    if
    :: sb_store(OWNER, cell(bottom), UNREADY)
    :: skip
    fi;
    store_next_at(bottom);
    bottom++
  :: atomic { bottom > floor -> bottom--; takes_at(bottom) }
  :: bottom > floor ->
    if
    :: room > 0 -> sb_store(OWNER, cell(bottom), UNREADY)
    :: skip
    fi;
    publish(bottom);
    break
  :: pushed == limit && bottom == floor -> break
  od;
  atomic { bottom = 0; floor = 0; popped = 0 }
}

inline rewind() {
  atomic { bottom = ownBottom; bottom = bottom + bottom % CAPACITY };
#ifdef MUTANT_REWIND_BOTTOM_FIRST
  sb_store(OWNER, BOTTOM, bottom);
  sb_store(OWNER, TOP, bottom);
#else
  sb_store(OWNER, TOP, bottom);
  sb_store(OWNER, BOTTOM, bottom);
#endif
  bottom = 0
}

active proctype owner() {
  short bottom, top, popped, floor;
  byte limit;
  do
  :: limit < TASKS * RUNS ->
    limit = limit + TASKS;
#ifdef MUTANT_RESET_INDICES
    sb_store_sc(OWNER, TOP, 0);
    sb_store_sc(OWNER, BOTTOM, 0);
#endif
    /* A lease may move both ends of the empty deque forward to the beginning of the ring. */
    if
    :: pushed > 0 -> rewind()
    :: skip
    fi;
    /* A run whose leader found no slot has no solo phase. */
    if
    :: solo()
    :: skip
    fi;
    do
    :: pushed < limit && room > 0 -> push()
    :: pushed + 1 < limit && room > 1 -> push_two()
    :: takenCount < limit && ownBottom > 0 -> pop()
    /* Thieves have made their attempts: what is left is the owner's, or lost. */
    :: thievesDone == 2 && sb_fenced(OWNER) && pushed == limit && mem[TOP] >= mem[BOTTOM] ->
      assert(takenCount == limit);
      break
    :: takenCount == limit -> break
    od
  :: else -> break
  od;
  assert(takenCount == TASKS * RUNS)
}

active [2] proctype thief() {
  short top, bottom, task;
  byte attempts;
  do
  :: attempts < STEALS ->
#ifdef MUTANT_BOTTOM_BEFORE_TOP
    bottom = mem[BOTTOM];
    atomic { top = mem[TOP]; attempts++ };
#else
    top = mem[TOP];
    atomic { bottom = mem[BOTTOM]; attempts++ };
#endif
    if
    :: top >= bottom
    :: else ->
#ifndef MUTANT_CELL_READ_AFTER_EXCHANGE
      atomic { task = mem[cell(top)]; bottom = 0 };
      atomic {
        if
        :: mem[TOP] == top -> mem[TOP] = top + 1; take(task)
        :: else
        fi
      }
#else
      if
      :: atomic { mem[TOP] == top -> mem[TOP] = top + 1 };
        atomic { task = mem[cell(top)]; take(task) }
      :: mem[TOP] != top
      fi
#endif
    fi;
    atomic { top = 0; bottom = 0; task = 0 }
  :: else -> break
  od;
  thievesDone++
}
