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

# The same for luxtui, whose options stand in its help, too.
# shellcheck disable=SC1091
source "$made/luxtui.bash"
offers_tui() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _luxtui
  echo "${COMPREPLY[*]}"
}
[[ " $(offers_tui luxtui tcp-echo-s) " == *" tcp-echo-server "* ]] || fail "bash offers no challenges to luxtui"
[ "$(offers_tui luxtui --theme con)" = contrast ] || fail "bash does not know the theme contrast"
offered=$(offers_tui luxtui --)
for option in $offered; do
  luxtui --help | grep -q -- "  $option\b" || fail "luxtui --help does not know $option"
done
[ "$(wc -w <<<"$offered")" = "$(luxtui --help | grep -c '^  --')" ] || fail "bash offers $offered, luxtui --help has others"

# The other shells, where there are any: what they would offer.
if command -v zsh >/dev/null; then
  for f in _lux _luxtui; do zsh -n "$made/$f"; done
fi
if command -v fish >/dev/null; then
  complete_in_fish() { HOME=$(mktemp -d) fish -c "source $made/lux.fish; source $made/luxtui.fish; complete -C '$1'" 2>&1; }
  complete_in_fish 'lux ch' | grep -q '^check' || fail "fish does not complete lux ch"
  complete_in_fish 'luxtui --theme con' | grep -q '^contrast' || fail "fish does not know the theme contrast"
  complete_in_fish 'luxtui tcp-echo-s' | grep -q '^tcp-echo-server' || fail "fish offers no challenges to luxtui"
fi
echo "manual pages and completions are as they should be"
