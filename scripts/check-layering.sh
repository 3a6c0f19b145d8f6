#!/usr/bin/env bash
# Imports run one way only:
#   C targets <- Scheduler | Ops <- Autodiff <- Training <- Tributary <- commands, benchmarks, examples
#                                   Autodiff <- Measuring            <- commands, benchmarks
# and each C library is imported by one place, so that its types cannot leak.
set -euo pipefail
cd "$(dirname "$0")/.."

failures=0
fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

# allow FOLDER MODULE...: the modules of this package, and Foundation, that files under FOLDER may import.
allow() {
  local folder=$1 line file module
  shift
  while IFS= read -r line; do
    file=${line%%:*}
    module=${line##*import }
    module=${module%% *}
    case "$module" in
      Tributary* | CHwloc | COpenBLAS | COneDNN | CKernels | CSchedulerShims | CZlib | Foundation*) ;;
      *) continue ;;
    esac
    case " $* " in
      *" $module "*) ;;
      *) fail "$file imports $module; files under $folder may import: $*" ;;
    esac
  done < <(grep -rE --include='*.swift' '^[[:space:]@_a-zA-Z()]*import [A-Za-z_]+' "$folder" || true)
}

allow Sources/Scheduler CHwloc CSchedulerShims
allow Sources/Ops CKernels COpenBLAS COneDNN
allow Sources/Autodiff TributaryScheduler TributaryOps
allow Sources/Training TributaryAutodiff TributaryScheduler TributaryOps CZlib Foundation
allow Sources/Tributary TributaryTraining TributaryAutodiff TributaryScheduler TributaryOps
allow Sources/Measuring TributaryAutodiff TributaryOps Foundation
allow Sources/TributaryCLI Tributary TributaryMeasuring TributaryScheduler TributaryAutodiff TributaryTraining TributaryOps Foundation
allow Benchmarks/Workloads Tributary
allow Benchmarks/TributaryBench Tributary TributaryMeasuring TributaryWorkloads TributaryTestSupport Histogram TributaryScheduler TributaryOps TributaryAutodiff Foundation
allow Examples Tributary TributaryScheduler Foundation

# only MODULE PATTERN: every file that imports MODULE has a path matching the extended expression PATTERN.
only() {
  local file
  while IFS= read -r file; do
    [[ $file =~ $2 ]] || fail "$file imports $1; only files matching $2 may"
  done < <(grep -rlE --include='*.swift' "import $1\$" Sources Benchmarks Examples || true)
}

only CHwloc '^Sources/Scheduler/Topology/HwlocTopology\.swift$'
only COpenBLAS '^Sources/Ops/Kernels/(GEMM|OpenBLAS)[A-Za-z+]*\.swift$'
only COneDNN '^Sources/Ops/Kernels/(DNN|OneDNN)[A-Za-z+]*\.swift$'
only CZlib '^Sources/Training/([A-Za-z]+/)*[A-Za-z+]*\.swift$'

# What the scheduler asks of the machine, and its atomics and locks, go through Simulation, where a simulation can answer.
direct='tributary_(futex_wait|futex_wake|nanoseconds|relax|thread_name|thread_bind)|pthread_(create|join|detach)\(|Synchronization\.(Atomic|Mutex)'
while IFS= read -r line; do
  fail "$line: use Machine, Atomic or Mutex of Sources/Scheduler/Simulation"
done < <(grep -rnE --include='*.swift' "$direct" Sources/Scheduler | grep -v '^Sources/Scheduler/Simulation/' || true)

[ "$failures" -eq 0 ]
