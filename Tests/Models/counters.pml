/*
 * Dependency counters and what is built on them: Sources/Scheduler/Executor/Worker+Shared.swift (release), Worker.swift
 * (execute, report), Worker+Solo.swift (runSolo, prepareSharing), RunMemory.swift (bind), and the binary tree of additions of
 * Sources/Autodiff/Planning/GradientAccumulator.swift, which is nothing but tasks with two dependencies.
 *
 * Sequentially consistent. Two runs in succession on the same counters; WORKERS threads, of which the first leads: it may do any
 * number of tasks in the solo phase before it opens the run. Ready tasks lie in a bag from which anybody takes any, which allows
 * every order that deques and roots allow; a worker keeps one of the tasks that it made ready (any: ranks are left out).
 *
 * Graphs. MIXED: 0 and 1 are roots; 2 after 0 and 1; 3 after 0 alone; 4 after 1, 2 and 3; 5 after 2 alone. So there are tasks
 * with one, two and three predecessors, edges with and without the bit for a sole predecessor, forks and joins. TREE:
 * four contributions 0…3, 4 = 0 + 1, 5 = 2 + 3, 6 = 4 + 5, the smallest tree in which sums meet sums. FAILING: any body
 * may throw, whereupon the bodies not yet begun are skipped.
 *
 * Bounds. A counter's life is its arming, its count-downs and its arming again; two runs have every order of these once, the
 * third would begin as the second. Three workers can meet at the counter of three; trees of two need two.
 *
 * Left out: what orders the bodies' plain memory (acquire and release along the counter; ThreadSanitizer's), `report` counting
 * several tasks at once (each worker here reports when it has no task left at hand, as it does there).
 *
 * Claims: a task is executed or skipped exactly once a run, after all its predecessors; at the run's end every counter is armed
 * as before it, also when bodies were skipped; a run ends, and not before its bodies have. In a tree: the sum is that of the
 * contributions in their order, whoever comes when, and the worker that counts an addition's second operand down is the
 * one that adds.
 *
 * check: small clean  mixed  -DMIXED -DWORKERS=2
 * check:       clean  mixed-three-workers  -DMIXED -DWORKERS=3
 * check: small clean  failing  -DMIXED -DWORKERS=2 -DFAILING
 * check: small clean  tree  -DTREE -DWORKERS=2
 * check:       clean  tree-three-workers  -DTREE -DWORKERS=3
 * check: small mutant NOT_ARMED_AGAIN  -DMIXED -DWORKERS=2
 * check: small mutant ARMED_AFTER_REPORT  -DMIXED -DWORKERS=2
 * check: small mutant COUNT_DOWN_IN_TWO_STEPS  -DMIXED -DWORKERS=2
 * check: small mutant SHORTCUT_AT_TWO  -DMIXED -DWORKERS=2
 * check:       mutant SOLE_BIT_ON_A_JOIN  -DMIXED -DWORKERS=2
 * check: small mutant SKIPPED_DOES_NOT_COUNT_DOWN  -DMIXED -DWORKERS=2 -DFAILING
 * check:       mutant SKIPPED_IS_NOT_ARMED  -DMIXED -DWORKERS=2 -DFAILING
 * check:       mutant OPENED_TOO_EARLY  -DMIXED -DWORKERS=2
 * check:       mutant REPORTED_BEFORE_BODY  -DMIXED -DWORKERS=2
 * check: small mutant ADDS_IN_ORDER_OF_ARRIVAL  -DTREE -DWORKERS=2
 * check:       mutant ADDS_AT_FIRST_ARRIVAL  -DTREE -DWORKERS=2
 * check:       mutant READY_TASK_GIVEN_AWAY  -DTREE -DWORKERS=2
 */

#define RUNS 2
#define NONE 15
/* In place of the worker that arrived last: the leader, alone, where ready tasks wait in its deque. */
#define SOLO 14

#ifdef TREE
#define TASKS 7
#define isRoot(t) (t < 4)
#define dependencies(t) (t < 4 -> 0 : 2)
#define successorCount(t) (t < 6 -> 1 : 0)
#define successor(t, i) (t < 2 -> 4 : (t < 4 -> 5 : 6))
#define isSole(t, i) 0
#else
#define TASKS 6
#define isRoot(t) (t < 2)
#define dependencies(t) (t < 2 -> 0 : (t == 2 -> 2 : (t == 4 -> 3 : 1)))
#define successorCount(t) (t < 3 -> 2 : (t == 3 -> 1 : 0))
/* 0: 2, 3 sole. 1: 2, 4. 2: 4, 5 sole. 3: 4. */
#define successor(t, i) \
  (t == 0 -> 2 + i : (t == 1 -> 2 + 2 * i : (t == 2 -> 4 + i : 4)))
#ifdef MUTANT_SOLE_BIT_ON_A_JOIN
#define isSole(t, i) ((t == 0 || t == 2) && i == 1 || t == 1 && i == 0)
#else
#define isSole(t, i) ((t == 0 || t == 2) && i == 1)
#endif
#endif

short counter[TASKS];
bit ready[TASKS];
short remaining;
bit isOpen, skips, isOver;
/* Visitors: the next run of the state begins when they have left (lease.pml). */
byte inside;

/* Ghosts: which tasks have ended, by body or skipped; how often each was begun in this run. */
bit ended[TASKS], begun[TASKS];
#ifdef TREE
/* Each value is its contributions' numbers in the order of their addition, as decimal digits; 0 while there is none. */
short value[TASKS];
byte lastArrival[TASKS];
/* Which operand arrived first, for the mutant. */
bit rightFirst[TASKS];
#endif

#define left(t) (t == 4 -> 0 : (t == 5 -> 2 : 4))
#define right(t) (t == 4 -> 1 : (t == 5 -> 3 : 5))

inline body(t) {
#ifdef TREE
  if
  :: t < 4 -> value[t] = t + 1
  :: else ->
    assert(lastArrival[t] == me || lastArrival[t] == SOLO);
    atomic {
#ifdef MUTANT_ADDS_IN_ORDER_OF_ARRIVAL
      if
      :: rightFirst[t] -> value[t] = value[right(t)] * (t == 6 -> 100 : 10) + value[left(t)]
      :: else -> value[t] = value[left(t)] * (t == 6 -> 100 : 10) + value[right(t)]
      fi
#else
      value[t] = value[left(t)] * (t == 6 -> 100 : 10) + value[right(t)]
#endif
    }
  fi
#else
  skip
#endif
}

#define predecessors_ended(t) \
  (isRoot(t) || t == 2 && ended[0] && ended[1] || t == 3 && ended[0] || t == 4 && ended[1] && ended[2] && ended[3] \
   || t == 5 && ended[2])

/* Worker.execute. */
inline execute(t) {
#if defined(MUTANT_NOT_ARMED_AGAIN)
  skip;
#elif defined(MUTANT_ARMED_AFTER_REPORT)
  if
  :: !isOpen -> counter[t] = dependencies(t)
  :: else
  fi;
#elif defined(MUTANT_SKIPPED_IS_NOT_ARMED)
  if
  :: !skips -> counter[t] = dependencies(t)
  :: else
  fi;
#else
  counter[t] = dependencies(t);
#endif
  atomic {
    assert(!begun[t]);
    begun[t] = 1;
#ifndef TREE
    assert(predecessors_ended(t))
#endif
  };
  if
  :: skips
  :: else ->
    if
    :: body(t)
#ifdef FAILING
    :: skips = 1
#endif
    fi
  fi;
  ended[t] = 1;
  executed++
}

/* `isLast`: whether the task is ready now. */
inline count_down(t, i) {
  isLast = 1;
  if
  :: isSole(t, i)
  :: else ->
#ifdef MUTANT_SHORTCUT_AT_TWO
    if
    :: counter[next] <= 2
#else
    if
    :: counter[next] == 1
#endif
    :: else ->
#ifdef MUTANT_COUNT_DOWN_IN_TWO_STEPS
      seen = counter[next] - 1;
      counter[next] = seen;
      isLast = seen == 0;
      seen = 0
#else
      atomic { counter[next]--; isLast = counter[next] == 0 }
#endif
    fi;
#ifdef TREE
    atomic {
      if
      :: isLast -> lastArrival[next] = me
      :: else -> rightFirst[next] = (t == right(next))
      fi
    };
#ifdef MUTANT_ADDS_AT_FIRST_ARRIVAL
    isLast = !isLast;
    if
    :: isLast -> lastArrival[next] = me
    :: else
    fi
#endif
#endif
  fi
}

/* Worker.release: keeps one of the tasks that became ready. */
inline release(t) {
  best = NONE;
  i = 0;
#ifdef MUTANT_SKIPPED_DOES_NOT_COUNT_DOWN
  if
  :: skips -> i = successorCount(t)
  :: else
  fi;
#endif
  do
  :: i < successorCount(t) ->
    next = successor(t, i);
    count_down(t, i);
    if
    :: isLast ->
#ifdef MUTANT_READY_TASK_GIVEN_AWAY
      ready[next] = 1
#else
      if
      :: best == NONE -> best = next
      :: best != NONE -> ready[next] = 1
      :: best != NONE -> ready[best] = 1; best = next
      fi
#endif
    :: else
    fi;
    i++
  :: else -> break
  od;
  atomic { i = 0; next = 0; isLast = 0 }
}

/* The same in the solo phase: plain loads and stores, the bit for sole predecessors is not looked at. */
inline release_solo(t) {
  i = 0;
  do
  :: i < successorCount(t) ->
    next = successor(t, i);
    seen = counter[next] - 1;
    counter[next] = seen;
    if
    :: seen == 0 ->
      ready[next] = 1;
#ifdef TREE
      lastArrival[next] = SOLO
#endif
    :: else
    fi;
    i++
  :: else -> break
  od;
  atomic { i = 0; next = 0; seen = 0 }
}

/* Takes any ready task; blocks while there is none and the condition does not hold. */
inline take_or(condition) {
  if
  :: atomic { ready[0] -> ready[0] = 0; best = 0 }
  :: atomic { ready[1] -> ready[1] = 0; best = 1 }
  :: atomic { ready[2] -> ready[2] = 0; best = 2 }
  :: atomic { ready[3] -> ready[3] = 0; best = 3 }
  :: atomic { ready[4] -> ready[4] = 0; best = 4 }
  :: atomic { ready[5] -> ready[5] = 0; best = 5 }
#ifdef TREE
  :: atomic { ready[6] -> ready[6] = 0; best = 6 }
#endif
  :: condition -> best = NONE
  fi
}

/* Worker.runShared, one burst: tasks at hand, then the report. */
inline burst() {
  do
  :: task = best;
#ifdef MUTANT_REPORTED_BEFORE_BODY
    atomic { remaining = remaining - executed - 1; executed = -1 };
#endif
    execute(task);
    release(task);
    if
    :: best == NONE -> break
    :: else
    fi
  od;
  atomic { remaining = remaining - executed; executed = 0 };
#ifdef MUTANT_ARMED_AFTER_REPORT
  counter[task] = dependencies(task);
#endif
  task = 0
}

inline all_armed() {
  i = 0;
  do
  :: i < TASKS ->
    assert(counter[i] == dependencies(i));
    assert(begun[i] && ended[i]);
    begun[i] = 0;
    ended[i] = 0;
#ifdef TREE
    if
    :: i == 6 -> assert(value[6] == 1234)
    :: else
    fi;
    lastArrival[i] = 0;
    rightFirst[i] = 0;
#endif
    i++
  :: else -> break
  od;
#ifdef TREE
  i = 0;
  do
  :: i < TASKS -> value[i] = 0; i++
  :: else -> break
  od;
#endif
  i = 0
}

active proctype leader() {
  byte me = 0;
  byte task, best, next, i, round;
  short executed, seen;
  bit isLast;
  /* RunMemory.bind. */
  atomic {
    do
    :: i < TASKS -> counter[i] = dependencies(i); i++
    :: else -> i = 0; break
    od
  };
  do
  :: round < RUNS ->
    atomic {
      skips = 0;
      do
      :: i < TASKS && isRoot(i) -> ready[i] = 1; i++
      :: else -> i = 0; break
      od
    };
#ifdef MUTANT_OPENED_TOO_EARLY
    remaining = TASKS;
    isOpen = 1;
#endif
    do
    :: take_or(executed == TASKS);
      if
      :: best == NONE -> break
      :: else
      fi;
      execute(best);
      release_solo(best)
    :: executed < TASKS -> break
    od;
#ifndef MUTANT_OPENED_TOO_EARLY
    remaining = TASKS - executed;
    executed = 0;
    isOpen = 1;
#else
    atomic { remaining = remaining - executed; executed = 0 };
#endif
    do
    :: take_or(remaining == 0);
      if
      :: best == NONE -> break
      :: else -> burst()
      fi
    od;
    /* The caller goes on from here. */
    assert(ended[0] && ended[1] && ended[2] && ended[3] && ended[4] && ended[5] && ended[TASKS - 1]);
    isOpen = 0;
    inside == 0;
    atomic { best = 0; all_armed() };
    round++
  :: else -> break
  od;
  isOver = 1
}

active [WORKERS - 1] proctype helper() {
  byte me = _pid;
  byte task, best, next, i;
  short executed, seen;
  bit isLast;
  do
  :: isOver -> break
  :: atomic { isOpen -> inside++ };
    do
    :: take_or(remaining == 0);
      if
      :: best == NONE -> best = 0; break
      :: else -> burst()
      fi
    od;
    inside--
  od
}
