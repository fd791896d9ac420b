// tcp-echo-client: carries stdin to a server and the server's bytes to stdout, both at the same time.
//
// Two goroutines, one for each direction, in blocking style: while one waits, the other goes on.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const bufferSize = 4096

func main() {
	if len(os.Args) != 3 {
		usage()
	}
	host, port := os.Args[1], os.Args[2]
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strings.HasPrefix(port, "+") {
		usage()
	}

	conn, err := net.Dial("tcp", net.JoinHostPort(host, port)) // tries each address of the host
	if err != nil {
		fail(err)
	}
	server := conn.(*net.TCPConn)
	up := &sender{server: server}
	go up.run()

	if err := printAll(server); err != nil {
		fail(err)
	}
	// The end of file may be what is left of a reset whose error a write of the sender has fetched.
	if err := up.broken(); err != nil {
		fail(err)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "client: usage: ./client <host> <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "client:", err)
	os.Exit(1)
}

// printAll returns nil at the server's end of file.
func printAll(server io.Reader) error {
	buffer := make([]byte, bufferSize)
	for {
		n, err := server.Read(buffer)
		if _, werr := os.Stdout.Write(buffer[:n]); werr != nil {
			return werr
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// A sender carries stdin to the server. It is never waited for: it may be blocked in a read of stdin.
type sender struct {
	server *net.TCPConn
	mu     sync.Mutex // held while writing
	err    error
}

func (s *sender) run() {
	buffer := make([]byte, bufferSize)
	for {
		n, err := os.Stdin.Read(buffer)
		if n > 0 && !s.write(buffer[:n]) {
			return
		}
		if err != nil {
			s.server.CloseWrite() // "I have said all"; the other direction stays open
			return
		}
	}
}

func (s *sender) write(b []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, s.err = s.server.Write(b)
	return s.err == nil
}

// broken says whether a write found the connection reset. A write that is under way is called off.
func (s *sender) broken() error {
	s.server.SetWriteDeadline(time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.err, syscall.ECONNRESET) {
		return s.err
	}
	return nil
}
