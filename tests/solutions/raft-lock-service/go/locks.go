package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// locks is the state machine: the same commands in the same order give the same answers on every server.
type locks struct {
	byName    map[string]*lock
	sessions  map[string]*session
	lastToken uint64
}

type lock struct {
	holder string
	token  uint64 // 0: it is free
	ttl    time.Duration
	ends   time.Time // by our own clock; only the leader's counts
	ending bool      // its end is in the log already
}

// session is what a client was answered last.
type session struct {
	seq    uint64
	answer string
}

func newLocks() *locks {
	return &locks{byName: map[string]*lock{}, sessions: map[string]*session{}}
}

func (l *locks) get(name string) *lock {
	if l.byName[name] == nil {
		l.byName[name] = &lock{}
	}
	return l.byName[name]
}

func (k *lock) release(token uint64) bool {
	if k.token == 0 || k.token != token {
		return false
	}
	*k = lock{}
	return true
}

func parse(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}

// apply carries out a command of the log.
func (l *locks) apply(command string) string {
	words := strings.Split(command, " ")
	switch words[0] {
	case "STATUS":
		if k := l.get(words[1]); k.token != 0 {
			return fmt.Sprintf("HELD %s %d", k.holder, k.token)
		}
		return "FREE"
	case "EXPIRE":
		l.get(words[1]).release(parse(words[2]))
		return ""
	case "ACQUIRE", "RELEASE":
		client, seq := words[2], parse(words[3])
		s := l.sessions[client]
		if s == nil {
			s = &session{}
			l.sessions[client] = s
		}
		if seq < s.seq {
			return "STALE"
		}
		if seq > s.seq {
			*s = session{seq, l.carryOut(words[0], l.get(words[1]), client, parse(words[4]))}
		}
		return s.answer
	}
	return "" // the entry with which a leader begins
}

func (l *locks) carryOut(verb string, k *lock, client string, argument uint64) string {
	if verb == "RELEASE" {
		if k.release(argument) {
			return "OK"
		}
		return "STALE"
	}
	if k.token != 0 {
		return fmt.Sprintf("HELD %d", k.token)
	}
	l.lastToken++
	if argument > math.MaxInt64/uint64(time.Millisecond)/2 {
		argument = math.MaxInt64 / uint64(time.Millisecond) / 2
	}
	ttl := time.Duration(argument) * time.Millisecond
	*k = lock{holder: client, token: l.lastToken, ttl: ttl, ends: time.Now().Add(ttl)}
	return fmt.Sprintf("OK %d", k.token)
}

// beginLeases gives every lock its whole time again: a new leader cannot know how much of it is over.
func (l *locks) beginLeases() {
	for _, k := range l.byName {
		k.ends, k.ending = time.Now().Add(k.ttl), false
	}
}

// expired returns the commands that end the locks whose time is over, each once.
func (l *locks) expired() (commands []string) {
	for name, k := range l.byName {
		if k.token != 0 && !k.ending && time.Now().After(k.ends) {
			k.ending = true
			commands = append(commands, fmt.Sprintf("EXPIRE %s %d", name, k.token))
		}
	}
	return commands
}
