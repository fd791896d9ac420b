// port-scanner: says which TCP ports of a host are open.
// The contract is in the lesson. Build and check:  lux check port-scanner
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 4 {
		usage()
	}
	first, last := parsePort(os.Args[2]), parsePort(os.Args[3])
	if first > last {
		usage()
	}

	// Your program goes here: net.LookupHost, then a net.Dialer with a timeout for many ports at a time.
	fmt.Fprintln(os.Stderr, "portscan: not implemented yet")
	os.Exit(1)
}

func usage() {
	fmt.Fprintln(os.Stderr, "portscan: usage: ./portscan <host> <start-port> <end-port>, ports are numbers from 1 to 65535")
	os.Exit(2)
}

func parsePort(text string) int {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(text, "+") {
		usage()
	}
	return int(port)
}
