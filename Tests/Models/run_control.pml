/*
 * Failure, cancellation and commit: Sources/Scheduler/Executor/RunControl.swift (skip, commit, fail, outcome, skips,
 * isCommitted), RunState.swift (poll; fail of a run pointer), TaskContext.swift (commit), and Worker.swift, where a body
 * is skipped.
 *
 * Sequentially consistent: one word and exchanges on it, so every order is one of the word's modifications. Two bodies that may
 * throw, one that commits and then assigns, one that cancels, one that sees the executor shut down; then the run's end.
 *
 * Bounds. There are three kinds of transition, skip, commit and fail, and two of each: skip with two reasons, commit twice by two
 * bodies, two failures. Of three alike the third finds the word as the second did.
 *
 * Left out: where the order between bodies comes from (counters.pml).
 *
 * Claims: cancelling, shutting down, failing and committing: one wins; the word never leaves `skipping` and never goes back
 * from `committed`; a commit is believed by all bodies or by none; one body stores the run's error if the outcome is a failure and
 * none if it is another; the outcome is the first reason, or a failure after the commit.
 *
 * check: small clean  control
 * check: small mutant COMMIT_BY_STORE
 * check:       mutant SKIP_BY_STORE
 * check: small mutant FAILURE_OVERRIDES_COMMIT
 * check:       mutant EVERY_FAILURE_STORES
 * check: small mutant LATER_FAILURES_STORE_WHEN_COMMITTED
 * check:       mutant COMMIT_IN_TWO_STEPS
 * check:       mutant SECOND_COMMIT_IS_REFUSED
 */

#define COMMITTED 1
#define SKIPPING 2
#define FAILED 4
#define CANCELLED 8
#define SHUT_DOWN 32

byte word;

/* Ghosts. */
byte stored, firstReason, saysCommitted, saysNot, done;

inline skip_for(reason) {
#ifdef MUTANT_SKIP_BY_STORE
  won = word == 0;
  if
  :: won -> word = SKIPPING | reason
  :: else
  fi;
#else
  atomic {
    if
    :: word == 0 -> word = SKIPPING | reason; won = 1
    :: else -> won = 0
    fi
  };
#endif
  if
  :: won -> firstReason = reason
  :: else
  fi
}

inline commit() {
#if defined(MUTANT_COMMIT_BY_STORE)
  word = COMMITTED;
  won = 1;
#elif defined(MUTANT_COMMIT_IN_TWO_STEPS)
  if
  :: word == 0 -> word = COMMITTED; won = 1
  :: else -> won = word & COMMITTED
  fi;
#elif defined(MUTANT_SECOND_COMMIT_IS_REFUSED)
  atomic {
    if
    :: word == 0 -> word = COMMITTED; won = 1
    :: else -> won = 0
    fi
  };
#else
  atomic {
    if
    :: word == 0 -> word = COMMITTED; won = 1
    :: else -> won = word & COMMITTED
    fi
  };
#endif
  if
  :: won -> saysCommitted++
  :: else -> saysNot++
  fi;
  assert(!(saysCommitted && saysNot))
}

inline fail() {
  skip_for(FAILED);
  if
  :: won
  :: else ->
#ifdef MUTANT_FAILURE_OVERRIDES_COMMIT
    atomic {
      if
      :: word & FAILED -> won = 0
      :: else -> word = SKIPPING | FAILED; won = 1
      fi
    }
#else
    atomic {
      if
#ifdef MUTANT_LATER_FAILURES_STORE_WHEN_COMMITTED
      :: word & COMMITTED -> word = COMMITTED | FAILED; won = 1
#else
      :: word == COMMITTED -> word = COMMITTED | FAILED; won = 1
#endif
      :: else -> won = 0
      fi
    }
#endif
  fi;
#ifdef MUTANT_EVERY_FAILURE_STORES
  won = 1;
#endif
  if
  :: won -> stored++
  :: else
  fi
}

/* Bodies that throw, unless they are skipped. */
active [2] proctype thrower() {
  bit won;
  if
  :: word & SKIPPING
  :: else -> fail()
  fi;
  done++
}

/* Bodies that assign once they have committed (Program.call). */
active [2] proctype committer() {
  bit won;
  if
  :: word & SKIPPING
  :: else ->
    commit();
    if
    :: won -> assert(!(word & SKIPPING)); assert(word & COMMITTED)
    :: else -> assert(word & SKIPPING)
    fi
  fi;
  done++
}

/* RunState.poll, by whichever body. */
active proctype canceller() {
  bit won;
  if
  :: word & (SKIPPING | COMMITTED)
  :: else -> skip_for(CANCELLED)
  fi;
  done++
}

/* ExecutorCore.closeDoors. */
active proctype closer() {
  bit won;
  skip_for(SHUT_DOWN);
  done++
}

/* ExecutorCore.collect. */
active proctype collector() {
  done == 6;
  assert(!(word & SKIPPING) || !(word & COMMITTED));
  assert(stored == (word & FAILED -> 1 : 0));
  assert(!(word & SKIPPING) || firstReason == (word & ~SKIPPING));
  assert(!(word & COMMITTED) || saysCommitted > 0 && firstReason == 0);
  assert(!saysCommitted || word & COMMITTED)
}
