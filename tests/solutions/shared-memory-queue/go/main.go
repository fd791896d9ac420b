// shmqueue: a queue of messages in shared memory, used by as many processes as like to.
//
// Go has no robust mutex, but the kernel has a lock that nobody can take with him into the grave: flock(2). Each process
// opens the object for itself, so that the lock keeps the processes apart, and it is taken back when its owner is killed.
// The state is whole at every moment (see put and get), so that there is nothing to repair. Who has to wait does so on a
// futex, one word of the shared memory that counts what has happened.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	magic   = 0x316f67716d6873 // "shmqgo1"
	maxSize = 10000
	maxText = 256
	maxName = 200

	futexWait = 0
	futexWake = 1
)

// At the beginning of the object; the slots come behind it. Nothing here is a Go pointer: each process has the object at
// an address of its own.
type header struct {
	magic       uint64 // written last, when everything else is ready
	size        uint64
	put, taken  uint64 // messages, ever: what is between waits in the queue
	puts, takes uint32 // futexes: another value than before means that something has happened
}

type slot struct {
	length uint32
	text   [maxText]byte
}

type queue struct {
	path string
	fd   int
	*header
	slots []slot
}

func main() {
	size := 0
	if len(os.Args) == 3 && strings.Trim(os.Args[2], "0123456789") == "" {
		size, _ = strconv.Atoi(os.Args[2])
	}
	if size < 1 || size > maxSize || !validName(os.Args[1]) {
		fmt.Fprintln(os.Stderr, "shmqueue: usage: ./shmqueue <name> <size>, a name without / and 1 to 10000 messages")
		os.Exit(2)
	}
	q, err := attach(os.Args[1], size)
	if err == nil {
		err = serve(q)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "shmqueue: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func validName(name string) bool {
	return name != "" && len(name) <= maxName && name[0] != '.' && !strings.Contains(name, "/")
}

// attach opens the queue, and makes it if it is not there. What shm_open(3) does is to open a file in /dev/shm.
func attach(name string, size int) (*queue, error) {
	q := &queue{path: "/dev/shm/" + name}
	length := int64(unsafe.Sizeof(header{})) + int64(size)*int64(unsafe.Sizeof(slot{}))
	var err error
	if q.fd, err = syscall.Open(q.path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC|syscall.O_NOFOLLOW, 0o600); err != nil {
		return nil, err
	}
	q.lock()
	defer q.unlock()

	var st syscall.Stat_t
	if err := syscall.Fstat(q.fd, &st); err != nil {
		return nil, err
	}
	if st.Size == 0 {
		if err := syscall.Fallocate(q.fd, 0, 0, length); err != nil {
			return nil, err
		}
		st.Size = length
	}
	if st.Size < int64(unsafe.Sizeof(header{})) {
		return nil, errors.New("is there, but is no queue")
	}
	memory, err := syscall.Mmap(q.fd, 0, int(st.Size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	q.header = (*header)(unsafe.Pointer(&memory[0]))
	if q.magic == 0 && st.Size == length {
		q.size = uint64(size)
		atomic.StoreUint64(&q.magic, magic)
	}
	if q.magic != magic {
		return nil, errors.New("is there, but is no queue")
	}
	if q.size != uint64(size) {
		return nil, errors.New("is a queue of another size")
	}
	q.slots = unsafe.Slice((*slot)(unsafe.Pointer(&memory[unsafe.Sizeof(header{})])), size)
	return q, nil
}

func (q *queue) lock() {
	for syscall.Flock(q.fd, syscall.LOCK_EX) == syscall.EINTR {
	}
}

func (q *queue) unlock() {
	syscall.Flock(q.fd, syscall.LOCK_UN)
}

// waitFor gives the lock back until something has happened, or for a second: who should have told us may have been killed.
func (q *queue) waitFor(event *uint32) {
	seen := atomic.LoadUint32(event)
	second := syscall.NsecToTimespec(int64(time.Second))
	q.unlock()
	syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(event)), futexWait, uintptr(seen),
		uintptr(unsafe.Pointer(&second)), 0, 0)
	q.lock()
}

// announce wakes all that wait for the event.
func announce(event *uint32) {
	atomic.AddUint32(event, 1)
	syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(event)), futexWake, math.MaxInt32, 0, 0, 0)
}

func (q *queue) putText(text []byte) {
	q.lock()
	defer q.unlock()
	for q.put-q.taken == q.size {
		q.waitFor(&q.takes)
	}
	s := &q.slots[q.put%q.size]
	s.length = uint32(copy(s.text[:], text))
	atomic.StoreUint64(&q.put, q.put+1) // from here on it is in the queue, as a whole
	announce(&q.puts)
}

func (q *queue) getText() []byte {
	q.lock()
	defer q.unlock()
	for q.put == q.taken {
		q.waitFor(&q.puts)
	}
	s := &q.slots[q.taken%q.size]
	text := append([]byte(nil), s.text[:s.length]...)
	atomic.StoreUint64(&q.taken, q.taken+1)
	announce(&q.takes)
	return text
}

func (q *queue) count() uint64 {
	q.lock()
	defer q.unlock()
	return q.put - q.taken
}

// serve carries out one command after the other. A last line without a line feed is none.
func serve(q *queue) error {
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := os.Stdout.Write(append(q.obey(line[:len(line)-1]), '\n')); err != nil {
			return err
		}
	}
}

func (q *queue) obey(command []byte) []byte {
	switch text := bytes.TrimPrefix(command, []byte("put ")); {
	case len(text) < len(command) && len(text) <= maxText:
		q.putText(text)
		return []byte("ok")
	case string(command) == "get":
		return append([]byte("got "), q.getText()...)
	case string(command) == "count":
		return strconv.AppendUint(nil, q.count(), 10)
	case string(command) == "remove":
		syscall.Unlink(q.path)
		return []byte("ok")
	}
	return []byte("error")
}
