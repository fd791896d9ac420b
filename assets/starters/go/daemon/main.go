// daemon: detaches a service from whoever starts it, and controls it afterwards.
// The contract is in the lesson. Build and check:  lux check daemon
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		usage()
	}
	switch os.Args[1] {
	case "start":
		// Your program goes here. Go cannot fork: start this program again, in a new session, with syscall.ForkExec.
		notImplemented()
	case "stop":
		notImplemented()
	case "status":
		notImplemented()
	default:
		usage()
	}
}

func notImplemented() {
	fmt.Fprintln(os.Stderr, "daemon: not implemented yet")
	os.Exit(1)
}

func usage() {
	fmt.Fprintln(os.Stderr, "daemon: usage: ./daemon start|stop|status")
	os.Exit(2)
}
