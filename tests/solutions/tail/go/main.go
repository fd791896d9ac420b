// tail: prints the end of a file and follows its name.
//
// Following is a loop that looks twenty times a second: it needs no notifications, works on every file system, and the
// order of its questions is all that there is to get right.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	interval  = 50 * time.Millisecond
	blockSize = 32 * 1024
)

func main() {
	follows, lines, path := parse(os.Args[1:])

	f, err := os.Open(path)
	check(err)
	info, err := f.Stat()
	check(err)
	if info.Mode().IsRegular() && info.Size() > 0 {
		start, err := findLastLines(f, info.Size(), lines)
		check(err)
		_, err = f.Seek(start, io.SeekStart)
		check(err)
		_, err = io.Copy(stdout{}, f)
		check(err)
	} else {
		check(copyLastLines(f, lines))
	}
	if follows && info.Mode().IsRegular() {
		check(follow(path, f))
	}
}

// parse takes the options as getopt(3) does: -n3 and -fn 3 are as good as -f -n 3.
func parse(args []string) (follows bool, lines int64, path string) {
	lines = 10
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		letters := args[0][1:]
		args = args[1:]
		if letters == "-" {
			break
		}
		for letters != "" {
			letter := letters[0]
			letters = letters[1:]
			switch {
			case letter == 'f':
				follows = true
			case letter == 'n' && letters != "":
				lines, letters = parseLines(letters), ""
			case letter == 'n' && len(args) > 0:
				lines, args = parseLines(args[0]), args[1:]
			default:
				usage()
			}
		}
	}
	if len(args) != 1 {
		usage()
	}
	return follows, lines, args[0]
}

func parseLines(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] < '0' || text[0] > '9' {
		usage()
	}
	return n
}

func usage() {
	fmt.Fprintln(os.Stderr, "tail: usage: ./tail [-f] [-n lines] <file>")
	os.Exit(2)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tail:", err)
		os.Exit(1)
	}
}

// stdout hides what else os.Stdout can do from io.Copy, which would otherwise splice with calls of its own.
type stdout struct{}

func (stdout) Write(b []byte) (int, error) { return os.Stdout.Write(b) }

// findLastLines returns the offset at which the last n lines begin.
func findLastLines(f *os.File, size, n int64) (int64, error) {
	if n == 0 {
		return size, nil
	}
	block := make([]byte, blockSize)
	end := size - 1 // the last byte ends the last line, or is a part of it
	for end > 0 {
		start := end - blockSize
		if start < 0 {
			start = 0
		}
		part := block[:end-start]
		if _, err := f.ReadAt(part, start); err != nil && err != io.EOF {
			return 0, err
		}
		for i := bytes.LastIndexByte(part, '\n'); i >= 0; i = bytes.LastIndexByte(part[:i], '\n') {
			if n--; n == 0 {
				return start + int64(i) + 1, nil
			}
		}
		end = start
	}
	return 0, nil
}

// copyLastLines reads to the end, and keeps no more than n lines and the one that is not finished.
func copyLastLines(r io.Reader, n int64) error {
	var lines [][]byte // finished ones
	var rest []byte
	block := make([]byte, blockSize)
	for {
		got, err := r.Read(block)
		data := block[:got]
		for {
			i := bytes.IndexByte(data, '\n')
			if i < 0 {
				break
			}
			if n > 0 {
				lines = append(lines, append(rest, data[:i+1]...))
			}
			rest = nil
			if int64(len(lines)) > n {
				lines[0] = nil
				lines = lines[1:]
			}
			data = data[i+1:]
		}
		rest = append(rest, data...)
		if err == io.EOF {
			break
		} else if err != nil {
			return err
		}
	}
	if len(rest) > 0 {
		lines = append(lines, rest)
	}
	if int64(len(lines)) > n {
		lines = lines[1:]
	}
	_, err := os.Stdout.Write(bytes.Join(lines, nil))
	return err
}

// follow goes on where f stands.
func follow(path string, f *os.File) error {
	for {
		// First the name, then the file: what was written before the name changed is read below.
		next, replaced := open(path, f)
		if err := printNew(f); err != nil {
			return err
		}
		if replaced {
			f.Close()
			f = next
			continue
		}
		if readerGone() {
			os.Exit(1)
		}
		time.Sleep(interval)
	}
}

// open returns the file that has the name now, if that is another one.
func open(path string, f *os.File) (*os.File, bool) {
	ours, err := f.Stat()
	if err != nil {
		return nil, false
	}
	current, err := os.Stat(path)
	if err != nil || !current.Mode().IsRegular() || os.SameFile(ours, current) {
		return nil, false
	}
	next, err := os.Open(path)
	return next, err == nil
}

func printNew(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if info.Size() < at {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	_, err = io.Copy(stdout{}, f)
	return err
}

// readerGone asks poll(2) about stdout: a pipe without a reader has an error to report.
func readerGone() bool {
	const pollErr, pollHup = 0x8, 0x10
	fds := struct {
		fd              int32
		events, revents int16
	}{fd: 1}
	_, _, errno := syscall.Syscall(syscall.SYS_POLL, uintptr(unsafe.Pointer(&fds)), 1, 0)
	return errno == 0 && fds.revents&(pollErr|pollHup) != 0
}
