/*
 * Run states, their leases and their visitors: Sources/Scheduler/Executor/ExecutorCore+Lease.swift (lease, claim, claimAny, take,
 * endLease), Concurrency/VisitGate.swift, RunState.swift (beginInspection, endInspection, awaitInspections),
 * ExecutorCore+Run.swift (open, close, finish, the order of close, collect and endLease in lead), GraphExecutor+Run.swift (submit).
 *
 * With store buffers. Two callers run their graphs on two run states, one of them twice in succession (the identity is the
 * hint it finds its state by); a graph's memory is freed when its caller's last run has returned. A pool thread visits and a
 * dump inspects whatever state they like, as often as they like. A run has one task, which its leader or the visitor runs.
 * With ASYNC the second caller submits and sleeps: whoever ends the run closes and gives the lease back, from inside.
 *
 * Bounds. What goes wrong with a lease goes wrong between a straggler in a state and the next leaseholder of it; the second
 * caller is the one who wants a state that has another's identity. Two visitors would only add to the gate's count.
 * Where the program would make a third state, the model's caller tries again.
 *
 * Left out: what the plain fields hold beyond the graph (they are written at the same place), acquire and release of what
 * visitors did to a state (ThreadSanitizer's), how the list of states grows.
 *
 * Claims: when a leaseholder sets a state up nobody else is inside and nobody else has leased it; the graph that a visitor or an
 * inspector finds there stays the same while it is inside, and is in memory whenever it is read; counters are armed
 * for the graph that is run.
 *
 * check: small clean  callers  -DBLOCKING
 * check:       clean  async  -DASYNC
 * check: small mutant LEASE_ENDS_BEFORE_RUN  -DBLOCKING
 * check: small mutant NO_VACANCY_CHECK  -DBLOCKING
 * check: small mutant ENTERS_ON_A_HINT  -DBLOCKING
 * check: small mutant NO_WAIT_FOR_INSPECTORS  -DBLOCKING
 * check:       mutant WAITS_FOR_INSPECTORS_BEFORE_CLOSING  -DBLOCKING
 * check:       mutant LOOKS_BEFORE_INSPECTING  -DBLOCKING
 * check: small mutant INSPECTION_RELEASED  -DBLOCKING
 * check: small mutant CLOSING_RELEASED  -DBLOCKING
 * check:       mutant HINT_NOT_CHECKED  -DBLOCKING
 * check:       mutant LEASED_WITHOUT_EXCHANGE  -DBLOCKING
 * check:       mutant COMPLETES_BEFORE_CLOSING  -DASYNC
 */

#define STATES 2
#define SB_THREADS 4
#define SB_WORDS 6
#include "store_buffer.pml"

#define GATE(s) (s)
#define LEASED(s) (2 + (s))
#define INSPECTORS(s) (4 + (s))
/* The gate's bit above the count of visitors. */
#define OPEN 8

/* Plain fields, and the relaxed identity. Graphs are 1 and 2; 0 is none. */
byte tables[STATES], identity[STATES], armed[STATES];
bit asynchronous[STATES];
byte work[STATES], remaining[STATES];

/* Ghosts. */
bit inMemory[3];
byte inside[STATES], holders[STATES];
bit completed;

#define graph_is_there(s) assert(inMemory[tables[s]])

inline end_lease(s) {
  holders[s]--;
  sb_store(me, LEASED(s), 0)
}

inline close(s) {
#ifdef MUTANT_WAITS_FOR_INSPECTORS_BEFORE_CLOSING
  mem[INSPECTORS(s)] == 0;
#endif
#ifdef MUTANT_CLOSING_RELEASED
  sb_add(me, GATE(s), -OPEN);
#else
  sb_add_sc(me, GATE(s), -OPEN);
#endif
#if !defined(MUTANT_NO_WAIT_FOR_INSPECTORS) && !defined(MUTANT_WAITS_FOR_INSPECTORS_BEFORE_CLOSING)
  mem[INSPECTORS(s)] == 0
#else
  skip
#endif
}

/* Takes a task if there is one: the body reads the graph; then Worker.report, and finish if it was the last. */
inline help(s) {
  atomic { if :: work[s] > 0 -> work[s]--; ok = 1 :: else -> ok = 0 fi };
  if
  :: ok ->
    graph_is_there(s);
    atomic { sb_fenced(me) -> remaining[s]--; ok = remaining[s] == 0 };
    if
    :: ok && asynchronous[s] ->
      asynchronous[s] = 0;
#ifdef MUTANT_COMPLETES_BEFORE_CLOSING
      completed = 1;
#endif
      close(s);
      end_lease(s);
      completed = 1
    :: else
    fi
  :: else
  fi;
  ok = 0
}

/* ExecutorCore.take; `ok`: whether the state is the caller's. */
inline take(s, isHinted) {
#ifdef MUTANT_LEASED_WITHOUT_EXCHANGE
  if
  :: mem[LEASED(s)] == 0 -> sb_store_sc(me, LEASED(s), 1); holders[s]++; ok = 1
  :: else -> ok = 0
  fi;
#else
  atomic {
    sb_fenced(me) ->
    if
    :: mem[LEASED(s)] == 0 -> mem[LEASED(s)] = 1; holders[s]++; ok = 1
    :: else -> ok = 0
    fi
  };
#endif
  if
  :: ok ->
#ifdef MUTANT_NO_VACANCY_CHECK
    ok = 1
#else
#ifdef MUTANT_HINT_NOT_CHECKED
    ok = mem[GATE(s)] == 0;
#else
    ok = (!(isHinted) || identity[s] == graph) && mem[GATE(s)] == 0;
#endif
    if
    :: !ok -> end_lease(s)
    :: else
    fi
#endif
  :: else
  fi
}

/* ExecutorCore.lease: by the hint, else any. */
inline lease() {
  do
  :: s = 0;
    if
    :: identity[0] == graph
    :: identity[1] == graph -> s = 1
    :: else -> skip
    fi;
    hinted = identity[s] == graph;
    take(s, hinted);
    if
    :: ok -> break
    :: else
    fi;
    if
    :: s = 0
    :: s = 1
    fi;
    hinted = 0;
    take(s, 0);
    if
    :: ok -> break
    :: else
    fi
  od;
  ok = 0;
  assert(holders[s] == 1);
  assert(inside[s] == 0);
#ifdef MUTANT_HINT_NOT_CHECKED
  /* Trusts what it read before it had the lease. */
  if
  :: !hinted
#else
  if
  :: identity[s] != graph
#endif
    -> armed[s] = graph; identity[s] = graph
  :: else
  fi;
  tables[s] = graph;
  assert(armed[s] == graph);
  work[s] = 1;
  remaining[s] = 1;
  hinted = 0
}

/* ExecutorCore.lead. */
inline lead() {
  lease();
  sb_add_sc(me, GATE(s), OPEN);
#ifdef MUTANT_LEASE_ENDS_BEFORE_RUN
  end_lease(s);
#endif
  help(s);
  remaining[s] == 0;
  close(s);
#ifndef MUTANT_LEASE_ENDS_BEFORE_RUN
  end_lease(s)
#endif
}

active proctype caller() {
  byte me = 0, graph = 1;
  byte s;
  bit ok, hinted;
  inMemory[1] = 1;
  lead();
  lead();
  sb_fenced(me);
  inMemory[1] = 0
}

active proctype other() {
  byte me = 1, graph = 2;
  byte s;
  bit ok, hinted;
  inMemory[2] = 1;
#ifdef ASYNC
  /* ExecutorCore.submit. */
  lease();
  asynchronous[s] = 1;
  sb_add_sc(me, GATE(s), OPEN);
  completed;
#else
  lead();
  sb_fenced(me);
#endif
  inMemory[2] = 0
}

/* ExecutorCore.visitRuns for one state at a time. */
active proctype visitor() {
  byte me = 2;
  byte s, found;
  bit ok;
end:
  do
  :: if
    :: s = 0
    :: s = 1
    fi;
    if
    :: mem[GATE(s)] < OPEN
    :: else ->
#ifdef MUTANT_ENTERS_ON_A_HINT
      atomic { sb_fenced(me) -> mem[GATE(s)] = mem[GATE(s)] + 1; ok = 1; inside[s]++ };
#else
      atomic {
        sb_fenced(me) ->
        ok = mem[GATE(s)] >= OPEN;
        mem[GATE(s)] = mem[GATE(s)] + 1;
        inside[s] = inside[s] + ok
      };
#endif
      if
      :: ok ->
        found = tables[s];
        help(s);
        assert(tables[s] == found);
        atomic { inside[s]--; mem[GATE(s)] = mem[GATE(s)] - 1 }
      :: else -> mem[GATE(s)] = mem[GATE(s)] - 1
      fi
    fi;
    atomic { ok = 0; found = 0; s = 0 }
  od
}

/* RunState.beginInspection … endInspection, as a dump of the executor's state does. */
active proctype inspector() {
  byte me = 3;
  byte s, found;
end:
  do
  :: if
    :: s = 0
    :: s = 1
    fi;
#if defined(MUTANT_LOOKS_BEFORE_INSPECTING)
    found = mem[GATE(s)] >= OPEN;
    sb_add_sc(me, INSPECTORS(s), 1);
#elif defined(MUTANT_INSPECTION_RELEASED)
    sb_add(me, INSPECTORS(s), 1);
    found = mem[GATE(s)] >= OPEN;
#else
    sb_add_sc(me, INSPECTORS(s), 1);
    found = mem[GATE(s)] >= OPEN;
#endif
    if
    :: found ->
      found = tables[s];
      graph_is_there(s);
      assert(tables[s] == found)
    :: else
    fi;
    sb_add(me, INSPECTORS(s), -1);
    atomic { found = 0; s = 0 }
  od
}
