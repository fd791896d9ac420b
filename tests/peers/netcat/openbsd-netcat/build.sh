#!/bin/sh
# OpenBSD's netcat as ./nc: its exit statuses and messages in the words of the contract. -N makes it end its side of a TCP
# connection with stdin, and -v makes it say why it cannot connect (with -u it would send a datagram of its own to find out).
cat >nc <<'END'
#!/bin/sh
usage() {
    echo "nc: usage: ./nc [-u] <host> <port> or ./nc [-u] -l <port>" >&2
    exit 2
}
wanted=2
tcp='-N -v'
while getopts :lu option; do
    case $option in
    l) wanted=1 ;;
    u) tcp= ;;
    *) usage ;;
    esac
done
eval "port=\${$#-}"
[ $(($# - OPTIND + 1)) -eq "$wanted" ] || usage
case $port in
'' | *[!0-9]* | ??????*) usage ;;
esac
[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || usage
nc.openbsd $tcp "$@" 2>messages
status=$?
[ "$status" -eq 0 ] || sed 's/^nc.openbsd: /nc: /' messages >&2
exit "$status"
END
chmod +x nc
