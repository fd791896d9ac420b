#!/bin/sh
# curl as ./httpclient: its exit statuses and messages in the words of the contract.
cat >httpclient <<'END'
#!/bin/sh
[ $# -eq 1 ] || { echo "httpclient: usage: ./httpclient <url>" >&2; exit 2; }
said=$(mktemp) || exit 1
curl --silent --show-error --fail --location --max-redirs 10 --proto =http --globoff --path-as-is --no-buffer \
    --write-out '%{stderr}\n%{http_code}' "$1" 2>"$said"
status=$?
code=$(tail -n 1 "$said")
case $status in
0) [ "${code#2}" != "$code" ] && rm "$said" && exit 0 ;;
1 | 2 | 3) status=2 ;; # a scheme or a URL that it does not take
esac
echo "httpclient: $(head -n 1 "$said") (status $code)" >&2
rm "$said"
[ "$status" -eq 2 ] && exit 2
exit 1
END
chmod +x httpclient
