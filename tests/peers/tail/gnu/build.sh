#!/bin/sh
# GNU tail as ./tail: our -f is its -F without waiting for a file that is not there, and wrong usage is 2.
cat >tail <<'END'
#!/bin/sh
usage() {
    echo "tail: usage: ./tail [-f] [-n lines] <file>" >&2
    exit 2
}
follow=
lines=10
while getopts :fn: option; do
    case $option in
    f) follow=-F ;;
    n) lines=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
case $lines in
'' | *[!0-9]*) usage ;;
esac
[ "${#lines}" -lt 19 ] || [ "$lines" -le 9223372036854775807 ] 2>/dev/null || usage
[ -f "$1" ] || follow=
exec tail $follow -n "$lines" -- "$1"
END
chmod +x tail
