// tcp-echo-server: sends every byte back to the client that sent it.
// The contract is in the lesson. Build and check:  lux check tcp-echo-server
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		usage()
	}
	port, err := strconv.ParseUint(os.Args[1], 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(os.Args[1], "+") {
		usage()
	}

	// Your program goes here: net.Listen, Accept, and then Read and Write.
	fmt.Fprintln(os.Stderr, "server: not implemented yet")
	os.Exit(1)
}

func usage() {
	fmt.Fprintln(os.Stderr, "server: usage: ./server <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}
