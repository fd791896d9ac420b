// udp-echo-server: answers each datagram with the same datagram.
// The contract is in the lesson. Build and check:  lux check udp-echo-server
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

	// Your program goes here: net.ListenUDP, and then ReadFromUDP and WriteToUDP.
	fmt.Fprintln(os.Stderr, "udpserver: not implemented yet")
	os.Exit(1)
}

func usage() {
	fmt.Fprintln(os.Stderr, "udpserver: usage: ./udpserver <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}
