#!/usr/bin/env bash
# The manual pages and completions that the build has made: well-formed, complete, and useful in a shell.
# usage: manual.sh BUILD
set -euo pipefail
build=$1
made=$build/share-made
export PATH=$build:$PATH

fail() {
  echo "manual.sh: $*" >&2
  exit 1
}

commands=$(lux help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ -n "$commands" ] || fail "lux help lists no commands"

for page in lux luxtui; do
  if command -v man >/dev/null; then
    warnings=$(LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l "$made/$page.1" 2>&1 >/dev/null)
    [ -z "$warnings" ] || fail "$page.1: $warnings"
  fi
done
for c in $commands; do
  grep -q "^\.SS lux $c\$" "$made/lux.1" || fail "lux.1 does not know lux $c"
  for shell in lux.bash _lux lux.fish; do
    grep -q "\b$c\b" "$made/$shell" || fail "$shell does not know lux $c"
  done
done
grep -q 'Build, and run every check' "$made/luxtui.1" || fail "luxtui.1 does not know the keys"

# Bash itself: what it offers for a line.
# shellcheck disable=SC1091
source "$made/lux.bash"
offers() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _lux
  echo "${COMPREPLY[*]}"
}
expect() {
  local wanted=$1
  shift
  local offered
  offered=$(offers "$@")
  [[ " $offered " == *" $wanted "* ]] || fail "for '$*' bash offers '$offered', and no '$wanted'"
}
expect check lux ch
expect tcp-echo-server lux check tcp-echo
expect --only lux check 2 --on
expect echoes_a_line lux check 2 --only echoes
expect junit lux check 2 --format j
expect --undo lux reset 2 --u
expect history lux help hi
[ "$(offers lux next x)" = "" ] || fail "lux next takes nothing, and bash offers something"

if command -v zsh >/dev/null; then zsh -n "$made/_lux"; fi
if command -v fish >/dev/null; then fish -n "$made/lux.fish"; fi
echo "manual pages and completions are as they should be"
