// nc: joins stdin and stdout to a TCP connection, or to the datagrams of one UDP peer.
//
// Two goroutines, one for each direction, in blocking style: while one waits, the other goes on.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
)

const (
	typedMax    = 16 << 10 // read from stdin at once, and with -u sent as one datagram
	datagramMax = 64 << 10
)

func main() {
	udp, listen, host, port := parseArguments()
	fillStandardDescriptors()
	var err error
	switch {
	case udp:
		err = talkUDP(listen, net.JoinHostPort(host, port))
	default:
		err = talkTCP(listen, net.JoinHostPort(host, port))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nc:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "nc: usage: ./nc [-u] <host> <port> or ./nc [-u] -l <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}

func parseArguments() (udp, listen bool, host, port string) {
	flags := flag.NewFlagSet("nc", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	u, l := flags.Bool("u", false, ""), flags.Bool("l", false, "")
	ul, lu := flags.Bool("ul", false, ""), flags.Bool("lu", false, "") // package flag does not take them apart
	if flags.Parse(os.Args[1:]) != nil {
		usage()
	}
	udp, listen = *u || *ul || *lu, *l || *ul || *lu
	args := flags.Args()
	if listen {
		args = append([]string{"0.0.0.0"}, args...)
	}
	if len(args) != 2 {
		usage()
	}
	for _, c := range args[1] {
		if c < '0' || c > '9' {
			usage()
		}
	}
	if n, err := strconv.ParseUint(args[1], 10, 16); err != nil || n == 0 {
		usage()
	}
	return udp, listen, args[0], args[1]
}

// fillStandardDescriptors keeps sockets from getting the numbers 0 to 2 where these are closed.
func fillStandardDescriptors() {
	for fd := 0; fd <= 2; fd++ {
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) == syscall.EBADF {
			syscall.Open("/dev/null", syscall.O_RDWR, 0) // takes the lowest number that is free
		}
	}
}

// ---- TCP ----

func talkTCP(listen bool, address string) error {
	conn, err := openTCP(listen, address)
	if err != nil {
		return err
	}
	sent, received := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := copyPlain(conn, os.Stdin, typedMax)
		if err == nil {
			err = conn.CloseWrite() // "I have said all"; the other direction stays open
		}
		sent <- err
	}()
	go func() {
		_, err := copyPlain(os.Stdout, conn, typedMax)
		received <- err
	}()
	if err := <-received; err != nil {
		return err
	}
	if err := <-sent; err != nil && !errors.Is(err, syscall.ENOTCONN) {
		return err
	}
	return nil
}

func openTCP(listen bool, address string) (*net.TCPConn, error) {
	if !listen {
		conn, err := net.Dial("tcp", address) // tries each address of the host
		if err != nil {
			return nil, err
		}
		return conn.(*net.TCPConn), nil
	}
	listener, err := net.Listen("tcp4", address) // sets SO_REUSEADDR
	if err != nil {
		return nil, err
	}
	defer listener.Close() // one connection is all that is wanted
	conn, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

// copyPlain copies until the end of in. io.Copy would hand a pipe over to splice(2), which waits in other ways.
func copyPlain(out io.Writer, in io.Reader, size int) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, size))
}

// ---- UDP ----

func talkUDP(listen bool, address string) error {
	conn, peer, first, err := openUDP(listen, address)
	if err != nil {
		return err
	}
	failed := make(chan error)
	go func() { failed <- sendTyped(conn, peer, listen) }()
	go func() { failed <- printDatagrams(conn, peer, first) }()
	return <-failed
}

// openUDP returns the peer, and with listen the datagram by which it made itself known.
func openUDP(listen bool, address string) (conn *net.UDPConn, peer netip.AddrPort, first []byte, err error) {
	if !listen {
		c, err := net.Dial("udp", address)
		if err != nil {
			return nil, peer, nil, err
		}
		conn = c.(*net.UDPConn)
		return conn, conn.RemoteAddr().(*net.UDPAddr).AddrPort(), nil, nil
	}
	c, err := net.ListenPacket("udp4", address)
	if err != nil {
		return nil, peer, nil, err
	}
	conn = c.(*net.UDPConn)
	buffer := make([]byte, datagramMax)
	n, peer, err := conn.ReadFromUDPAddrPort(buffer)
	if err != nil {
		return nil, peer, nil, err
	}
	return conn, peer, buffer[:n], connect(conn, peer)
}

// connect tells the kernel who the peer is: others are kept out from now on, and its errors come to us.
func connect(conn *net.UDPConn, peer netip.AddrPort) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = syscall.Connect(int(fd), &syscall.SockaddrInet4{Port: int(peer.Port()), Addr: peer.Addr().Unmap().As4()})
	})
	if err != nil {
		return err
	}
	return failed
}

// sendTyped returns when sending fails. The end of stdin ends nothing: there is no way to tell the peer.
func sendTyped(conn *net.UDPConn, peer netip.AddrPort, listen bool) error {
	buffer := make([]byte, typedMax)
	for {
		n, err := os.Stdin.Read(buffer)
		if err != nil {
			select {}
		}
		if listen {
			_, err = conn.WriteToUDPAddrPort(buffer[:n], peer) // for package net it is not connected
		} else {
			_, err = conn.Write(buffer[:n])
		}
		if err != nil {
			return err
		}
	}
}

func printDatagrams(conn *net.UDPConn, peer netip.AddrPort, datagram []byte) error {
	buffer := make([]byte, datagramMax)
	for {
		if _, err := os.Stdout.Write(datagram); err != nil {
			return err
		}
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return err
		}
		datagram = buffer[:n]
		if from != peer { // it came before we were connected
			datagram = nil
		}
	}
}
