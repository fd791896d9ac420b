// dhcp-client: leases an IPv4 address for an interface, and keeps it as long as it runs.
// The contract is in the lesson. Build and check:  lux check dhcp-client
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" {
		fmt.Fprintln(os.Stderr, "dhcpclient: usage: ./dhcpclient <interface>")
		os.Exit(2)
	}
	name := os.Args[1]

	// Your program goes here: a socket on the interface, DHCPDISCOVER, and then what the server says.
	_ = name
	fmt.Fprintln(os.Stderr, "dhcpclient: not implemented yet")
	os.Exit(1)
}
