/*
 * The event count: Sources/Scheduler/Concurrency/EventCount.swift (announce, cancel, sleep with and without a limit, notifyOne,
 * notifyAll, withdraw, post, takeToken) and its plainest user, the end of a run (Worker.report, ExecutorCore.finish and the
 * loop of ExecutorCore.waitFor, ExecutorCore+Run.swift).
 *
 * With store buffers. The futex is modelled as the kernel gives it: `wait` compares and goes to sleep in one step, `wake` wakes one
 * of those asleep, and a thread that was woken looks again. Spurious returns are left out: they lead to the same look.
 *
 * Configurations. ITEMS: WAITERS threads want an item each, as many notifiers publish one each and call notifyOne; waiter 0
 * may give up after a time (LIMIT) and begin anew, as the watchdog does. COMPLETION: a leader waits until `remaining` is 0,
 * which two reporters count down; the last calls notifyAll. Two waiters are needed for a newcomer that takes another's
 * token; what a third would do, the first can do again.
 *
 * Claims: nobody sleeps for ever (an invalid end state would show it); at the end nobody is announced and no token is left;
 * at any time tokens = grants - those consumed, and sleepers = announcements - those cancelled or granted.
 *
 * check: small clean  items  -DWAITERS=2
 * check:       clean  items-and-limit  -DWAITERS=2 -DLIMIT
 * check: small clean  completion  -DCOMPLETION -DWAITERS=1
 * check: small mutant NO_LAST_LOOK  -DWAITERS=2
 * check: small mutant LOOK_BEFORE_ANNOUNCING  -DWAITERS=2
 * check: small mutant ANNOUNCE_RELEASED  -DWAITERS=2
 * check: small mutant PUBLISH_RELEASED  -DWAITERS=2
 * check: small mutant NOTIFIER_LOOKS_BEFORE_PUBLISHING  -DWAITERS=2
 * check:       mutant CANCEL_LEAVES_TOKEN  -DWAITERS=2
 * check:       mutant TOKEN_WITHOUT_WITHDRAWING  -DWAITERS=2
 * check:       mutant WAKE_BEFORE_TOKEN  -DWAITERS=2
 * check:       mutant FUTEX_WITHOUT_COMPARE  -DWAITERS=2
 * check:       mutant TIMEOUT_KEEPS_ANNOUNCEMENT  -DWAITERS=2 -DLIMIT
 * check: small mutant NOTIFY_ALL_FORGETS_TOKENS  -DCOMPLETION -DWAITERS=1
 * check: small mutant REPORT_IN_TWO_STEPS  -DCOMPLETION -DWAITERS=1
 */

#define SB_THREADS 4
#define SB_WORDS 5
#include "store_buffer.pml"

#define SLEEPERS 0
#define TOKENS 1
/* The items of the two notifiers; in COMPLETION the tasks reported, counted up to 2 in place of down to 0. */
#define ITEM 2
#define REPORTED 2

#ifdef COMPLETION
#define NOTIFIERS 2
#else
#define NOTIFIERS WAITERS
#endif

byte asleep, woken;
/* What the protocol's books say should be there: announcements neither cancelled nor granted, grants not consumed. */
short outstanding, owed;

#define tokens_are_grants assert(mem[TOKENS] == owed)

/* me: the thread's buffer. */
inline announce() {
#ifdef MUTANT_ANNOUNCE_RELEASED
  atomic { sb_add(me, SLEEPERS, 1); outstanding++ }
#else
  atomic { sb_fenced(me) -> mem[SLEEPERS] = mem[SLEEPERS] + 1; outstanding++; assert(mem[SLEEPERS] == outstanding) }
#endif
}

/* `won`: whether the count was above 0 and is now one less. Load and exchange; a failed exchange looks again. */
inline withdraw() {
  do
  :: sb_load(me, SLEEPERS, seen);
    if
    :: seen <= 0 -> won = 0; break
    :: else ->
      atomic {
        sb_fenced(me) ->
        if
        :: mem[SLEEPERS] == seen -> mem[SLEEPERS] = seen - 1; outstanding--; won = 1; break
        :: else
        fi
      }
    fi
  od;
  seen = 0
}

inline futex_wake() { atomic { sb_fenced(me) -> if :: asleep > 0 -> asleep--; woken++ :: else fi } }

inline add_token() {
  atomic { sb_fenced(me) -> mem[TOKENS] = mem[TOKENS] + 1; owed++; tokens_are_grants }
}

inline post_one() {
#ifdef MUTANT_WAKE_BEFORE_TOKEN
  futex_wake();
  add_token()
#else
  add_token();
  futex_wake()
#endif
}

inline notify_one() {
#ifdef MUTANT_TOKEN_WITHOUT_WITHDRAWING
  sb_load(me, SLEEPERS, seen);
  if
  :: seen > 0 -> post_one()
  :: else
  fi;
  seen = 0
#else
  withdraw();
  if
  :: won -> post_one()
  :: else
  fi
#endif
}

inline notify_all() {
  atomic { sb_fenced(me) -> seen = mem[SLEEPERS]; mem[SLEEPERS] = 0; outstanding = outstanding - seen };
  if
  :: seen > 0 ->
#ifndef MUTANT_NOTIFY_ALL_FORGETS_TOKENS
    atomic { mem[TOKENS] = mem[TOKENS] + seen; owed = owed + seen; tokens_are_grants };
#endif
    atomic {
      do
      :: seen > 0 && asleep > 0 -> seen--; asleep--; woken++
      :: else -> break
      od
    }
  :: else
  fi;
  seen = 0
}

/* `won`: whether a token was taken; with a limit the thread may give up. */
inline take_token(mayGiveUp) {
  do
  :: sb_load(me, TOKENS, seen);
    if
    :: seen > 0 ->
      atomic {
        sb_fenced(me) ->
        if
        :: mem[TOKENS] == seen -> mem[TOKENS] = seen - 1; owed--; won = 1; tokens_are_grants; break
        :: else
        fi
      }
    :: else ->
      if
      :: mayGiveUp -> won = 0; break
      /* futex_wait(0): compares and sleeps in one step. */
#ifdef MUTANT_FUTEX_WITHOUT_COMPARE
      :: atomic { sb_fenced(me) -> asleep++ }; atomic { woken > 0 -> woken-- }
#else
      :: atomic { sb_fenced(me) && mem[TOKENS] == 0 -> asleep++ };
        if
        :: atomic { woken > 0 -> woken-- }
        :: atomic { mayGiveUp && asleep > 0 -> asleep--; won = 0; break }
        fi
      :: atomic { sb_fenced(me) && mem[TOKENS] != 0 -> skip }
#endif
      fi
    fi
  od;
  seen = 0
}

/* `won`: whether a notifier had already chosen somebody. */
inline cancel() {
  withdraw();
  if
  :: won -> won = 0
  :: else ->
#ifndef MUTANT_CANCEL_LEAVES_TOKEN
    take_token(0);
#endif
    won = 1
  fi
}

inline sleep(mayGiveUp) {
  take_token(mayGiveUp);
  if
  :: won
  :: else ->
#ifndef MUTANT_TIMEOUT_KEEPS_ANNOUNCEMENT
    cancel()
#else
    skip
#endif
  fi
}

#ifdef COMPLETION

#define isThere (mem[REPORTED] == NOTIFIERS)
#define take_item gotIt = isThere

#else

#define isThere (mem[ITEM] > 0 || mem[ITEM + 1] > 0)
/* An exchange on an item, as a thief's on the deque. */
#define take_item \
  atomic { \
    if \
    :: mem[ITEM] > 0 -> mem[ITEM] = 0; gotIt = 1 \
    :: else -> \
      if \
      :: mem[ITEM + 1] > 0 -> mem[ITEM + 1] = 0; gotIt = 1 \
      :: else \
      fi \
    fi \
  }

#endif

byte finished;

active [WAITERS] proctype waiter() {
  byte me = _pid - 1;
  short seen;
  bit won, gotIt, looked;
  do
  :: take_item;
    if
    :: gotIt -> break
    :: else
    fi;
#ifdef MUTANT_LOOK_BEFORE_ANNOUNCING
    looked = isThere;
    announce();
#else
    announce();
    looked = isThere;
#endif
#ifdef MUTANT_NO_LAST_LOOK
    looked = 0;
#endif
    if
    :: looked -> cancel()
#ifdef LIMIT
    :: else -> sleep(me == 0)
#else
    :: else -> sleep(0)
#endif
    fi;
    won = 0;
    looked = 0
  :: atomic { gotIt -> break }
  od;
  finished++
}

active [NOTIFIERS] proctype notifier() {
  byte me = _pid - 1;
  short seen;
  bit won;
#ifdef COMPLETION
  /* Worker.report, then finish. */
  bit last;
#ifdef MUTANT_REPORT_IN_TWO_STEPS
  last = mem[REPORTED] == NOTIFIERS - 1;
  mem[REPORTED] = mem[REPORTED] + 1;
#else
  atomic { mem[REPORTED] = mem[REPORTED] + 1; last = mem[REPORTED] == NOTIFIERS };
#endif
  if
  :: last -> notify_all()
  :: else
  fi;
#else
#ifdef MUTANT_NOTIFIER_LOOKS_BEFORE_PUBLISHING
  sb_load(me, SLEEPERS, seen);
  sb_store_sc(me, ITEM + me - WAITERS, 1);
  if
  :: seen > 0 -> notify_one()
  :: else
  fi;
#else
#ifdef MUTANT_PUBLISH_RELEASED
  sb_store(me, ITEM + me - WAITERS, 1);
#else
  sb_store_sc(me, ITEM + me - WAITERS, 1);
#endif
  notify_one();
#endif
#endif
  finished++
}

/* When all have come to their end. */
active proctype audit() {
  finished == WAITERS + NOTIFIERS && sb_fenced(0) && sb_fenced(1) && sb_fenced(2) && sb_fenced(3);
  assert(mem[SLEEPERS] == 0);
  assert(mem[TOKENS] == 0)
}

#ifdef COMPLETION
init { skip }
#endif
