// daemon: a service that detaches from whoever starts it, runs once in a directory, and is controlled by a pid file.
//
// A Go program cannot fork, for its runtime has threads. So it starts itself again, twice, and hands over what the next
// stage needs as open descriptors: the pid file, locked already by start, and a pipe on which the daemon reports. The
// lock belongs to the open file, not to the process, so that it passes from stage to stage and ends with the last.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	stageVariable = "DAEMON_STAGE"
	lockFD        = 3
	reportFD      = 4

	exitFailed  = 1
	exitUsage   = 2
	exitCrashed = 1
	exitStopped = 3

	ofdGetLock  = 36 // F_OFD_GETLK and its like, fcntl(2)
	ofdSetLock  = 37
	ofdWaitLock = 38
)

var pidPath, logPath string

func main() {
	directory, err := os.Getwd()
	check(err)
	pidPath = filepath.Join(directory, "daemon.pid")
	logPath = filepath.Join(directory, "daemon.log")

	switch os.Getenv(stageVariable) {
	case "session":
		check(next("daemon", nil, lockFD, reportFD))
		return
	case "daemon":
		check(serve())
		return
	}
	if len(os.Args) != 2 {
		usage()
	}
	switch os.Args[1] {
	case "start":
		check(start())
	case "stop":
		check(stop())
	case "status":
		os.Exit(status())
	default:
		usage()
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "daemon: usage: ./daemon start|stop|status")
	os.Exit(exitUsage)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "daemon:", err)
		os.Exit(exitFailed)
	}
}

// lock asks about or takes the lock on the whole of an open file.
func lock(f *os.File, command int) (syscall.Flock_t, error) {
	l := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	err := syscall.FcntlFlock(f.Fd(), command, &l)
	return l, err
}

var errRunning = errors.New("it is running already")

// claim returns the pid file with the lock on it, or errRunning.
func claim(flags int) (*os.File, error) {
	for {
		f, err := os.OpenFile(pidPath, os.O_RDWR|flags, 0o644)
		if err != nil {
			return nil, err
		}
		if _, err := lock(f, ofdSetLock); err != nil {
			f.Close()
			if err == syscall.EAGAIN || err == syscall.EACCES {
				err = errRunning
			}
			return nil, err
		}
		ours, err := f.Stat()
		if err != nil {
			return nil, err
		}
		current, err := os.Stat(pidPath)
		if err == nil && os.SameFile(ours, current) {
			return f, nil
		}
		f.Close() // it was removed between open and lock
	}
}

// running returns the pid file and the pid of the daemon that runs here; 0 if there is none.
func running() (*os.File, int, error) {
	for {
		f, err := os.OpenFile(pidPath, os.O_RDWR, 0)
		if errors.Is(err, os.ErrNotExist) {
			return nil, 0, nil
		} else if err != nil {
			return nil, 0, err
		}
		l, err := lock(f, ofdGetLock)
		if err != nil || l.Type == syscall.F_UNLCK {
			return f, 0, err
		}
		content, err := io.ReadAll(f)
		if err != nil {
			return f, 0, err
		}
		if pid, ok := parsePid(content); ok {
			return f, pid, nil
		}
		f.Close() // locked, but not written yet
		time.Sleep(time.Millisecond)
	}
}

func parsePid(content []byte) (int, bool) {
	if !bytes.HasSuffix(content, []byte("\n")) {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSuffix(string(content), "\n"))
	return pid, err == nil && pid > 1
}

// next starts the next stage of this program with these descriptors as 3, 4 and so on, and nothing else.
func next(stage string, attr *syscall.SysProcAttr, fds ...int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Setenv(stageVariable, stage); err != nil {
		return err
	}
	keepToOurselves()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	files := []uintptr{null.Fd(), null.Fd(), null.Fd()}
	for _, fd := range fds {
		files = append(files, uintptr(fd))
	}
	pid, err := syscall.ForkExec(self, []string{os.Args[0], "start"}, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: files,
		Sys:   attr,
	})
	if err == nil && stage == "session" {
		_, err = syscall.Wait4(pid, nil, 0, nil)
	}
	return err
}

// keepToOurselves marks the descriptors that the caller has left open: Go does so only for those that it opens.
func keepToOurselves() {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

func start() error {
	syscall.Umask(0)
	f, err := claim(os.O_CREATE)
	if errors.Is(err, errRunning) {
		return nil
	} else if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	err = next("session", &syscall.SysProcAttr{Setsid: true}, int(f.Fd()), int(w.Fd()))
	w.Close()
	if err != nil {
		os.Remove(pidPath)
		return err
	}
	report, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if string(report) != "ready" {
		os.Remove(pidPath) // the lock is ours as well
		return fmt.Errorf("the daemon did not start: %s", report)
	}
	return nil
}

func stop() error {
	f, pid, err := running()
	if err != nil {
		return err
	}
	if pid != 0 {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && err != syscall.ESRCH {
			return err
		}
		if _, err := lock(f, ofdWaitLock); err != nil { // it is free when the daemon has ended
			return err
		}
		f.Close()
	}
	stale, err := claim(0)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, errRunning) {
		return nil
	} else if err != nil {
		return err
	}
	defer stale.Close()
	return os.Remove(pidPath)
}

func status() int {
	f, pid, err := running()
	check(err)
	switch {
	case pid != 0:
		fmt.Println("running", pid)
		return 0
	case f != nil:
		fmt.Println("crashed")
		return exitCrashed
	}
	fmt.Println("stopped")
	return exitStopped
}

// serve is the daemon. What goes wrong before it is ready is said through the pipe.
func serve() error {
	syscall.CloseOnExec(lockFD)
	syscall.CloseOnExec(reportFD)
	pidFile := os.NewFile(lockFD, pidPath)
	report := os.NewFile(reportFD, "report")

	signals := make(chan os.Signal, 64)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	log, err := prepare(pidFile)
	if err != nil {
		fmt.Fprint(report, err)
		return err
	}
	fmt.Fprintln(log, "started", os.Getpid())
	fmt.Fprint(report, "ready")
	report.Close()

	for s := range signals {
		if s == syscall.SIGTERM {
			break
		}
		if fresh, err := openLog(); err == nil {
			log.Close()
			log = fresh
			fmt.Fprintln(log, "reopened", os.Getpid())
		}
	}
	fmt.Fprintln(log, "stopped", os.Getpid())
	return os.Remove(pidPath)
}

func prepare(pidFile *os.File) (*os.File, error) {
	if err := os.Chdir("/"); err != nil {
		return nil, err
	}
	log, err := openLog()
	if err != nil {
		return nil, err
	}
	if err := pidFile.Truncate(0); err != nil {
		return nil, err
	}
	_, err = fmt.Fprintln(pidFile, os.Getpid())
	return log, err
}

func openLog() (*os.File, error) {
	return os.OpenFile(logPath, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}
