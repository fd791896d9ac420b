#!/usr/bin/env bash
# soak.sh LUX [N] [SLUG...]: every reference (of these challenges) N times under CPU load of four times the processors,
# LUX_SOAK_JOBS at once (4): they wait more than they work, and are load for each other. A check that fails once for a
# right program is a false failure, the worst bug that Lux can have; a verdict that changed when the check was run again
# alone is the next worst. Prints a table, and what such runs said; exits 1 if there was any.
set -euo pipefail

# One run: soak.sh --run LUX SLUG SOLUTION RESULTS NUMBER. Leaves a line: what was odd about it, nothing if it passed.
# Each of those that run at once has a copy of the solution: two runs in one directory would wait for each other.
if [ "$1" = --run ]; then
  events=$5/$6.events
  copy=$5/slot-$SLOT
  [ -d "$copy" ] || cp -r "$4" "$copy"
  if "$2" check "$3" --dir "$copy" --no-record --format ndjson >"$events" 2>&1; then verdict=ok; else verdict=failed; fi
  if grep -q '"unstable":true' "$events"; then verdict=unstable; fi
  echo "$verdict" >>"$5/verdicts"
  if [ "$verdict" = ok ]; then
    rm "$events"
  else
    grep -e '"verdict":"\(fail\|error\|blocked\)"' -e '"unstable":true' "$events" | cut -c 1-2000 || tail -n 3 "$events"
  fi
  exit 0
fi

lux=$(realpath "$1")
runs=${2:-20}
shift "$(($# < 2 ? $# : 2))"
self=$(realpath "${BASH_SOURCE[0]}")
cd "$(dirname "$self")"
slugs=("$@")
[ "${#slugs[@]}" -gt 0 ] || mapfile -t slugs < <(find solutions -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)

work=$(mktemp -d "${TMPDIR:-/tmp}/lux-soak.XXXXXX")
load=()
stop() {
  [ "${#load[@]}" -eq 0 ] || kill "${load[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM
for _ in $(seq $((4 * $(nproc)))); do
  (while :; do :; done) &
  load+=($!)
done

count() { grep -cx "$1" "$2" || true; }

bad=0
printf '%-24s %-6s %6s %7s %9s %8s\n' challenge lang runs failed unstable seconds
for slug in "${slugs[@]}"; do
  for solution in solutions/"$slug"/*/; do
    language=$(basename "$solution")
    results=$work/$slug-$language
    mkdir "$results"
    began=$SECONDS
    seq "$runs" | xargs -P "${LUX_SOAK_JOBS:-4}" --process-slot-var=SLOT -n 1 \
      "$self" --run "$lux" "$slug" "$solution" "$results" >&2
    failed=$(count failed "$results/verdicts")
    unstable=$(count unstable "$results/verdicts")
    printf '%-24s %-6s %6d %7d %9d %8d\n' "$slug" "$language" "$(wc -l <"$results/verdicts")" "$failed" "$unstable" \
      $((SECONDS - began))
    bad=$((bad + failed + unstable))
  done
done
[ "$bad" -eq 0 ]
