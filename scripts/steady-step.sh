#!/usr/bin/env bash
# What a steady training step calls: scripts/steady-step.sh [WORKLOAD [STEPS]]
#
# A workload of the suite is a prepared run; `trainer` is the MLP trained by a Trainer, which hands objects about once a
# batch: there, up to 32 retains a step pass, far below one for each of its samples or tasks.
#
# Counts allocations, reference counting and mutexes per step with a preloaded library, by the object that called, and
# traces system calls, at 1 and at 2 threads. Fails when one of ours is found: calls from objects of the numerical
# libraries are listed and pass. At 1 thread no system call may occur, at 2 only the futexes of parking.
set -euo pipefail
cd "$(dirname "$0")/.."

workload=${1:-mlp}
steps=${2:-200}
command -v strace >/dev/null || {
  echo "steady-step: strace is missing; run: apt-get install -y strace" >&2
  exit 1
}
scripts/setup.sh
swift build -c release --product tributary-bench >/dev/null
program=.build/release/tributary-bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${CC:-cc}" -O2 -shared -fPIC -o "$work/counter.so" scripts/preload/steady_counter.c -ldl

# Libraries whose calls are their own business.
foreign='from (libdnnl|libopenblas|libgomp|libhwloc|libstdc\+\+|libgfortran)'
failures=0

for threads in 1 2; do
  echo "== $workload, $threads thread(s), $steps steps"
  run=("$program" steady --workload "$workload" --threads "$threads" --steps "$steps")
  LD_PRELOAD="$work/counter.so" "${run[@]}" 2>"$work/counts" >/dev/null
  grep '^steady:' "$work/counts"
  ours=$(grep -E '^steady: site (malloc|swift_allocObject|swift_retain|pthread_mutex_lock)' "$work/counts" \
    | grep -vE "$foreign" || true)
  if [ "$workload" = trainer ] && awk '/total swift_retain/ { exit !($4 <= 32) }' "$work/counts"; then
    ours=$(grep -v 'site swift_retain' <<<"$ours" || true)
  fi
  if [ -n "$ours" ]; then
    echo "steady-step: calls of ours in steady steps" >&2
    failures=$((failures + 1))
  fi

  strace -f -qq -o "$work/trace" -E LD_PRELOAD="$work/counter.so" "${run[@]}" >/dev/null 2>&1
  # The two marks are writes to the descriptor -1; the calls between them belong to the steady steps.
  awk '/steady-begin/ { on = 1; next } /steady-end/ { on = 0 } on { sub(/^[0-9]+ +/, ""); sub(/\(.*/, ""); n[$0]++ }
    END { for (c in n) print c, n[c] }' "$work/trace" | grep -vE '^(<\.\.\.|---|\+\+\+)' >"$work/calls" || true
  echo "system calls: $(tr '\n' ';' <"$work/calls")"
  allowed='^$'
  [ "$threads" -eq 1 ] || allowed='^futex '
  if grep -vE "$allowed" "$work/calls" | grep -q .; then
    echo "steady-step: system calls in steady steps that should not be there" >&2
    failures=$((failures + 1))
  fi
done

[ "$failures" -eq 0 ]
