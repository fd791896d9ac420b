// netcat: joins stdin and stdout to a TCP connection, or to the datagrams of one UDP peer.
// The contract is in the lesson. Build and check:  lux check netcat
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	udp, listen := false, false
	args := os.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		for _, letter := range args[0][1:] {
			switch letter {
			case 'u':
				udp = true
			case 'l':
				listen = true
			default:
				usage()
			}
		}
		args = args[1:]
	}
	if len(args) != 2 && !listen || len(args) != 1 && listen {
		usage()
	}
	port := args[len(args)-1]
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strings.HasPrefix(port, "+") {
		usage()
	}

	// Your program goes here: connect or listen, and then both directions at once.
	_, _ = udp, listen
	fmt.Fprintln(os.Stderr, "nc: not implemented yet")
	os.Exit(1)
}

func usage() {
	fmt.Fprintln(os.Stderr, "nc: usage: ./nc [-u] <host> <port> or ./nc [-u] -l <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}
