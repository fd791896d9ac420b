// tcp-echo-client: carries stdin to a server, and what the server sends to stdout.
// The contract is in the lesson. Build and check:  lux check tcp-echo-client
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		usage()
	}
	host, port := os.Args[1], os.Args[2]
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strings.HasPrefix(port, "+") {
		usage()
	}

	// Your program goes here: net.Dial, and then both directions at once.
	_ = host
	fmt.Fprintln(os.Stderr, "client: not implemented yet")
	os.Exit(1)
}

func usage() {
	fmt.Fprintln(os.Stderr, "client: usage: ./client <host> <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}
