// load-balancer: passes each HTTP request to the next of several backends.
// The contract is in the lesson. Build and check:  lux check load-balancer
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) < 3 {
		usage()
	}
	parsePort(os.Args[1])
	for _, backend := range os.Args[2:] {
		checkBackend(backend)
	}

	// Your program goes here: read a request, choose a backend, pass the request on, and its answer back.
	fmt.Fprintln(os.Stderr, "lb: not implemented yet")
	os.Exit(1)
}

func checkBackend(text string) {
	host, port, found := strings.Cut(text, ":")
	ip := net.ParseIP(host)
	if !found || ip == nil || ip.To4() == nil {
		usage()
	}
	parsePort(port)
}

func parsePort(text string) uint16 {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(text, "+") {
		usage()
	}
	return uint16(port)
}

func usage() {
	fmt.Fprintln(os.Stderr, "lb: usage: ./lb <listen-port> <address>:<port>...")
	os.Exit(2)
}
