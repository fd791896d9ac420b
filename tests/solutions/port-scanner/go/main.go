// port-scanner: says which TCP ports of a host are open.
//
// A pool of goroutines takes ports from a channel and dials them in blocking style. Each writes what it found into its
// own place of a table, which is printed when all are done.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	patience = 1500 * time.Millisecond // longer than the kernel waits before it repeats a SYN
	workers  = 400
	breath   = 20 * time.Millisecond // between two tries to get a descriptor
)

type state byte

const (
	closed state = iota
	open
	filtered
)

func main() {
	if len(os.Args) != 4 {
		usage()
	}
	first, last := parsePort(os.Args[2]), parsePort(os.Args[3])
	if first > last {
		usage()
	}
	addresses, err := net.DefaultResolver.LookupHost(context.Background(), os.Args[1])
	if err != nil {
		fail(err)
	}
	found, err := scan(addresses[0], first, last)
	if err != nil {
		fail(err)
	}

	var counts [3]int
	out := bufio.NewWriter(os.Stdout)
	for i, s := range found {
		counts[s]++
		switch s {
		case open:
			fmt.Fprintln(out, first+i, "open")
		case filtered:
			fmt.Fprintln(out, first+i, "filtered")
		}
	}
	fmt.Fprintf(out, "%d open, %d filtered, %d closed\n", counts[open], counts[filtered], counts[closed])
	if err := out.Flush(); err != nil {
		fail(err)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "portscan: usage: ./portscan <host> <start-port> <end-port>, ports are numbers from 1 to 65535")
	os.Exit(2)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "portscan:", err)
	os.Exit(1)
}

func parsePort(text string) int {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(text, "+") {
		usage()
	}
	return int(port)
}

// scan returns the states of the ports from first to last, or why the host cannot be reached at all.
func scan(address string, first, last int) ([]state, error) {
	found := make([]state, last-first+1)
	ports := make(chan int)
	var trouble error
	var once sync.Once
	var all sync.WaitGroup

	for i := 0; i < workers && i < len(found); i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for port := range ports {
				s, err := probe(address, port)
				if err != nil {
					once.Do(func() { trouble = err })
				}
				found[port-first] = s
			}
		}()
	}
	for port := first; port <= last; port++ {
		ports <- port
	}
	close(ports)
	all.Wait()
	return found, trouble
}

func probe(address string, port int) (state, error) {
	dialer := net.Dialer{Timeout: patience, KeepAlive: -1}
	for {
		conn, err := dialer.Dial("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		var timeout net.Error
		switch {
		case err == nil:
			conn.Close()
			return open, nil
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
			time.Sleep(breath) // others are waiting for answers, and give their descriptors back
		case errors.Is(err, syscall.ECONNREFUSED):
			return closed, nil
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			// Dial does not return a socket that is connected with itself: it tries again, and if then no local port
			// is left, the one there was is this port. Nobody else has it.
			return closed, nil
		case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
			return filtered, err
		case errors.As(err, &timeout) && timeout.Timeout():
			return filtered, nil
		default:
			return filtered, err
		}
	}
}
