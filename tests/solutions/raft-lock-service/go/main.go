// lockd: one server of a replicated lock service.
//
// One goroutine owns everything (see raft.go); connections and clocks have goroutines of their own that only send it
// events. So there are no locks in the lock service.
package main

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func complain(status int, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "lockd: "+format+"\n", args...)
	os.Exit(status)
}

// ---- Clients ----

const lineMax = 1000

var (
	name    = `[A-Za-z0-9_-]{1,64}`
	number  = `[0-9]{1,15}`
	command = regexp.MustCompile(`^(?:(?:ACQUIRE|RELEASE) ` + name + ` ` + name + ` ` + number + ` ` + number +
		`|STATUS ` + name + `)$`)
)

// readLine returns the next line; tooLong says that it had more than lineMax bytes, which are then thrown away.
func readLine(in *bufio.Reader) (line string, tooLong bool, err error) {
	var all []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(all) <= lineMax {
			all = append(all, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil {
			return "", false, err
		}
		return strings.TrimSuffix(string(all), "\n"), len(all) > lineMax+1, nil
	}
}

func serveClient(conn net.Conn, events chan<- event) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		line, tooLong, err := readLine(in)
		if err != nil {
			return
		}
		answer := make(chan string, 1)
		switch {
		case tooLong:
			answer <- "ERROR"
		case line == "ROLE":
			events <- event{role: answer}
		case command.MatchString(line):
			events <- event{command: line, answer: answer}
		default:
			answer <- "ERROR"
		}
		if _, err := fmt.Fprintln(conn, <-answer); err != nil {
			return
		}
	}
}

// ---- Peers ----

// outgoing carries messages to one peer: a connection that is made anew whenever it breaks. What does not fit into the
// channel is dropped; Raft sends it again.
func outgoing(address string, messages <-chan message) {
	for {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			for len(messages) > 0 { // old by now
				<-messages
			}
			continue
		}
		out := gob.NewEncoder(conn)
		gone := make(chan bool)
		go func() { // the peer never sends anything here: this ends when the connection does
			conn.Read(make([]byte, 1))
			close(gone)
		}()
		for err == nil {
			select {
			case m := <-messages:
				err = out.Encode(m)
			case <-gone:
				err = net.ErrClosed
			}
		}
		conn.Close()
	}
}

func incoming(conn net.Conn, events chan<- event) {
	defer conn.Close()
	in := gob.NewDecoder(conn)
	for {
		var m message
		if in.Decode(&m) != nil {
			return
		}
		events <- event{message: &m}
	}
}

func listen(address string, serve func(net.Conn)) {
	l, err := net.Listen("tcp4", address)
	if err != nil {
		complain(1, "%v", err)
	}
	go func() {
		for {
			if conn, err := l.Accept(); err == nil {
				go serve(conn)
			} else {
				time.Sleep(10 * time.Millisecond) // out of descriptors, perhaps
			}
		}
	}()
}

// ---- The program ----

func parsePeers(list string) []string {
	entry := regexp.MustCompile(`^([1-9])=((?:[0-9]{1,3}\.){3}[0-9]{1,3}:[0-9]{1,5})$`)
	peers := []string{""}
	for i, text := range strings.Split(list, ",") {
		m := entry.FindStringSubmatch(text)
		if m == nil || m[1] != strconv.Itoa(i+1) {
			return nil
		}
		peers = append(peers, m[2])
	}
	return peers
}

func main() {
	if len(os.Args) != 2 {
		complain(2, "usage: ./lockd <port>")
	}
	port, err := strconv.ParseUint(os.Args[1], 10, 16)
	if err != nil || port == 0 {
		complain(2, "a port is a number from 1 to 65535")
	}
	peers := parsePeers(os.Getenv("LOCKD_PEERS"))
	id, err := strconv.Atoi(os.Getenv("LOCKD_ID"))
	data := os.Getenv("LOCKD_DATA")
	if peers == nil || err != nil || id < 1 || id >= len(peers) || data == "" {
		complain(2, "LOCKD_ID, LOCKD_PEERS and LOCKD_DATA must be set, and fit together")
	}

	events := make(chan event, 64)
	listen(fmt.Sprintf(":%d", port), func(c net.Conn) { serveClient(c, events) })
	listen(peers[id], func(c net.Conn) { incoming(c, events) })

	s := newServer(id, len(peers)-1, data)
	for to := 1; to < len(peers); to++ {
		if to != id {
			s.out[to] = make(chan message, 256)
			go outgoing(peers[to], s.out[to])
		}
	}
	s.run(events)
}
