// tail: prints the end of a file and follows its name.
// The contract is in the lesson. Build and check:  lux check tail
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	follows, lines := false, int64(10)
	args := os.Args[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		switch {
		case args[0] == "-f":
			follows = true
		case args[0] == "-n" && len(args) > 1:
			lines = parseLines(args[1])
			args = args[1:]
		default:
			usage()
		}
		args = args[1:]
	}
	if len(args) != 1 {
		usage()
	}
	path := args[0]

	// Your program goes here: os.Open, ReadAt from the end; then follow the name.
	_, _, _ = follows, lines, path
	fmt.Fprintln(os.Stderr, "tail: not implemented yet")
	os.Exit(1)
}

func parseLines(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] < '0' || text[0] > '9' {
		usage()
	}
	return n
}

func usage() {
	fmt.Fprintln(os.Stderr, "tail: usage: ./tail [-f] [-n lines] <file>")
	os.Exit(2)
}
