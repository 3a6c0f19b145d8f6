#!/usr/bin/env bash
# Checks the models of the lock-free protocols: scripts/verify.sh [small|all] [MODEL…], or trace MODEL CHECK
#
# Tests/Models holds them; a model's head says what it stands for and lists its checks, one a line:
#
#   check: [small] clean  NAME  FLAGS…     accepted, in a search of every state
#   check: [small] mutant NAME  FLAGS…     with -DMUTANT_NAME: rejected, or the model could not see that mistake
#   check: [small] defect NAME  FLAGS…     rejected: a defect that is known and still there
#
# `small` runs the checks so marked, for every change; `all`, the default, runs all, and a statement that no clean check of its model
# reaches is an error too. `trace` shows how a check goes wrong, by a shortest way. Needs spin and gcc, installs them if it
# can. Works in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  echo "usage: scripts/verify.sh [small|all] [MODEL…] | trace MODEL CHECK" >&2
  exit 64
}

models=$PWD/Tests/Models
# The parts of models, not models themselves.
parts=(store_buffer)

mode=all
case "${1:-}" in
  small | all | trace)
    mode=$1
    shift
    ;;
esac
[ "$mode" != trace ] || [ $# -eq 2 ] || usage

scripts/install-packages.sh spin gcc
for tool in spin gcc; do
  if ! command -v "$tool" >/dev/null; then
    echo "verify: no $tool on the PATH" >&2
    exit 1
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$models"/*.pml "$work"
cd "$work"

selected=("$@")
[ "$mode" != trace ] || selected=("$1")
if [ ${#selected[@]} -eq 0 ]; then
  for file in *.pml; do
    name=${file%.pml}
    [[ " ${parts[*]} " = *" $name "* ]] || selected+=("$name")
  done
fi

# The checks of a model: "small|- kind name flags".
checks() {
  sed -n 's/^ \* check: small /small /p; s/^ \* check:  *\([a-z]\)/- \1/p' "$1.pml" | tr -s ' '
}

# Makes the verifier `pan` of a model with given flags.
make_verifier() {
  local model=$1 optimisation=$2
  shift 2
  rm -f pan pan.* ./*.trail
  spin -a "$@" "$model.pml" >spin.log 2>&1 && [ -f pan.c ] &&
    gcc "$optimisation" -w -DSAFETY -DCOLLAPSE -DNOFAIR -DVECTORSZ=2048 -DMEMLIM=3500 -o pan pan.c >>spin.log 2>&1
}

failures=0
number=0
declare -A reached every

# One line for a check; a failure counts.
say() { printf '%-12s %-7s %-36s %s\n' "$model" "$kind" "$name" "$1"; }
fail() {
  say "FAILED: $1"
  failures=$((failures + 1))
}

# Notes which statements of a clean check were reached: FILE:LINE and the variable assigned, or `test` for another
# statement, since inlines make several of one.
note_coverage() {
  local verdict key
  while read -r verdict key; do
    every[$key]=1
    [ "$verdict" = unreached ] || reached[$key]=1
  done < <(
    {
      sed -n 's/^unreached in proctype \(.*\)/in \1/p; s/^\t[a-z_]*\.pml:[0-9]*, state \([0-9]*\),.*/unreached \1/p' pan.log
      ./pan -d | sed -n '
        s/^proctype \(.*\)/in \1/p
        s/^\tstate *\([0-9]*\) .* \([a-z_]*\.pml:[0-9]*\) => \([A-Za-z]*\)[^=]* = .*/there \1 \2:\3/p
        t
        s/^\tstate *\([0-9]*\) .* \([a-z_]*\.pml:[0-9]*\) => .*/there \1 \2:test/p'
    } | awk '
      $1 == "in" { process = $2 }
      $1 == "unreached" { unreached[process, $2] = 1 }
      $1 == "there" { print ((process, $2) in unreached) ? "unreached" : "reached", $3 }' | sort -u)
}

run_check() {
  local model=$1 kind=$2 name=$3
  shift 3
  # Optimising takes gcc seconds, which only long searches give back.
  local flags=("$@") optimisation=-O0 complaint states seconds
  number=$((number + 1))
  [ "$kind" != mutant ] || flags+=("-DMUTANT_$name")
  if [ "$kind" = clean ] && [ "$mode" = all ]; then optimisation=-O2; fi
  if ! make_verifier "$model" "$optimisation" "${flags[@]}"; then
    fail "spin or gcc refuses it: $(grep -m1 -i error spin.log)"
    return
  fi
  ./pan -m1000000 -w22 >pan.log 2>&1 || true
  complaint=$(sed -n 's/^pan:1: //p' pan.log | sed 's/ (at depth [0-9]*)//' | head -1)
  states=$(awk '/states, stored/ { print $1; exit }' pan.log)
  seconds=$(awk '/^pan: elapsed time/ { print $4; exit }' pan.log)
  case "$kind" in
    clean)
      if [ -n "$complaint" ]; then
        fail "$complaint"
      elif ! grep -q 'errors: 0' pan.log; then
        fail "no result: $(tail -1 pan.log)"
      elif grep -qE 'Search not completed|max search depth too small|MEMLIM|out of memory' pan.log; then
        fail "not exhaustive: $(grep -m1 -E 'max search depth|MEMLIM|memory' pan.log)"
      else
        say "verified  states=$states s=$seconds"
        [ "$mode" != all ] || note_coverage
      fi
      ;;
    mutant)
      case "$complaint" in
        assertion* | invalid*) say "rejected by ${complaint:0:90}" ;;
        *) fail "survives: the model does not see this mistake" ;;
      esac
      ;;
    defect)
      case "$complaint" in
        assertion* | invalid*) say "known defect, by ${complaint:0:90}" ;;
        *) fail "no longer there: make this check a clean one" ;;
      esac
      ;;
    *) fail "neither clean nor mutant nor defect" ;;
  esac
}

show_trace() {
  local model=$1 wanted=$2 size kind name flags
  while read -r size kind name flags; do
    [ "$name" = "$wanted" ] || continue
    read -ra flags <<<"$flags"
    [ "$kind" != mutant ] || flags+=("-DMUTANT_$name")
    spin -a "${flags[@]}" "$model.pml"
    gcc -O2 -w -DSAFETY -DBFS -DVECTORSZ=2048 -DMEMLIM=3500 -o pan pan.c
    ./pan | grep '^pan:1' || { echo "verify: $model $name is accepted; there is nothing to show" >&2; exit 1; }
    spin -t -p -g -l "${flags[@]}" "$model.pml"
    return
  done < <(checks "$model")
  echo "verify: $model has no check $wanted" >&2
  exit 64
}

# Every mutant that a model knows has a check, and the other way round.
match_mutants() {
  local model=$1 kind=mutant name
  while read -r name; do fail "in the checks or in the model, but not in both"; done < <(
    comm -3 \
      <(checks "$model" | awk '$2 == "mutant" { print $3 }' | sort -u) \
      <(grep -E '^#(el)?if|^#ifn?def' "$model.pml" | grep -oE 'MUTANT_[A-Z_]+' | sed 's/MUTANT_//' | sort -u) | tr -d '\t')
}

report_unreached() {
  local model=$1 kind=clean name=coverage key missed=()
  for key in "${!every[@]}"; do
    case "$key" in "$model".pml:*) [ -n "${reached[$key]:-}" ] || missed+=("${key#*:}") ;; esac
  done
  [ ${#missed[@]} -eq 0 ] || fail "never reached, LINE:VARIABLE: $(printf '%s\n' "${missed[@]}" | sort -n | tr '\n' ' ')"
}

for model in "${selected[@]}"; do
  if [ ! -f "$model.pml" ]; then
    echo "verify: there is no model $model in Tests/Models" >&2
    exit 64
  fi
done

if [ "$mode" = trace ]; then
  show_trace "$1" "$2"
  exit
fi

for model in "${selected[@]}"; do
  match_mutants "$model"
  while read -r size kind name flags; do
    [ "$mode" = all ] || [ "$size" = small ] || continue
    # shellcheck disable=SC2086
    run_check "$model" "$kind" "$name" $flags
  done < <(checks "$model")
  [ "$mode" != all ] || report_unreached "$model"
done
echo "$number checks in $SECONDS s, $failures failed"
[ "$number" -gt 0 ] && [ "$failures" -eq 0 ]
