// tcp-echo-server: sends every byte back to the client that sent it.
//
// One goroutine a client, in blocking style: the runtime waits for all of them with one epoll. The buffer of a client
// is small, and nothing more is read from it before all of it has been written back.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const bufferSize = 2048

func main() {
	if len(os.Args) != 2 {
		usage()
	}
	port, err := strconv.ParseUint(os.Args[1], 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(os.Args[1], "+") {
		usage()
	}

	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go acceptClients(listener)
	<-stop // main returns, the process exits with 0, and the kernel closes every connection
}

func usage() {
	fmt.Fprintln(os.Stderr, "server: usage: ./server <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}

func acceptClients(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err == nil {
			go echo(conn)
			continue
		}
		// Out of descriptors: the connection stays in the backlog. Give the clients we have a moment to leave,
		// instead of asking again at once and for ever.
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// echo ends at the client's end of file or at the first error; both concern this client alone. Everything read has
// been written by then, so Close sends the end of file after the last byte.
func echo(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, bufferSize)
	for {
		n, err := conn.Read(buffer)
		if n > 0 {
			if _, err := conn.Write(buffer[:n]); err != nil { // Write goes on until all of it is taken
				return
			}
		}
		if err != nil {
			return
		}
	}
}
