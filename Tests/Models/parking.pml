/*
 * Parking and slots: who sleeps, who wakes whom. Sources/Scheduler/Executor: ExecutorCore+Pool.swift (serve, visitRuns,
 * sleepUntilNotified, lastLook), ExecutorCore.swift (takeSlot, releaseSlot, hasFreeSlot, wakeIdle), Worker+Shared.swift
 * (runShared, wakeOthers, startSearching, foundWork), ExecutorCore+Run.swift (tackle, open, close, waitFor, help, finish),
 * GraphExecutor+Run.swift (submit, endCall), ExecutorCore+Threads.swift (stopThreads, isEnding); Concurrency/Slot.swift.
 *
 * With store buffers. Every task's body ends only when all tasks of its group have begun: the bodies of a group must overlap. So a
 * wake-up that is missed while there is a free slot and a thread to wake is no mere delay here, but a state in which nobody can go
 * on, an invalid end state. (A group is a run's tasks; in TWO_RUNS, both runs' tasks.) With HASTY, bodies end at once, where
 * there are not enough threads for a group.
 *
 * Configurations.
 *   SPREAD           a leader publishes two tasks by one store and is busy; two pool threads must both wake.
 *   TWO_RUNS         two leaders publish a task each and are busy; two pool threads must see to one each.
 *   SLEEPING_LEADER  a pool thread publishes two tasks while the leader sleeps; leader and second pool thread must wake.
 *   LOOP             a parallel loop's leader publishes two chunks; two pool threads must wake.
 *   SLOTLESS         one slot, a leader that holds it, a leader that finds none, a pool thread.
 *   ASYNC            one slot, a leader that holds it, a run that nobody waits for, a pool thread.
 *   STOPPED_INSIDE   as ASYNC with two slots, and stopThreads comes before either run ends, as when a task calls `shutdown`.
 *
 * Bounds. Every claim is about one publisher or releaser, one that sleeps, and one that somebody trusted to look; the second
 * pool thread and the second run are that third party. A pool thread that never comes for want of a slot is the same as
 * none, so configurations have fewer pool threads than slots - 1 where others would have nothing to do.
 *
 * Left out: the event count's inside (event_count.pml; here a token is taken in one step), deques (deque.pml; `work` counts what
 * is published and not taken; a scan of several deques is one look, since each publication is a Dekker pair of its own), leasing
 * (lease.pml), spinning before sleeping (a thread that spins only looks more often).
 *
 * check: small clean  spread  -DSPREAD
 * check:       clean  two-runs  -DTWO_RUNS
 * check:       clean  two-runs-turns  -DTWO_RUNS -DTURNS
 * check: small clean  sleeping-leader  -DSLEEPING_LEADER
 * check:       clean  loop  -DLOOP
 * check: small clean  slotless  -DSLOTLESS -DHASTY
 * check: small clean  async  -DASYNC -DHASTY
 * check: small clean  stopped-inside  -DSTOPPED_INSIDE -DHASTY
 * check: small mutant NO_LAST_LOOK  -DASYNC -DHASTY
 * check: small mutant COUNTED_OFF_AFTER_LOOK  -DASYNC -DHASTY
 * check: small mutant COUNT_OFF_RELEASED  -DSPREAD
 * check: small mutant PUBLISH_RELEASED  -DSLEEPING_LEADER
 * check:       mutant WAKER_LOOKS_ONCE  -DASYNC -DHASTY
 * check:       mutant CANCELLED_IS_NOT_COUNTED  -DASYNC -DHASTY
 * check:       mutant NO_PASSING_ON  -DSPREAD
 * check:       mutant NO_PASSING_ON  -DLOOP
 * check:       mutant PASSES_ON_ITS_RUN_ONLY  -DTWO_RUNS
 * check:       mutant PASSES_ON_TO_POOL_ONLY  -DSLEEPING_LEADER
 * check:       mutant SEVERAL_WAKE_ONE_LEADER  -DSLEEPING_LEADER
 * check: small mutant SLOT_RELEASED_WEAKLY  -DASYNC -DHASTY
 * check: small mutant RELEASE_WITHOUT_LOOK  -DASYNC -DHASTY
 * check:       mutant RELEASE_WITHOUT_LOOK  -DSLOTLESS -DHASTY
 * check:       mutant NO_SECOND_LOOK  -DASYNC -DHASTY
 * check:       mutant SLOTLESS_AFTER_LOOK  -DASYNC -DHASTY
 * check:       mutant LEADER_SLEEPS_UNSEEING  -DSLOTLESS -DHASTY
 * check: small mutant STOP_WAKES_REGARDLESS  -DSTOPPED_INSIDE -DHASTY
 */

#if defined(SPREAD) || defined(LOOP)
#define LEADERS 1
#define POOL 2
#define SLOTS 3
#define PUBLISHED 2
#elif defined(TWO_RUNS)
#define LEADERS 2
#define POOL 2
#define SLOTS 4
#define PUBLISHED 1
#elif defined(SLEEPING_LEADER)
#define LEADERS 1
#define POOL 2
#define SLOTS 3
#define PUBLISHED 1
#define STAGED
#elif defined(SLOTLESS)
#define LEADERS 2
#define POOL 1
#define SLOTS 1
#define PUBLISHED 1
#elif defined(ASYNC)
#define LEADERS 1
#define POOL 1
#define SLOTS 1
#define PUBLISHED 1
#define SUBMITS
#else
#define LEADERS 1
#define POOL 1
#define SLOTS 2
#define PUBLISHED 1
#define SUBMITS
#define STOPS_INSIDE
#endif

#ifdef SUBMITS
#define RUNS (LEADERS + 1)
#else
#define RUNS LEADERS
#endif

#define SB_THREADS 4
#define SB_WORDS (6 + RUNS)
#include "store_buffer.pml"

#define SEARCHING 0
#define SLEEPERS 1
#define SLOTLESS_THREADS 2
#define FREE 3
#define OPEN_RUNS 4
#define CALLS 5
#define WORK(r) (6 + (r))

byte tokens;
byte ownerSleepers[RUNS], ownerTokens[RUNS];
bit gate[RUNS];
byte remaining[RUNS];
byte begun[RUNS];
bit stopping, setUp;

/* ---- The event counts: `idle` of the pool, `owners` of a run. */

inline notify_idle() {
  /* withdraw, then post. */
  atomic { sb_fenced(me) -> if :: mem[SLEEPERS] > 0 -> mem[SLEEPERS] = mem[SLEEPERS] - 1; ok = 1 :: else -> ok = 0 fi };
  if
  :: ok -> tokens++
  :: else
  fi
}

inline notify_all_idle() {
  atomic { sb_fenced(me) -> tokens = tokens + mem[SLEEPERS]; mem[SLEEPERS] = 0 }
}

inline notify_all_owners(r) {
  atomic { sb_fenced(me) -> ownerTokens[r] = ownerTokens[r] + ownerSleepers[r]; ownerSleepers[r] = 0 }
}

#ifdef MUTANT_SEVERAL_WAKE_ONE_LEADER
#define SEVERAL 0
#else
#define SEVERAL 1
#endif

/* ---- Waking: ExecutorCore.wakeIdle, Worker.wakeOthers. */

/* `woke`: whether it woke somebody or somebody is looking already. */
inline wake_idle() {
  woke = 0;
  do
  :: sb_load(me, SLEEPERS, seen);
    if
    :: seen == 0 -> break
    :: else
    fi;
    atomic {
      sb_fenced(me) ->
      if
      :: mem[SEARCHING] == 0 -> mem[SEARCHING] = 1
      :: else -> woke = 1; break
      fi
    };
    notify_idle();
    if
    :: ok -> woke = 1; break
    :: else
    fi;
    sb_add_sc(me, SEARCHING, -1);
#ifdef MUTANT_WAKER_LOOKS_ONCE
    break
#endif
  od;
  atomic { seen = 0; ok = 0; woke = 0 }
}

inline wake_others(r, several) {
  sb_load(me, SEARCHING, seen);
  if
  :: seen > 0
  :: else ->
    atomic {
      sb_fenced(me) ->
      if
      :: ownerSleepers[r] > 0 -> ownerSleepers[r]--; ok = 1
      :: else -> ok = 0
      fi
    };
    if
    :: ok -> ownerTokens[r]++
    :: else
    fi;
    if
    :: ok && !(several) -> skip
    :: else -> wake_idle()
    fi
  fi;
  atomic { seen = 0; ok = 0; woke = 0 }
}

/* ORDERING of the publication: the sequentially consistent store of a deque's bottom. */
inline publish(r, number) {
#ifdef MUTANT_PUBLISH_RELEASED
  sb_add(me, WORK(r), number)
#else
  sb_add_sc(me, WORK(r), number)
#endif
}

/* ---- Slots. */

inline take_slot() {
  atomic { sb_fenced(me) -> if :: mem[FREE] > 0 -> mem[FREE] = mem[FREE] - 1; slot = 1 :: else -> slot = 0 fi }
}

inline release_slot() {
  slot = 0;
#ifdef MUTANT_SLOT_RELEASED_WEAKLY
  sb_add(me, FREE, 1);
#else
  sb_add_sc(me, FREE, 1);
#endif
#ifndef MUTANT_RELEASE_WITHOUT_LOOK
  sb_load(me, SLOTLESS_THREADS, seen);
  if
  :: seen == 0
  :: else ->
    i = 0;
    do
    :: i < RUNS ->
      if
      :: gate[i] -> notify_all_owners(i)
      :: else
      fi;
      i++
    :: else -> break
    od;
    wake_idle()
  fi;
#endif
  atomic { i = 0; seen = 0 }
}

/* ---- Work. */

inline open(r) { gate[r] = 1; sb_add_sc(me, OPEN_RUNS, 1) }

inline close(r) { gate[r] = 0; sb_add_sc(me, OPEN_RUNS, -1) }

inline end_call() {
  atomic { sb_fenced(me) -> mem[CALLS] = mem[CALLS] - 1; ok = mem[CALLS] == 0 };
  if
  :: ok && stopping -> notify_all_idle()
  :: else
  fi;
  ok = 0
}

/* ExecutorCore.finish, called by whoever reports the last task. */
inline finish(r) {
  if
  :: r < LEADERS -> notify_all_owners(r)
  :: else -> close(r); end_call()
  fi
}

inline report(r) {
  atomic { sb_fenced(me) -> remaining[r]--; ok = remaining[r] == 0 };
  if
  :: ok -> ok = 0; finish(r)
  :: else
  fi
}

#ifdef STAGED
/* The first of the leader's run, the one it published, then three that must overlap. */
#define TOTAL 5
#define ALONE 2
#else
#define TOTAL (PUBLISHED + 1)
#define ALONE 0
#endif

#ifdef TWO_RUNS
#define all_begun(r) (begun[0] == TOTAL && begun[1] == TOTAL)
#else
#define all_begun(r) (begun[r] == TOTAL)
#endif

/* A task's body: with its group, or alone. */
inline body(r) {
  atomic { begun[r]++; number = begun[r] };
#ifndef HASTY
  if
  :: number <= ALONE
  :: else -> all_begun(r)
  fi;
#endif
#ifdef STAGED
  if
  :: number == ALONE ->
    /* Three successors are ready: it shows two and keeps one. */
    publish(r, 2);
    wake_others(r, SEVERAL);
    report(r);
    atomic { begun[r]++; number = begun[r] };
    begun[r] == TOTAL
  :: else
  fi;
#endif
  number = 0;
  report(r)
}

/* ExecutorCore.passOn: wakes somebody for a run's work that nobody looks for; a pool thread, else the run's leader. */
inline pass_on_in(r) {
  sb_load(me, WORK(r), seen);
  if
  :: seen > 0 ->
    wake_idle();
    if
    :: woke
#ifdef MUTANT_PASSES_ON_TO_POOL_ONLY
    :: else
#else
    :: else ->
      atomic {
        sb_fenced(me) ->
        if
        :: ownerSleepers[r] > 0 -> ownerSleepers[r]--; ok = 1
        :: else -> ok = 0
        fi
      };
      if
      :: ok -> ownerTokens[r]++
      :: else
      fi
#endif
    fi
  :: else
  fi;
  atomic { seen = 0; ok = 0; woke = 0 }
}

inline pass_on(r) {
#ifdef MUTANT_NO_PASSING_ON
  skip
#else
  pass_on_in(r)
#if RUNS > 1 && !defined(MUTANT_PASSES_ON_ITS_RUN_ONLY)
;
  other = RUNS - 1 - r;
  if
  :: gate[other] -> pass_on_in(other)
  :: else
  fi;
  other = 0
#endif
#endif
}

inline found_work(r) {
  if
  :: searches ->
    searches = 0;
    atomic { sb_fenced(me) -> mem[SEARCHING] = mem[SEARCHING] - 1; ok = mem[SEARCHING] == 0 };
    if
    :: ok -> pass_on(r)
    :: else
    fi;
    ok = 0
  :: else
  fi
}

inline start_searching() {
  if
  :: !searches -> searches = 1; sb_add_sc(me, SEARCHING, 1)
  :: else
  fi
}

/* ExecutorCore.help of a pool thread (mine: it counts as searching) or of a leader. `did`: whether it did anything. */
/* A task that was published, if there is one. */
inline take_work(r) {
  atomic { sb_fenced(me) -> if :: mem[WORK(r)] > 0 -> mem[WORK(r)] = mem[WORK(r)] - 1; ok = 1 :: else -> ok = 0 fi }
}

/* ExecutorCore.help of a pool thread, which counts as searching before and after, or of a leader. */
#ifndef LOOP
inline help(r, isPool) {
  searches = isPool;
  do
  :: take_work(r);
    if
    :: !ok -> break
    :: else
    fi;
    ok = 0;
    did = 1;
    found_work(r);
    body(r);
    if
    :: isPool -> start_searching()
    :: else
    fi;
#ifdef TURNS
    if
    :: isPool && mem[OPEN_RUNS] > 1 -> wake_others(r, 1); break
    :: skip
    fi
#endif
  od;
  searches = 0
}
#else
inline help(r, isPool) {
  sb_load(me, WORK(r), seen);
  if
  :: seen == 0
  :: else ->
    if
    :: isPool ->
      atomic { sb_fenced(me) -> mem[SEARCHING] = mem[SEARCHING] - 1; ok = mem[SEARCHING] == 0 };
      if
      :: ok -> pass_on(r)
      :: else
      fi
    :: else
    fi;
    do
    :: take_work(r);
      if
      :: !ok -> break
      :: else
      fi;
      ok = 0;
      did = 1;
      body(r)
    od;
    if
    :: isPool -> sb_add_sc(me, SEARCHING, 1)
    :: else
    fi
  fi;
  seen = 0
}
#endif

/* ---- Pool threads. */

#define ending (stopping && mem[CALLS] == 0)

#define NOTHING 0
#define NO_SLOT 1
#define SOMETHING 2

inline last_look() {
  look = NOTHING;
  if
  :: ending -> look = SOMETHING
  :: else ->
    sb_load(me, OPEN_RUNS, seen);
    if
    :: seen > 0 ->
      i = 0;
      do
      :: i < RUNS ->
        if
        :: gate[i] && mem[WORK(i)] > 0 -> break
        :: else -> i++
        fi
      :: else -> break
      od;
      if
      :: i == RUNS
      :: else -> look = (mem[FREE] > 0 -> SOMETHING : NO_SLOT)
      fi
    :: else
    fi
  fi;
  atomic { i = 0; seen = 0 }
}

inline sleep_until_notified() {
  sb_add_sc(me, SLEEPERS, 1);
#if defined(MUTANT_COUNTED_OFF_AFTER_LOOK)
  last_look();
  sb_add_sc(me, SEARCHING, -1);
#elif defined(MUTANT_COUNT_OFF_RELEASED)
  sb_add(me, SEARCHING, -1);
  last_look();
#else
  sb_add_sc(me, SEARCHING, -1);
  last_look();
#endif
#ifdef MUTANT_NO_LAST_LOOK
  look = (ending -> SOMETHING : NOTHING);
#endif
  lacks = look == NO_SLOT;
  if
  :: lacks ->
#ifdef MUTANT_SLOTLESS_AFTER_LOOK
    last_look();
    sb_add_sc(me, SLOTLESS_THREADS, 1)
#else
    sb_add_sc(me, SLOTLESS_THREADS, 1);
#ifndef MUTANT_NO_SECOND_LOOK
    last_look()
#endif
#endif
  :: else
  fi;
  if
  :: look == SOMETHING ->
    /* cancel */
    atomic { sb_fenced(me) -> if :: mem[SLEEPERS] > 0 -> mem[SLEEPERS] = mem[SLEEPERS] - 1; ok = 1 :: else -> ok = 0 fi };
    if
#ifndef MUTANT_CANCELLED_IS_NOT_COUNTED
    :: ok -> sb_add_sc(me, SEARCHING, 1)
#else
    :: ok
#endif
    :: else -> atomic { tokens > 0 -> tokens-- }
    fi;
    ok = 0
  :: else -> atomic { tokens > 0 && sb_fenced(me) -> tokens-- }
  fi;
  if
  :: lacks -> sb_add_sc(me, SLOTLESS_THREADS, -1)
  :: else
  fi;
  atomic { lacks = 0; look = 0 }
}

active [POOL] proctype pool() {
  byte me = _pid - 1 + LEADERS;
  short seen;
  byte i, r, number, other;
  byte look;
  bit ok, woke, slot, searches, did, lacks;
  sb_add_sc(me, SEARCHING, 1);
  do
  :: ending -> break
  :: else ->
    did = 0;
    if
    :: mem[OPEN_RUNS] > 0 ->
      take_slot();
      if
      :: slot ->
        do
        :: r < RUNS ->
          if
          :: gate[r] -> help(r, 1)
          :: else
          fi;
          r++
        :: else -> break
        od;
        r = 0;
        release_slot()
      :: else
      fi
    :: else
    fi;
    if
    :: did
    :: else -> sleep_until_notified()
    fi
  od;
}

/* ---- Callers. */

/* ExecutorCore.waitFor of an outermost run. */
inline wait_for(r) {
  do
  :: remaining[r] == 0 -> break
  :: else ->
    if
    :: slot -> help(r, 0)
    :: else
    fi;
    if
    :: remaining[r] == 0 -> break
    :: else
    fi;
    atomic { sb_fenced(me) -> ownerSleepers[r]++ };
    if
    :: slot -> release_slot()
    :: else
    fi;
    sb_load(me, WORK(r), seen);
    could = seen > 0;
    lacks = could && mem[FREE] == 0;
    if
    :: lacks -> sb_add_sc(me, SLOTLESS_THREADS, 1)
    :: else
    fi;
#ifndef MUTANT_LEADER_SLEEPS_UNSEEING
    look = remaining[r] == 0;
#endif
    if
    :: !look && could && (!lacks || mem[FREE] > 0) -> look = 1
    :: else
    fi;
    if
    :: look ->
      atomic { if :: ownerSleepers[r] > 0 -> ownerSleepers[r]--; ok = 1 :: else -> ok = 0 fi };
      if
      :: !ok -> atomic { ownerTokens[r] > 0 -> ownerTokens[r]-- }
      :: else
      fi
    :: else -> atomic { ownerTokens[r] > 0 && sb_fenced(me) -> ownerTokens[r]-- }
    fi;
    if
    :: lacks -> sb_add_sc(me, SLOTLESS_THREADS, -1)
    :: else
    fi;
    atomic { ok = 0; look = 0; lacks = 0; could = 0; seen = 0; did = 0 };
    if
    :: remaining[r] > 0 -> take_slot()
    :: else
    fi
  od;
  if
  :: slot -> release_slot()
  :: else
  fi
}

/* ExecutorCore.stopThreads. */
inline stop_threads() {
  stopping = 1;
#ifndef MUTANT_STOP_WAKES_REGARDLESS
  if
  :: mem[CALLS] == 0 -> notify_all_idle()
  :: else
  fi
#else
  notify_all_idle()
#endif
}

active [LEADERS] proctype leader() {
  byte me = _pid - 1 - POOL;
  short seen;
  byte i, number, other;
  bit ok, woke, slot, searches, did, lacks, could, look;
  setUp;
  take_slot();
  if
  :: slot ->
#ifdef LOOP
    publish(me, TOTAL);
    open(me);
    wake_idle()
#else
    /* The solo phase comes to an end: prepareSharing, open, wakeOthers, runShared. */
    publish(me, PUBLISHED);
    open(me);
    wake_others(me, 1);
#ifdef STOPS_INSIDE
    stop_threads();
#endif
    body(me)
#endif
  :: else ->
    publish(me, TOTAL);
    open(me);
    wake_idle()
  fi;
  wait_for(me);
  close(me);
  end_call()
}

#ifdef SUBMITS
/* GraphExecutor+Run, submit. */
active proctype submitter() {
  byte me = 3;
  short seen;
  bit ok, woke;
  setUp;
  publish(LEADERS, PUBLISHED);
  open(LEADERS);
  wake_idle()
}
#endif

active proctype executor() {
  byte me = 3;
  atomic {
    mem[FREE] = SLOTS;
    mem[CALLS] = RUNS;
    remaining[0] = TOTAL;
#if LEADERS > 1
    remaining[1] = TOTAL;
#endif
#ifdef SUBMITS
    remaining[LEADERS] = PUBLISHED;
#endif
    setUp = 1
  };
#ifndef STOPS_INSIDE
  mem[CALLS] == 0;
  stop_threads()
#endif
}
