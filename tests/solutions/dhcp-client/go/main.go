// dhcp-client: leases an IPv4 address for an interface that has none yet, and keeps it as long as it runs.
//
// One UDP socket, tied to the interface, does all the talking; since the kernel lets only broadcasts through as long as
// there is no address, servers are asked to answer by broadcast. Datagrams and signals arrive on channels.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	discoverType = 1 + iota
	offerType
	requestType
	declineType
	ackType
	nakType
	releaseType
)

const (
	optMask       = 1
	optRouter     = 3
	optDNS        = 6
	optAddress    = 50
	optLease      = 51
	optOverload   = 52
	optType       = 53
	optServer     = 54
	optParameters = 55
	optRenew      = 58
	optRebind     = 59
	optEnd        = 255

	cookie    = "\x63\x82\x53\x63"
	optionsAt = 240
	forever   = 1<<32 - 1
)

var (
	broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})
	none      = netip.AddrFrom4([4]byte{})
)

// message is an answer that was meant for us.
type message struct {
	kind    byte
	address netip.Addr // yiaddr
	options map[byte][]byte
}

type lease struct {
	address, server        netip.Addr
	mask                   uint32
	routers, dns           []netip.Addr
	seconds, renew, rebind uint32
	since                  time.Time
}

type client struct {
	iface   *net.Interface
	conn    *net.UDPConn
	arrived chan []byte
	signals chan os.Signal
	xid     uint32
	secs    uint16
	held    *lease
}

func main() {
	rand.Seed(time.Now().UnixNano())
	if len(os.Args) != 2 || os.Args[1] == "" {
		fmt.Fprintln(os.Stderr, "dhcpclient: usage: ./dhcpclient <interface>")
		os.Exit(2)
	}
	c := &client{arrived: make(chan []byte, 64), signals: make(chan os.Signal, 1)}
	signal.Notify(c.signals, syscall.SIGTERM, syscall.SIGINT)
	var err error
	if c.iface, err = net.InterfaceByName(os.Args[1]); err != nil {
		fail(err)
	}
	if err := bringUp(c.iface.Name); err != nil {
		fail(err)
	}
	if c.conn, err = listen(c.iface.Name); err != nil {
		fail(err)
	}
	go c.receive()
	for {
		c.lease()
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "dhcpclient: %v\n", err)
	os.Exit(1)
}

// lease goes once through the life of a lease, from the first question to its loss.
func (c *client) lease() {
	offer := c.discover()
	l := c.request(offer)
	if l == nil {
		return
	}
	taken, err := c.isTaken(l.address)
	if err != nil {
		fail(err)
	}
	if taken {
		c.send(broadcast, c.build(declineType, none, address4(optAddress, l.address), address4(optServer, l.server)))
		fmt.Printf("conflict %v\n", l.address)
		c.wait(time.Now().Add(1200*time.Millisecond), func(*message) bool { return false })
		return
	}
	if err := configure(c.iface.Name, l); err != nil {
		fail(err)
	}
	c.held = l
	fmt.Println("bound", l)
	why := c.hold()
	if err := unconfigure(c.iface.Name); err != nil {
		fail(err)
	}
	c.held = nil
	fmt.Println(why)
}

// ---- The conversation

// repeat sends a message again and again, after longer and longer times, until an answer is taken.
func (c *client) repeat(times int, build func() []byte, take func(*message) bool) bool {
	delay := time.Second
	for i := 0; times == 0 || i < times; i++ {
		c.send(broadcast, build())
		spread := time.Duration(rand.Int63n(int64(delay/2))) - delay/4
		if c.wait(time.Now().Add(delay+spread), take) {
			return true
		}
		if delay < 16*time.Second {
			delay *= 2
		}
	}
	return false
}

func (c *client) discover() (offer *lease) {
	began := time.Now()
	c.xid = rand.Uint32()
	c.repeat(0, func() []byte {
		c.secs = uint16(time.Since(began).Seconds())
		return c.build(discoverType, none, wanted())
	}, func(m *message) bool {
		if m.kind == offerType {
			offer = readLease(m)
		}
		return offer != nil
	})
	return offer
}

func (c *client) request(offer *lease) (got *lease) {
	var sent time.Time
	c.repeat(4, func() []byte {
		sent = time.Now()
		return c.build(requestType, none, address4(optAddress, offer.address), address4(optServer, offer.server), wanted())
	}, func(m *message) bool {
		if readAddress(m.options[optServer]) != offer.server {
			return false
		}
		if m.kind == nakType {
			fmt.Println("refused")
			return true
		}
		if m.kind == ackType {
			got = readLease(m)
		}
		return got != nil
	})
	if got != nil {
		got.since = sent
	}
	return got
}

// hold keeps the address as long as it may, and returns what is to be said then.
func (c *client) hold() string {
	ignore := func(*message) bool { return false }
	for {
		l := c.held
		at := func(seconds uint32) time.Time { return l.since.Add(time.Duration(seconds) * time.Second) }
		if l.seconds == forever {
			c.wait(l.since.AddDate(200, 0, 0), ignore)
			continue
		}
		c.wait(at(l.renew), ignore)
		answer := c.extend(l.server, at(l.rebind))
		if answer == nil {
			answer = c.extend(broadcast, at(l.seconds))
		}
		switch {
		case answer == nil:
			return fmt.Sprintf("expired %v", l.address)
		case answer.kind == nakType:
			return "refused"
		}
	}
}

// extend asks for more time; nil: nobody answered in time.
func (c *client) extend(server netip.Addr, until time.Time) (answer *message) {
	c.xid, c.secs = rand.Uint32(), 0
	sent := time.Now()
	c.send(server, c.build(requestType, c.held.address, wanted()))
	c.wait(until, func(m *message) bool {
		if m.kind == nakType {
			answer = m
		} else if l := readLease(m); m.kind == ackType && l != nil && l.address == c.held.address {
			l.since = sent
			c.held = l
			answer = m
			fmt.Println("renewed", l)
		}
		return answer != nil
	})
	return answer
}

// quit gives back what is held, and ends the program.
func (c *client) quit() {
	if l := c.held; l != nil {
		c.xid, c.secs = rand.Uint32(), 0
		c.send(l.server, c.build(releaseType, l.address, address4(optServer, l.server)))
		if err := unconfigure(c.iface.Name); err != nil {
			fail(err)
		}
		fmt.Printf("released %v\n", l.address)
	}
	os.Exit(0)
}

// wait hands what arrives to take, until that says true, or the time is over, which gives false.
func (c *client) wait(until time.Time, take func(*message) bool) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for {
		select {
		case <-c.signals:
			c.quit()
		case <-timer.C:
			return false
		case datagram := <-c.arrived:
			if m := c.parse(datagram); m != nil && take(m) {
				return true
			}
		}
	}
}

// ---- Messages

func address4(code byte, a netip.Addr) []byte {
	return append([]byte{code, 4}, a.AsSlice()...)
}

func wanted() []byte {
	return []byte{optParameters, 6, optMask, optRouter, optDNS, optLease, optRenew, optRebind}
}

func (c *client) build(kind byte, ciaddr netip.Addr, options ...[]byte) []byte {
	m := make([]byte, optionsAt, 300)
	m[0], m[1], m[2] = 1, 1, 6
	binary.BigEndian.PutUint32(m[4:], c.xid)
	binary.BigEndian.PutUint16(m[8:], c.secs)
	if ciaddr == none {
		m[10] = 0x80 // answer by broadcast
	}
	copy(m[12:], ciaddr.AsSlice())
	copy(m[28:], c.iface.HardwareAddr)
	copy(m[236:], cookie)
	m = append(m, optType, 1, kind)
	for _, o := range options {
		m = append(m, o...)
	}
	m = append(m, optEnd)
	for len(m) < 300 { // the least that BOOTP knows
		m = append(m, 0)
	}
	return m
}

// parse returns what a datagram says, if it is an answer to us and sound.
func (c *client) parse(d []byte) *message {
	if len(d) < optionsAt || d[0] != 2 || binary.BigEndian.Uint32(d[4:]) != c.xid ||
		string(d[28:34]) != string(c.iface.HardwareAddr) || string(d[236:240]) != cookie {
		return nil
	}
	m := &message{address: readAddress(d[16:20]), options: map[byte][]byte{}}
	if !m.readOptions(d[optionsAt:]) {
		return nil
	}
	if overload := m.options[optOverload]; len(overload) == 1 {
		if overload[0]&1 != 0 && !m.readOptions(d[108:236]) || overload[0]&2 != 0 && !m.readOptions(d[44:108]) {
			return nil
		}
	}
	if len(m.options[optType]) != 1 {
		return nil
	}
	m.kind = m.options[optType][0]
	return m
}

func (m *message) readOptions(p []byte) bool {
	for len(p) > 0 && p[0] != optEnd {
		if p[0] == 0 {
			p = p[1:]
			continue
		}
		if len(p) < 2 || len(p) < 2+int(p[1]) {
			return false
		}
		end := 2 + int(p[1])
		m.options[p[0]] = append(m.options[p[0]], p[2:end]...)
		p = p[end:]
	}
	return true
}

func readAddress(b []byte) netip.Addr {
	if len(b) < 4 {
		return none
	}
	a, _ := netip.AddrFromSlice(b[:4])
	return a
}

func readAddresses(b []byte) (all []netip.Addr) {
	for ; len(b) >= 4; b = b[4:] {
		all = append(all, readAddress(b))
	}
	return all
}

func readLease(m *message) *lease {
	number := func(code byte, otherwise uint32) uint32 {
		if b := m.options[code]; len(b) == 4 {
			return binary.BigEndian.Uint32(b)
		}
		return otherwise
	}
	l := &lease{
		address: m.address,
		server:  readAddress(m.options[optServer]),
		mask:    number(optMask, 0xffffff00),
		routers: readAddresses(m.options[optRouter]),
		dns:     readAddresses(m.options[optDNS]),
		seconds: number(optLease, 0),
	}
	l.renew = number(optRenew, l.seconds/2)
	l.rebind = number(optRebind, uint32(uint64(l.seconds)*7/8))
	if l.address == none || l.server == none || l.seconds == 0 {
		return nil
	}
	return l
}

func (l *lease) prefix() int {
	ones, _ := net.IPMask(binary.BigEndian.AppendUint32(nil, l.mask)).Size()
	return ones
}

func (l *lease) String() string {
	router, dns, times := "none", "none", "lease infinite renew never rebind never"
	if len(l.routers) > 0 {
		router = l.routers[0].String()
	}
	if len(l.dns) > 0 {
		dns = strings.Trim(strings.ReplaceAll(fmt.Sprint(l.dns), " ", ","), "[]")
	}
	if l.seconds != forever {
		times = fmt.Sprintf("lease %d renew %d rebind %d", l.seconds, l.renew, l.rebind)
	}
	return fmt.Sprintf("%v/%d router %s dns %s server %v %s", l.address, l.prefix(), router, dns, l.server, times)
}

// ---- The network

func listen(name string) (*net.UDPConn, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		raw.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_BROADCAST, 1)
			if err == nil {
				err = syscall.SetsockoptString(int(fd), syscall.SOL_SOCKET, syscall.SO_BINDTODEVICE, name)
			}
		})
		return err
	}}
	conn, err := config.ListenPacket(context.Background(), "udp4", "0.0.0.0:68")
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

func (c *client) receive() {
	buffer := make([]byte, 65536)
	for {
		n, _, err := c.conn.ReadFromUDPAddrPort(buffer)
		if err == nil {
			c.arrived <- append([]byte(nil), buffer[:n]...)
		} else if errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

func (c *client) send(to netip.Addr, m []byte) {
	if _, err := c.conn.WriteToUDPAddrPort(m, netip.AddrPortFrom(to, 67)); err != nil {
		fmt.Fprintf(os.Stderr, "dhcpclient: %v\n", err) // it will be sent again, or is not that important
	}
}

func swap16(n uint16) uint16 { return n<<8 | n>>8 }

// isTaken asks with ARP who has the address, from an address that is none: RFC 5227, 2.1.1.
func (c *client) isTaken(a netip.Addr) (bool, error) {
	const etherARP = 0x0806
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK,
		int(swap16(etherARP)))
	if err != nil {
		return false, err
	}
	socket := os.NewFile(uintptr(fd), "arp")
	defer socket.Close()
	on := syscall.SockaddrLinklayer{Protocol: swap16(etherARP), Ifindex: c.iface.Index, Halen: 6,
		Addr: [8]byte{255, 255, 255, 255, 255, 255}}
	if err := syscall.Bind(fd, &on); err != nil {
		return false, err
	}
	probe := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	probe = append(append(probe, c.iface.HardwareAddr...), 0, 0, 0, 0)
	probe = append(append(probe, 0, 0, 0, 0, 0, 0), a.AsSlice()...)
	if err := syscall.Sendto(fd, probe, 0, &on); err != nil {
		return false, err
	}
	answered := make(chan bool, 1)
	socket.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	go func() {
		heard := make([]byte, 1500)
		for {
			n, err := socket.Read(heard)
			if err != nil {
				answered <- false
				return
			}
			if n >= 28 && readAddress(heard[14:18]) == a && string(heard[8:14]) != string(c.iface.HardwareAddr) {
				answered <- true
				return
			}
		}
	}()
	select {
	case <-c.signals:
		c.quit()
		return false, nil
	case taken := <-answered:
		return taken, nil
	}
}

// request is struct ifreq of netdevice(7), with room for an address or for flags.
type request struct {
	name   [syscall.IFNAMSIZ]byte
	family uint16 // or the flags
	port   uint16
	addr   [4]byte
	_      [16]byte
}

func ioctl(number uintptr, argument unsafe.Pointer) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), number, uintptr(argument)); errno != 0 {
		return errno
	}
	return nil
}

func bringUp(name string) error {
	var r request
	copy(r.name[:], name)
	if err := ioctl(syscall.SIOCGIFFLAGS, unsafe.Pointer(&r)); err != nil {
		return err
	}
	r.family |= syscall.IFF_UP
	return ioctl(syscall.SIOCSIFFLAGS, unsafe.Pointer(&r))
}

func setAddress(name string, number uintptr, address [4]byte) error {
	r := request{family: syscall.AF_INET, addr: address}
	copy(r.name[:], name)
	return ioctl(number, unsafe.Pointer(&r))
}

// route is struct rtentry, route(7).
type route struct {
	_                 [8]byte
	to, gateway, mask sockaddr
	flags             uint16
	_                 [30]byte
	device            *byte
	_                 [24]byte
}

type sockaddr struct {
	family, port uint16
	addr         [4]byte
	_            [8]byte
}

func configure(name string, l *lease) error {
	var mask [4]byte
	binary.BigEndian.PutUint32(mask[:], l.mask)
	if err := setAddress(name, syscall.SIOCSIFADDR, l.address.As4()); err != nil {
		return fmt.Errorf("cannot set the address: %w", err)
	}
	if err := setAddress(name, syscall.SIOCSIFNETMASK, mask); err != nil {
		return fmt.Errorf("cannot set the mask: %w", err)
	}
	if len(l.routers) == 0 {
		return nil
	}
	device := append([]byte(name), 0)
	r := route{flags: syscall.RTF_UP | syscall.RTF_GATEWAY, device: &device[0]}
	r.to.family, r.mask.family, r.gateway.family = syscall.AF_INET, syscall.AF_INET, syscall.AF_INET
	r.gateway.addr = l.routers[0].As4()
	if err := ioctl(syscall.SIOCADDRT, unsafe.Pointer(&r)); err != nil && err != syscall.EEXIST {
		return fmt.Errorf("cannot set the default route: %w", err)
	}
	return nil
}

func unconfigure(name string) error {
	return setAddress(name, syscall.SIOCSIFADDR, [4]byte{})
}
