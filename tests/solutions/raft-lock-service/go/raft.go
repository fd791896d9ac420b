package main

import (
	"encoding/gob"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"time"
)

const (
	tick            = 50 * time.Millisecond
	heartbeat       = 100 * time.Millisecond
	electionTimeout = 700 * time.Millisecond // to twice that
	entriesMost     = 64                     // in one message
)

type entry struct {
	Term    uint64
	Command string
}

// message is everything that one server says to another: a request of figure 2 of the Raft paper, or its answer.
type message struct {
	Kind      string // "vote", "voted", "append", "appended"
	From      int
	Term      uint64
	Index     uint64 // vote: of the last entry; append: of the one before Entries; appended: the last that agrees
	IndexTerm uint64
	Commit    uint64
	Entries   []entry
	OK        bool
}

// event is what happens to the server: a message, a command of a client, or a question for its role.
type event struct {
	message *message
	command string
	answer  chan string
	role    chan string
}

type server struct {
	id, servers int
	out         []chan message
	disk        *os.File
	encoder     *gob.Encoder

	term     uint64
	votedFor int
	log      []entry // log[0] is nothing

	role            string
	leader          int
	commit, applied uint64
	electionAt      time.Time
	heartbeatAt     time.Time
	votes           map[int]bool
	next, match     []uint64
	heard           []time.Time
	waiting         map[uint64]chan string
	locks           *locks
}

// ---- The disk: records of gob, each with its length in front by gob itself, in one stream that is only added to ----

// record is one change: a term with its vote, or the log from an index on.
type record struct {
	Term     uint64
	VotedFor int
	From     uint64 // 0: no entries
	Entries  []entry
}

func newServer(id, servers int, directory string) *server {
	s := &server{id: id, servers: servers, out: make([]chan message, servers+1), log: make([]entry, 1),
		role: "FOLLOWER", waiting: map[uint64]chan string{}, locks: newLocks()}
	rand.Seed(time.Now().UnixNano() + int64(id))
	s.recover(directory)
	s.putOffElection()
	return s
}

// recover reads what is there, and writes it anew as one record: a stream of gob cannot be continued.
func (s *server) recover(directory string) {
	path := filepath.Join(directory, "state")
	if f, err := os.Open(path); err == nil {
		in := gob.NewDecoder(f)
		for {
			var r record
			if err := in.Decode(&r); err == io.EOF || err == io.ErrUnexpectedEOF {
				break // the last record was being written: nobody was told of it
			} else if err != nil {
				complain(1, "%s: %v", path, err)
			}
			s.term, s.votedFor = r.Term, r.VotedFor
			if r.From > 0 {
				s.log = append(s.log[:r.From:r.From], r.Entries...)
			}
		}
		f.Close()
	} else if !os.IsNotExist(err) {
		complain(1, "%v", err)
	}
	var err error
	if s.disk, err = os.Create(path + ".new"); err != nil {
		complain(1, "%v", err)
	}
	s.encoder = gob.NewEncoder(s.disk)
	s.save(1)
	if err := os.Rename(path+".new", path); err != nil {
		complain(1, "%v", err)
	}
	if d, err := os.Open(directory); err == nil {
		d.Sync()
		d.Close()
	}
}

// save writes term, vote, and the log from this index on (0: none of it), and is back when they are safe.
func (s *server) save(from uint64) {
	r := record{Term: s.term, VotedFor: s.votedFor, From: from}
	if from > 0 {
		r.Entries = s.log[from:]
	}
	err := s.encoder.Encode(r)
	if err == nil {
		err = s.disk.Sync()
	}
	if err != nil {
		complain(1, "the disk: %v", err)
	}
}

// ---- Roles ----

func (s *server) last() uint64 { return uint64(len(s.log) - 1) }

func (s *server) putOffElection() {
	s.electionAt = time.Now().Add(electionTimeout + time.Duration(rand.Int63n(int64(electionTimeout))))
}

func (s *server) send(to int, m message) {
	m.From, m.Term = s.id, s.term
	select {
	case s.out[to] <- m:
	default:
	}
}

func (s *server) sendAll(m message) {
	for to := 1; to <= s.servers; to++ {
		if to != s.id {
			s.send(to, m)
		}
	}
}

func (s *server) follow(term uint64, leader int) {
	if term > s.term {
		s.term, s.votedFor = term, 0
		s.save(0)
	}
	if s.role == "LEADER" {
		s.putOffElection()
		for index, answer := range s.waiting {
			answer <- "UNKNOWN" // it may be carried out yet, or never
			delete(s.waiting, index)
		}
	}
	s.role, s.leader = "FOLLOWER", leader
}

func (s *server) elect() {
	s.role, s.leader = "CANDIDATE", 0
	s.term++
	s.votedFor = s.id
	s.save(0)
	s.putOffElection()
	s.votes = map[int]bool{s.id: true}
	s.sendAll(message{Kind: "vote", Index: s.last(), IndexTerm: s.log[s.last()].Term})
	s.countVotes()
}

func (s *server) countVotes() {
	if s.role != "CANDIDATE" || 2*len(s.votes) <= s.servers {
		return
	}
	s.role, s.leader = "LEADER", s.id
	s.locks.beginLeases()
	s.next, s.match = make([]uint64, s.servers+1), make([]uint64, s.servers+1)
	s.heard = make([]time.Time, s.servers+1)
	for i := range s.next {
		s.next[i], s.heard[i] = s.last()+1, time.Now()
	}
	s.add("") // commits what earlier leaders left: section 5.4.2
}

// ---- Replication ----

// add puts commands into the leader's log, and sends them.
func (s *server) add(commands ...string) {
	from := s.last() + 1
	for _, c := range commands {
		s.log = append(s.log, entry{s.term, c})
	}
	s.save(from)
	s.advance()
	s.sendEntries()
}

func (s *server) sendEntries() {
	s.heartbeatAt = time.Now().Add(heartbeat)
	for to := 1; to <= s.servers; to++ {
		if to != s.id {
			s.sendEntriesTo(to)
		}
	}
}

func (s *server) sendEntriesTo(to int) {
	prev := s.next[to] - 1
	end := s.last() + 1
	if end > s.next[to]+entriesMost {
		end = s.next[to] + entriesMost
	}
	s.send(to, message{Kind: "append", Index: prev, IndexTerm: s.log[prev].Term, Commit: s.commit,
		Entries: append([]entry{}, s.log[s.next[to]:end]...)})
}

// advance commits what a majority has, and carries it out. Entries of earlier terms are never counted by themselves.
func (s *server) advance() {
	for n := s.last(); s.role == "LEADER" && n > s.commit && s.log[n].Term == s.term; n-- {
		have := 1
		for i := 1; i <= s.servers; i++ {
			if i != s.id && s.match[i] >= n {
				have++
			}
		}
		if 2*have > s.servers {
			s.commit = n
		}
	}
	for s.applied < s.commit {
		s.applied++
		answer := s.locks.apply(s.log[s.applied].Command)
		if client, ok := s.waiting[s.applied]; ok {
			client <- answer
			delete(s.waiting, s.applied)
		}
	}
}

func (s *server) hear(m *message) {
	if m.Term > s.term {
		s.follow(m.Term, 0)
	}
	switch m.Kind {
	case "vote":
		own := s.log[s.last()].Term
		upToDate := m.IndexTerm > own || m.IndexTerm == own && m.Index >= s.last()
		grant := m.Term == s.term && s.role == "FOLLOWER" && upToDate && (s.votedFor == 0 || s.votedFor == m.From)
		if grant && s.votedFor == 0 {
			s.votedFor = m.From
			s.save(0)
		}
		if grant {
			s.putOffElection()
		}
		s.send(m.From, message{Kind: "voted", OK: grant})
	case "voted":
		if m.Term == s.term && s.role == "CANDIDATE" && m.OK {
			s.votes[m.From] = true
			s.countVotes()
		}
	case "append":
		s.hearEntries(m)
	case "appended":
		if s.role != "LEADER" || m.Term != s.term {
			return
		}
		s.heard[m.From] = time.Now()
		if m.OK && m.Index > s.match[m.From] {
			s.match[m.From] = m.Index
			s.advance()
		}
		if m.OK {
			s.next[m.From] = s.match[m.From] + 1
		} else if m.Index+1 < s.next[m.From] && m.Index >= s.match[m.From] {
			s.next[m.From] = m.Index + 1
		} else {
			return
		}
		if s.next[m.From] <= s.last() {
			s.sendEntriesTo(m.From)
		}
	}
}

func (s *server) hearEntries(m *message) {
	if m.Term < s.term {
		s.send(m.From, message{Kind: "appended"})
		return
	}
	s.follow(m.Term, m.From)
	s.putOffElection()
	if m.Index > s.last() || s.log[m.Index].Term != m.IndexTerm {
		hint := s.last()
		if m.Index > 0 && m.Index <= hint {
			hint = m.Index - 1
		}
		s.send(m.From, message{Kind: "appended", Index: hint})
		return
	}
	for i, e := range m.Entries { // what is there already stays: a late message must not cut the log
		at := m.Index + 1 + uint64(i)
		if at <= s.last() && s.log[at].Term == e.Term {
			continue
		}
		s.log = append(s.log[:at:at], m.Entries[i:]...)
		s.save(at)
		break
	}
	agreed := m.Index + uint64(len(m.Entries))
	if m.Commit < agreed {
		agreed, m.Commit = m.Commit, agreed
	} else {
		m.Commit = agreed
	}
	if agreed > s.commit {
		s.commit = agreed
		s.advance()
	}
	s.send(m.From, message{Kind: "appended", OK: true, Index: m.Commit})
}

// ---- The loop ----

func (s *server) hasMajority() bool {
	there := 1
	for i := 1; i <= s.servers; i++ {
		if i != s.id && time.Since(s.heard[i]) < 2*electionTimeout {
			there++
		}
	}
	return 2*there > s.servers
}

func (s *server) onTick() {
	if s.role != "LEADER" {
		if time.Now().After(s.electionAt) {
			s.elect()
		}
		return
	}
	if !s.hasMajority() {
		s.follow(s.term, 0)
		return
	}
	if expired := s.locks.expired(); len(expired) > 0 {
		s.add(expired...)
	}
	if time.Now().After(s.heartbeatAt) {
		s.sendEntries()
	}
}

func (s *server) run(events <-chan event) {
	ticks := time.NewTicker(tick)
	for {
		select {
		case <-ticks.C:
			s.onTick()
		case e := <-events:
			switch {
			case e.message != nil:
				s.hear(e.message)
			case e.role != nil:
				e.role <- fmt.Sprintf("%s %d", s.role, s.term)
			case s.role != "LEADER":
				e.answer <- fmt.Sprintf("NOTLEADER %d", s.leader)
			default:
				s.waiting[s.last()+1] = e.answer
				s.add(e.command)
			}
		}
	}
}
