#!/usr/bin/env bash
# soak.sh LUX [N]: every reference N times under CPU load of four times the processors. A reference that fails once is
# a false failure, the worst bug that Lux can have. Prints a table; exits 1 if there was any.
set -euo pipefail
lux=$(realpath "$1")
runs=${2:-20}
cd "$(dirname "${BASH_SOURCE[0]}")"

load=()
stop_load() { [ "${#load[@]}" -eq 0 ] || kill "${load[@]}" 2>/dev/null || true; }
trap stop_load EXIT
for _ in $(seq $((4 * $(nproc)))); do
  (while :; do :; done) &
  load+=($!)
done

log=$(mktemp)
false_failures=0
printf '%-24s %-6s %6s %6s %10s\n' challenge lang runs failed seconds
for solution in solutions/*/*/; do
  slug=$(basename "$(dirname "$solution")")
  language=$(basename "$solution")
  failed=0
  began=$SECONDS
  for _ in $(seq "$runs"); do
    if ! "$lux" check "$slug" --dir "$solution" --no-record --format pretty >"$log" 2>&1; then
      failed=$((failed + 1))
      cat "$log" >&2
    fi
  done
  printf '%-24s %-6s %6d %6d %10d\n' "$slug" "$language" "$runs" "$failed" $((SECONDS - began))
  false_failures=$((false_failures + failed))
done
rm -f "$log"
[ "$false_failures" -eq 0 ]
