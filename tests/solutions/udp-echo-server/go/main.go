// udp-echo-server: answers each datagram with the same datagram.
//
// A few goroutines receive from the same socket: the kernel gives each datagram to one of them. The control message
// that says to which address a datagram was sent goes back with the answer, and then says from where it leaves.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

const (
	largest     = 65535 // no UDP datagram is larger
	controlRoom = 128
)

func main() {
	if len(os.Args) != 2 {
		usage()
	}
	port, err := strconv.ParseUint(os.Args[1], 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(os.Args[1], "+") {
		usage()
	}
	// The option is set before the socket is bound: what arrives in between would come without it.
	config := net.ListenConfig{Control: askForDestinations}
	packets, err := config.ListenPacket(context.Background(), "udp4", fmt.Sprintf(":%d", port))
	if err != nil {
		fmt.Fprintln(os.Stderr, "udpserver:", err)
		os.Exit(1)
	}
	conn := packets.(*net.UDPConn)

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	for i := 0; i < runtime.NumCPU(); i++ {
		go serve(conn, int(port))
	}
	<-stop
}

func usage() {
	fmt.Fprintln(os.Stderr, "udpserver: usage: ./udpserver <port>, a port is a number from 1 to 65535")
	os.Exit(2)
}

// askForDestinations makes each datagram come with an IP_PKTINFO message: ip(7).
func askForDestinations(_, _ string, socket syscall.RawConn) error {
	var failed error
	err := socket.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1)
	})
	if err != nil {
		return err
	}
	return failed
}

func serve(conn *net.UDPConn, port int) {
	content := make([]byte, largest)
	control := make([]byte, controlRoom)
	for {
		n, nControl, _, sender, err := conn.ReadMsgUDP(content, control)
		if err != nil || sender.Port == port { // our own number: answering it could go on for ever
			continue
		}
		forgetInterface(control[:nControl])
		// What cannot be sent is lost, as any datagram may be.
		conn.WriteMsgUDP(content[:n], control[:nControl], sender)
	}
}

// forgetInterface sets ipi_ifindex to 0, so that the route decides through which interface the answer leaves. The
// struct in_pktinfo begins after the header of the message: the index, our address, the destination of the packet.
func forgetInterface(control []byte) {
	if len(control) >= syscall.CmsgSpace(syscall.SizeofInet4Pktinfo) {
		copy(control[syscall.CmsgLen(0):], []byte{0, 0, 0, 0})
	}
}
