// shmqueue: a queue of messages in shared memory, used by as many processes as like to.
// The contract is in the lesson. Build and check:  lux check shared-memory-queue
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

const (
	mostMessages = 10000
	longestName  = 200
)

func main() {
	if len(os.Args) != 3 || !isName(os.Args[1]) || sizeIn(os.Args[2]) == 0 {
		fmt.Fprintln(os.Stderr, "shmqueue: usage: ./shmqueue <name> <size>")
		os.Exit(2)
	}
	serve(os.Args[1], sizeIn(os.Args[2]))
}

func isName(s string) bool {
	return s != "" && s[0] != '.' && !strings.Contains(s, "/") && len(s) <= longestName
}

// 0 if it is no number of messages.
func sizeIn(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || strings.Trim(s, "0123456789") != "" || n > mostMessages {
		return 0
	}
	return n
}

func serve(name string, size int) {
	// Your program goes here. A shared memory object is a file in /dev/shm: open it, and syscall.Mmap it.
	fmt.Fprintln(os.Stderr, "shmqueue: not implemented yet")
	os.Exit(1)
}
