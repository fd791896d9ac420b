#!/bin/sh
# No function may have the name of one in another module: the linker would quietly take either.
# symbols.sh BUILD_DIR
twice=$(find "$1" -name 'lib*.a' -exec nm -A -g --defined-only {} + 2>/dev/null |
    awk 'NF == 3 && $2 == "T" { split($1, part, ":"); print $NF, part[1] }' | sort -u |
    awk '{ count[$1]++; where[$1] = where[$1] " " $2 } END { for (name in count) if (count[name] > 1) print name where[name] }')
[ -z "$twice" ] && exit 0
echo "defined more than once:"
echo "$twice"
exit 1
