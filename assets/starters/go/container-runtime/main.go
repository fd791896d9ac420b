// container: runs a command in a root file system, with namespaces of its own.
// The contract is in the lesson. Build and check:  lux check container-runtime
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 4 || os.Args[1] != "run" {
		fmt.Fprintln(os.Stderr, "container: usage: ./container run <image> <command> [args...]")
		os.Exit(2)
	}
	os.Exit(run(os.Args[2], os.Args[3:]))
}

func run(image string, command []string) int {
	_, _ = image, command
	// Your program goes here. Go cannot fork: start this program again, with Cloneflags in its SysProcAttr.
	fmt.Fprintln(os.Stderr, "container: not implemented yet")
	return 1
}
