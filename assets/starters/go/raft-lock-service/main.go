// lockd: one server of a replicated lock service.
// The contract is in the lesson. Build and check:  lux check raft-lock-service
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func usage(what string) {
	fmt.Fprintf(os.Stderr, "lockd: %s\n", what)
	os.Exit(2)
}

// parseServers reads "1=127.0.0.1:9101,2=127.0.0.1:9102"; the address of server 1 is at index 1.
func parseServers(list string) []string {
	servers := []string{""}
	for i, entry := range strings.Split(list, ",") {
		id, address, ok := strings.Cut(entry, "=")
		if !ok || id != strconv.Itoa(i+1) || !strings.Contains(address, ":") {
			usage("LOCKD_PEERS is no list of 1=ADDRESS:PORT,2=...")
		}
		servers = append(servers, address)
	}
	return servers
}

func main() {
	if len(os.Args) != 2 {
		usage("usage: ./lockd <port>")
	}
	port, err := strconv.ParseUint(os.Args[1], 10, 16)
	if err != nil || port == 0 {
		usage("a port is a number from 1 to 65535")
	}
	servers := parseServers(os.Getenv("LOCKD_PEERS"))
	id, err := strconv.Atoi(os.Getenv("LOCKD_ID"))
	if err != nil || id < 1 || id >= len(servers) {
		usage("LOCKD_ID is the number of one of the servers")
	}
	data := os.Getenv("LOCKD_DATA")
	if data == "" {
		usage("LOCKD_DATA must be set")
	}

	// Your program goes here: read the log, listen for clients and for peers, wait, elect, replicate.
	_, _, _ = port, id, data
	fmt.Fprintln(os.Stderr, "lockd: not implemented yet")
	os.Exit(1)
}
