/*
 * Who may use a store: Sources/Autodiff/State/StoreGate.swift (enter, enterAtOnce, enterAgain, enqueue, leave,
 * setConsistent), HeldStore.swift (inside, mode) and their callers: ParameterStore.swift (enter, checkUse, tensor, setTensor, restore)
 * and Autodiff/Lowering/RunLease.swift and PreparedRun.swift (enter, run, leave).
 *
 * Sequentially consistent: what the gate does under its lock is one step, and a waiter's semaphore or continuation is a bit of
 * its own. Two threads whose runs assign and two whose runs read, each once or twice, in any order. With NESTED, a kernel of a run
 * that assigns uses the store again on the same thread, for reading or for assigning; with NESTED_IN_READING, a
 * kernel of a run that reads does.
 *
 * Bounds. A queue of three waiters behind one inside has every order of two readers and two writers; that leaves a queue
 * which begins with readers and one which begins with a writer.
 *
 * Left out: the lock itself, the difference between a thread that blocks and a Swift task that suspends (both wait for one
 * wake-up of their own).
 *
 * Claims: a run that assigns is alone; whoever waits is let in (an invalid end state would show a lost hand-over), in
 * order of arrival; while anybody waits, the first of them could not be let in; using the store again from inside a run on it
 * is refused instead of waiting for itself, or, if both read, let in past those who wait.
 *
 * check: small clean  gate  -DTURNS=1
 * check:       clean  gate-twice  -DTURNS=2
 * check: small clean  nested-in-assigning  -DTURNS=1 -DNESTED
 * check: small clean  nested-reading-in-reading  -DTURNS=1 -DNESTED_IN_READING=READING
 * check: small clean  nested-assigning-in-reading  -DTURNS=1 -DNESTED_IN_READING=ASSIGNING
 * check: small mutant BARGING  -DTURNS=1
 * check: small mutant NOT_LOOKED_AGAIN_BEFORE_QUEUEING  -DTURNS=1
 * check:       mutant WOKEN_BEFORE_ADMITTED  -DTURNS=1
 * check: small mutant LEAVING_WAKES_ONE  -DTURNS=1
 * check:       mutant WRITER_WAITS_FOR_WRITERS_ONLY  -DTURNS=1
 * check:       mutant LAST_READER_WAKES_NOBODY  -DTURNS=1
 * check:       mutant WAKES_FIRST_OF_THE_ADMITTED  -DTURNS=1
 * check: small mutant HELD_NOT_NOTED  -DTURNS=1 -DNESTED
 * check: small mutant READING_NOT_NOTED  -DTURNS=1 -DNESTED_IN_READING=ASSIGNING
 * check: small mutant NESTED_READING_QUEUES  -DTURNS=1 -DNESTED_IN_READING=READING
 * check: small mutant ASSIGNS_INSIDE_READING  -DTURNS=1 -DNESTED_IN_READING=ASSIGNING
 */

#define READING 0
#define ASSIGNING 1
#define CLIENTS 4
/* Two that read, two that assign. */
#define modeOf(client) (client < 2 -> READING : ASSIGNING)

byte readers;
bit isAssigned;
/* The waiting, in order of arrival, and what each wants. */
byte waiting[CLIENTS], waitingCount;
bit wants[CLIENTS];
bit woken[CLIENTS];

/* Whom a thread that leaves must wake, once it has let go of the lock. */
bit wakes[CLIENTS];

/* Ghosts: who is inside; arrivals at the queue and admissions from it, numbered. */
byte readersInside, writersInside;
byte arrivals, admissions;
byte ticket[CLIENTS];

#define admits(mode) (!isAssigned && (mode == READING || readers == 0))

inline admit(mode) {
  if
  :: mode == READING -> readers++
  :: else -> isAssigned = 1
  fi
}

/* While anybody waits, the first could not be let in: nobody is forgotten. */
inline nobody_forgotten() {
  assert(waitingCount == 0 || !admits(wants[waiting[0]]))
}

inline append(mode) {
  wants[me] = mode;
  waiting[waitingCount] = me;
  waitingCount++;
  ticket[me] = arrivals;
  arrivals++
}

inline remove_first() {
  waiting[0] = waiting[1];
  waiting[1] = waiting[2];
  waiting[2] = waiting[3];
  waiting[3] = 0;
  waitingCount--
}

inline admit_at_once(mode) {
  admit(mode);
  entered = 1;
  /* Nobody who came before still waits. */
  assert(arrivals == admissions)
}

inline enter(mode) {
  atomic {
    /* enterAtOnce */
#ifdef MUTANT_BARGING
    if
    :: admits(mode) -> admit_at_once(mode)
#elif defined(MUTANT_WRITER_WAITS_FOR_WRITERS_ONLY)
    if
    :: waitingCount == 0 && !isAssigned -> admit_at_once(mode)
#else
    if
    :: waitingCount == 0 && admits(mode) -> admit_at_once(mode)
#endif
    :: else -> entered = 0
    fi;
    nobody_forgotten()
  };
  if
  :: entered
  :: else ->
    atomic {
      /* enqueue */
      if
#ifndef MUTANT_NOT_LOOKED_AGAIN_BEFORE_QUEUEING
      :: waitingCount == 0 && admits(mode) -> admit_at_once(mode)
      :: else -> append(mode)
#else
      :: append(mode)
#endif
      fi
    };
    if
    :: entered
    :: else -> atomic { woken[me] -> woken[me] = 0 }
    fi
  fi;
  entered = 0
}

inline leave(mode) {
  atomic {
    if
    :: mode == READING -> readers--
    :: else -> isAssigned = 0
    fi;
    do
    :: waitingCount > 0 ->
      first = waiting[0];
      if
#ifdef MUTANT_LAST_READER_WAKES_NOBODY
      :: mode == ASSIGNING && admits(wants[first]) ->
#else
      :: admits(wants[first]) ->
#endif
#ifndef MUTANT_WOKEN_BEFORE_ADMITTED
        admit(wants[first]);
#endif
        remove_first();
        assert(ticket[first] == admissions);
        admissions++;
#ifndef MUTANT_WAKES_FIRST_OF_THE_ADMITTED
        wakes[first] = 1;
#else
        wakes[first] = !(wakes[0] || wakes[1] || wakes[2] || wakes[3]);
#endif
#ifdef MUTANT_LEAVING_WAKES_ONE
        break
#endif
      :: else -> break
      fi
    :: else -> break
    od;
    first = 0;
    nobody_forgotten()
  };
  /* Outside the lock, one after the other. */
  do
  :: atomic { wakes[0] -> wakes[0] = 0; woken[0] = 1 }
  :: atomic { wakes[1] -> wakes[1] = 0; woken[1] = 1 }
  :: atomic { wakes[2] -> wakes[2] = 0; woken[2] = 1 }
  :: atomic { wakes[3] -> wakes[3] = 0; woken[3] = 1 }
  :: else -> break
  od
}

inline go_in(mode) {
  atomic {
    if
    :: mode == READING -> readersInside++
    :: else -> writersInside++
    fi;
    assert(writersInside <= 1 && (writersInside == 0 || readersInside == 0))
  }
}

inline go_out(mode) {
  if
  :: mode == READING -> readersInside--
  :: else -> writersInside--
  fi
}

/* HeldStore.mode: whether the run that the thread is in is noted as using the store. */
#ifdef MUTANT_HELD_NOT_NOTED
#define isHeld 0
#elif defined(MUTANT_READING_NOT_NOTED)
#define isHeld (modeOf(me) == ASSIGNING)
#else
#define isHeld 1
#endif

/* ParameterStore.checkUse: what would wait for the run that the thread is in. */
#ifdef MUTANT_ASSIGNS_INSIDE_READING
#define isRefused(mode) (isHeld && modeOf(me) == ASSIGNING)
#else
#define isRefused(mode) (isHeld && (modeOf(me) == ASSIGNING || mode == ASSIGNING))
#endif

/* StoreGate.enterAgain. */
inline enter_again(mode) {
  atomic {
    admit(mode);
    assert(!isAssigned && readers >= 2)
  }
}

/* What a kernel does with the store of its own run. */
inline use_again(mode) {
  if
  :: isRefused(mode)
  :: else ->
    if
#ifndef MUTANT_NESTED_READING_QUEUES
    :: isHeld -> enter_again(mode)
#endif
    :: else -> enter(mode)
    fi;
    leave(mode)
  fi
}

active [CLIENTS] proctype client() {
  byte me = _pid;
  byte first, turn;
  bit entered;
  do
  :: turn < TURNS ->
    enter(modeOf(me));
    go_in(modeOf(me));
#ifdef NESTED
    if
    :: modeOf(me) == ASSIGNING -> use_again(READING)
    :: modeOf(me) == ASSIGNING -> use_again(ASSIGNING)
    :: else
    fi;
#endif
#ifdef NESTED_IN_READING
    if
    :: modeOf(me) == READING -> use_again(NESTED_IN_READING)
    :: else
    fi;
#endif
    go_out(modeOf(me));
    leave(modeOf(me));
    turn++
  :: else -> break
  od
}
