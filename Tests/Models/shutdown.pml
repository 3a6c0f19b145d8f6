/*
 * Shutdown: Sources/Scheduler/Executor/ExecutorCore+Threads.swift (closeDoors, waitUntilDrained, stopThreads, isEnding),
 * GraphExecutor+Run.swift (beginCall, endCall), GraphExecutor.swift (shutdown, deinit, letGo of the core), and what
 * a run's beginning has to do with it: ExecutorCore+Lease.swift (take, endLease, where the control word is made ready for the
 * next run) and ExecutorCore+Run.swift (prepare); the pool thread's sleep in ExecutorCore+Pool.swift.
 *
 * With store buffers. Two callers call once or twice, each on a run state of its own; a third thread shuts the executor down, or, with
 * INSIDE, the first caller does from within a body, with or without the third thread (OUTSIDE) beside it; a pool thread sleeps and ends. The core is freed when the executor and the
 * pool thread have let go of it; a caller keeps the executor while it calls.
 *
 * Bounds. `calls` is 0, 1 or 2 at the shutdown, and the last call ends before, amid and after its steps. The second call of a caller
 * finds its run state as the first one left it, and the doors open, closing or closed.
 *
 * Left out: the inside of the event counts (event_count.pml), what else a pool thread does (parking.pml).
 *
 * Claims: a call is refused or waited for, so that no run is under way when `shutdown` returns, unless it was called from
 * inside; every run that has a body to begin after the doors were closed skips it; `shutdown` returns, all threads end, and
 * nobody touches the core after it was freed.
 *
 * check: small clean  outside  -DCALLS_EACH=1 -DOUTSIDE
 * check:       clean  outside-two-calls-each  -DCALLS_EACH=2 -DOUTSIDE
 * check: small clean  inside  -DCALLS_EACH=2 -DINSIDE
 * check:       clean  inside-and-outside  -DCALLS_EACH=1 -DINSIDE -DOUTSIDE
 * check: small mutant CONTROL_RESET_AFTER_LEASE  -DCALLS_EACH=2 -DOUTSIDE
 * check: small mutant CLOSED_RELEASED  -DCALLS_EACH=1 -DOUTSIDE
 * check: small mutant STOPPING_RELEASED  -DCALLS_EACH=1 -DOUTSIDE
 * check:       mutant PREPARES_WITHOUT_LOOK  -DCALLS_EACH=1 -DOUTSIDE
 * check: small mutant CALL_COUNTED_AFTER_LOOK  -DCALLS_EACH=1 -DOUTSIDE
 * check:       mutant CALL_COUNT_RELEASED  -DCALLS_EACH=1 -DOUTSIDE
 * check:       mutant DOORS_CLOSED_AFTER_DRAINING  -DCALLS_EACH=1 -DOUTSIDE
 * check:       mutant DRAINED_WITHOUT_LAST_LOOK  -DCALLS_EACH=1 -DOUTSIDE
 * check:       mutant END_OF_CALL_LOOKS_FIRST  -DCALLS_EACH=1 -DOUTSIDE
 * check:       mutant LAST_CALL_WAKES_NO_POOL  -DCALLS_EACH=1 -DINSIDE
 * check:       mutant POOL_ENDS_DESPITE_CALLS  -DCALLS_EACH=1 -DINSIDE
 */

#define CALLERS 2
#define CLOSER 2
#define THREAD 3
#define SB_THREADS 4
#define SB_WORDS 9
#include "store_buffer.pml"

#define IS_SHUT_DOWN 0
#define IS_STOPPING 1
#define CALLS 2
#define LEASED(c) (3 + (c))
#define CONTROL(c) (5 + (c))
#define DRAINED_SLEEPERS 7
#define IDLE_SLEEPERS 8
#define SKIPPING 1

byte drainedTokens, idleTokens;

/* Ghosts. */
byte references = 2;
/* Calls that were not refused and have not ended. */
byte admitted;
byte callersDone;
bit doorsClosed, hasReturned, poolEnded, freed;

#define touch assert(!freed)

inline let_go() {
  atomic { references--; if :: references == 0 -> freed = 1 :: else fi }
}

inline notify_all_idle() {
  atomic { sb_fenced(me) -> touch; idleTokens = idleTokens + mem[IDLE_SLEEPERS]; mem[IDLE_SLEEPERS] = 0 }
}

/* ---- ExecutorCore+Threads. */

inline close_doors() {
#ifdef MUTANT_CLOSED_RELEASED
  sb_store(me, IS_SHUT_DOWN, 1);
#else
  sb_store_sc(me, IS_SHUT_DOWN, 1);
#endif
  /* Every leased run is asked to skip, by an exchange from 0. */
  if
  :: mem[LEASED(0)] -> atomic { sb_fenced(me) -> mem[CONTROL(0)] = SKIPPING }
  :: else
  fi;
  if
  :: mem[LEASED(1)] -> atomic { sb_fenced(me) -> mem[CONTROL(1)] = SKIPPING }
  :: else
  fi;
  doorsClosed = 1
}

inline wait_until_drained() {
  do
  :: sb_add_sc(me, DRAINED_SLEEPERS, 1);
    if
#ifndef MUTANT_DRAINED_WITHOUT_LAST_LOOK
    :: mem[CALLS] == 0 ->
      /* cancel */
      atomic {
        if
        :: mem[DRAINED_SLEEPERS] > 0 -> mem[DRAINED_SLEEPERS] = mem[DRAINED_SLEEPERS] - 1
        :: else -> drainedTokens > 0 -> drainedTokens--
        fi
      };
      break
#endif
    :: else -> atomic { drainedTokens > 0 -> drainedTokens-- }
    fi
  od
}

inline stop_threads() {
#ifdef MUTANT_STOPPING_RELEASED
  sb_store(me, IS_STOPPING, 1);
#else
  sb_store_sc(me, IS_STOPPING, 1);
#endif
  if
  :: mem[CALLS] == 0 -> notify_all_idle()
  :: else
  fi
}

#ifdef MUTANT_POOL_ENDS_DESPITE_CALLS
#define ending (mem[IS_STOPPING])
#else
#define ending (mem[IS_STOPPING] && mem[CALLS] == 0)
#endif

/* ---- GraphExecutor+Run. */

inline end_call() {
#ifdef MUTANT_END_OF_CALL_LOOKS_FIRST
  isClosed = mem[IS_SHUT_DOWN];
  atomic { sb_fenced(me) -> touch; mem[CALLS] = mem[CALLS] - 1; isLast = mem[CALLS] == 0 };
#else
  atomic { sb_fenced(me) -> touch; mem[CALLS] = mem[CALLS] - 1; isLast = mem[CALLS] == 0 };
  if
  :: isLast -> isClosed = mem[IS_SHUT_DOWN]
  :: else
  fi;
#endif
  if
  :: isLast && isClosed ->
    atomic {
      touch;
      drainedTokens = drainedTokens + mem[DRAINED_SLEEPERS];
      mem[DRAINED_SLEEPERS] = 0
    };
#ifndef MUTANT_LAST_CALL_WAKES_NO_POOL
    if
    :: mem[IS_STOPPING] -> notify_all_idle()
    :: else
    fi
#endif
  :: else
  fi;
  atomic { isLast = 0; isClosed = 0 }
}

/* `mayCall`: whether the call was counted in. */
inline begin_call() {
#ifdef MUTANT_CALL_COUNTED_AFTER_LOOK
  atomic { mayCall = !sb_read(me, IS_SHUT_DOWN); admitted = admitted + mayCall };
  sb_add_sc(me, CALLS, 1);
#elif defined(MUTANT_CALL_COUNT_RELEASED)
  sb_add(me, CALLS, 1);
  atomic { mayCall = !sb_read(me, IS_SHUT_DOWN); admitted = admitted + mayCall };
#else
  sb_add_sc(me, CALLS, 1);
  atomic { mayCall = !sb_read(me, IS_SHUT_DOWN); admitted = admitted + mayCall };
#endif
  if
  :: !mayCall -> end_call()
  :: else
  fi
}

inline lead(stops) {
  /* take */
  atomic { sb_fenced(me) && !mem[LEASED(me)] -> mem[LEASED(me)] = 1 };
#ifdef MUTANT_CONTROL_RESET_AFTER_LEASE
  sb_store(me, CONTROL(me), 0);
#endif
  /* prepare */
#ifndef MUTANT_PREPARES_WITHOUT_LOOK
  isClosed = sb_read(me, IS_SHUT_DOWN);
  if
  :: isClosed ->
    atomic {
      sb_fenced(me) ->
      if
      :: mem[CONTROL(me)] == 0 -> mem[CONTROL(me)] = SKIPPING
      :: else
      fi
    }
  :: else
  fi;
#endif
  isClosed = 0;
  assert(!hasReturned);
  /* A body begins after its run was prepared; the processor has written all of that back by then or not. */
  if
  :: doorsClosed && sb_fenced(me) -> assert(mem[CONTROL(me)] == SKIPPING)
  :: stops -> close_doors(); stop_threads()
  :: else
  fi;
  touch;
  /* endLease */
#ifndef MUTANT_CONTROL_RESET_AFTER_LEASE
  sb_store(me, CONTROL(me), 0);
#endif
  sb_store(me, LEASED(me), 0)
}

active proctype caller() {
  byte me = 0;
  byte call;
  bit mayCall, isLast, isClosed;
  do
  :: call < CALLS_EACH ->
    begin_call();
    if
#ifdef INSIDE
    :: mayCall -> lead(1); admitted--; end_call()
#else
    :: mayCall -> lead(0); admitted--; end_call()
#endif
    :: else
    fi;
    call++
  :: else -> break
  od;
  callersDone++;
#ifndef OUTSIDE
  /* The executor is still there, and its thread ends nevertheless. */
  poolEnded;
  callersDone == CALLERS;
  let_go()
#endif
}

active proctype other() {
  byte me = 1;
  byte call;
  bit mayCall, isLast, isClosed;
  do
  :: call < CALLS_EACH ->
    begin_call();
    if
    :: mayCall -> lead(0); admitted--; end_call()
    :: else
    fi;
    call++
  :: else -> break
  od;
  callersDone++
}

#ifdef OUTSIDE
/* GraphExecutor.shutdown, from outside. */
active proctype closer() {
  byte me = CLOSER;
#ifdef MUTANT_DOORS_CLOSED_AFTER_DRAINING
  wait_until_drained();
  close_doors();
#else
  close_doors();
  wait_until_drained();
#endif
  assert(admitted == 0);
  hasReturned = 1;
  stop_threads();
  /* pthread_join. */
  poolEnded;
  callersDone == CALLERS;
  let_go()
}
#endif

/* ExecutorCore.serve, as far as it sleeps and ends. */
active proctype pool() {
  byte me = THREAD;
  do
  :: ending -> break
  :: else ->
    atomic { touch; mem[IDLE_SLEEPERS] = mem[IDLE_SLEEPERS] + 1 };
    if
    :: ending ->
      atomic {
        if
        :: mem[IDLE_SLEEPERS] > 0 -> mem[IDLE_SLEEPERS] = mem[IDLE_SLEEPERS] - 1
        :: else -> idleTokens > 0 -> idleTokens--
        fi
      }
    :: else -> atomic { idleTokens > 0 -> idleTokens-- }
    fi
  od;
  touch;
  assert(admitted == 0);
  poolEnded = 1;
  let_go()
}
