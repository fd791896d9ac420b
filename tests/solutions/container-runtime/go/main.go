// container: runs a command in a root file system, with namespaces of its own.
//
// The program starts itself a second time, in the new namespaces and under another name: that is process 1, which makes the
// root and then becomes the command. The image is the lower layer of an overlay, so the command may change every file, and
// what it changes is memory that ends with the container.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

const (
	wrongUsage    = 2
	cannotRun     = 125
	cannotExecute = 126
	notFound      = 127

	insideName = "container-inside" // os.Args[0] of process 1
	goFD       = 3                  // where process 1 waits for its group
)

var passedOn = []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1,
	syscall.SIGUSR2}

var environment = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"}

func main() {
	// PR_SET_PDEATHSIG looks at the thread that has started the child, and process 1 changes its own signal mask.
	runtime.LockOSThread()
	if os.Args[0] == insideName {
		inside(os.Args[1], os.Args[2:])
	}
	if len(os.Args) < 4 || os.Args[1] != "run" {
		fmt.Fprintln(os.Stderr, "container: usage: ./container run <image> <command> [args...]")
		os.Exit(wrongUsage)
	}
	status, err := run(os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "container:", err)
		status = cannotRun
	}
	os.Exit(status)
}

// ---- Outside ----

func run(image string, command []string) (int, error) {
	if info, err := os.Stat(image); err != nil {
		return 0, err
	} else if !info.IsDir() {
		return 0, fmt.Errorf("%s: not a directory", image)
	}
	group, err := makeGroup()
	if err != nil {
		return 0, err
	}
	if group != "" {
		defer os.Remove(group)
	}

	signals := make(chan os.Signal, 64)
	signal.Notify(signals, passedOn...)
	gate, opener, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	child := exec.Cmd{
		Path:       "/proc/self/exe",
		Args:       append([]string{insideName, image}, command...),
		Stdin:      os.Stdin,
		Stdout:     os.Stdout,
		Stderr:     os.Stderr,
		ExtraFiles: []*os.File{gate},
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
				syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
			Pdeathsig:   syscall.SIGKILL,
		},
	}
	if err := child.Start(); err != nil {
		return 0, err
	}
	gate.Close()
	if group != "" {
		pid := strconv.Itoa(child.Process.Pid)
		if err := os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(pid), 0); err != nil {
			opener.Close() // process 1 ends: nobody has opened its gate
			child.Wait()
			return 0, err
		}
	}
	opener.Write([]byte{0})
	opener.Close()

	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case s := <-signals:
			child.Process.Signal(s)
		case err := <-ended:
			return statusOf(child.ProcessState, err)
		}
	}
}

func statusOf(state *os.ProcessState, err error) (int, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if status := state.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return state.ExitCode(), nil
}

// makeGroup makes the cgroup of the limits; "" if there are none.
func makeGroup() (string, error) {
	memory, err := limit("CONTAINER_MEMORY_MB")
	if err != nil {
		return "", err
	}
	pids, err := limit("CONTAINER_PIDS")
	if err != nil {
		return "", err
	}
	if memory == 0 && pids == 0 {
		return "", nil
	}
	parent, ok := os.LookupEnv("CONTAINER_CGROUP")
	if !ok {
		return "", errors.New("limits need CONTAINER_CGROUP, the group in which to make one")
	}
	group, err := os.MkdirTemp(parent, "container-")
	if err != nil {
		return "", err
	}
	settings := []struct {
		file     string
		value    int
		wanted   bool
		optional bool
	}{
		{"pids.max", pids, pids > 0, false},
		{"memory.max", memory << 20, memory > 0, false},
		{"memory.swap.max", 0, memory > 0, true}, // a kernel without swap does not have it
	}
	for _, s := range settings {
		if !s.wanted {
			continue
		}
		// Not os.WriteFile: it would make a file that is not there, in a directory that is no group.
		f, err := os.OpenFile(filepath.Join(group, s.file), os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString(strconv.Itoa(s.value))
			f.Close()
		}
		if err != nil && !(s.optional && errors.Is(err, os.ErrNotExist)) {
			os.Remove(group)
			return "", err
		}
	}
	return group, nil
}

func limit(name string) (int, error) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%s is %q, not a number above 0", name, text)
	}
	return int(n), nil
}

// ---- Inside: process 1 ----

func inside(image string, command []string) {
	gate := os.NewFile(goFD, "gate")
	if n, _ := gate.Read(make([]byte, 1)); n != 1 {
		os.Exit(cannotRun)
	}
	gate.Close()
	if err := prepare(image); err != nil {
		fmt.Fprintln(os.Stderr, "container:", err)
		os.Exit(cannotRun)
	}
	path, err := find(command[0])
	if err == nil {
		resetSignals()
		err = syscall.Exec(path, command, environment)
	}
	fmt.Fprintf(os.Stderr, "container: %s: %v\n", command[0], err)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENOTDIR) {
		os.Exit(notFound)
	}
	os.Exit(cannotExecute)
}

func prepare(image string) error {
	if err := syscall.Sethostname([]byte(filepath.Base(image))); err != nil {
		return fmt.Errorf("host name: %w", err)
	}
	if err := bringUpLoopback(); err != nil {
		return fmt.Errorf("lo: %w", err)
	}
	if err := enterImage(image); err != nil {
		return err
	}
	// All that is open above stderr, Go's own and the caller's, is closed by the exec.
	const closeRange, cloexec = 436, 4
	if _, _, e := syscall.Syscall(closeRange, 3, ^uintptr(0)>>32, cloexec); e != 0 {
		return fmt.Errorf("close_range: %w", e)
	}
	return nil
}

func enterImage(image string) error {
	image, err := filepath.Abs(image)
	if err != nil {
		return err
	}
	// Everything that is new lies in a tmpfs, mounted where the image has a directory to spare.
	layers := filepath.Join(image, "tmp")
	root := filepath.Join(layers, "root")
	overlay := fmt.Sprintf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work", escape(image), escape(layers), escape(layers))
	steps := []struct {
		what string
		do   func() error
	}{
		{"make the mounts private", func() error { return syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") }},
		{"mount a tmpfs", func() error { return syscall.Mount("layers", layers, "tmpfs", 0, "mode=755") }},
		{"make the layers", func() error { return mkdirs(layers, "upper", "work", "root") }},
		{"mount the overlay", func() error { return syscall.Mount("overlay", root, "overlay", 0, overlay) }},
		{"mount /dev", func() error { return mountDevices(filepath.Join(root, "dev")) }},
		{"mount /proc", func() error { return syscall.Mount("proc", filepath.Join(root, "proc"), "proc", 0, "") }},
		{"mount /tmp", func() error { return syscall.Mount("tmp", filepath.Join(root, "tmp"), "tmpfs", 0, "mode=1777") }},
		{"enter the root", func() error { return syscall.Chdir(root) }},
		{"pivot_root", func() error { return syscall.PivotRoot(".", ".") }},
		{"unmount the host", func() error { return syscall.Unmount(".", syscall.MNT_DETACH) }},
		{"enter /", func() error { return syscall.Chdir("/") }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
	}
	return nil
}

// escape makes a path fit for the options of an overlay.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `:`, `\:`).Replace(path)
}

func mkdirs(parent string, names ...string) error {
	for _, name := range names {
		if err := os.Mkdir(filepath.Join(parent, name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func mountDevices(dev string) error {
	if err := syscall.Mount("dev", dev, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	for _, name := range []string{"null", "zero", "full", "random", "urandom"} {
		to := filepath.Join(dev, name)
		if err := os.WriteFile(to, nil, 0o666); err != nil {
			return err
		}
		if err := syscall.Mount("/dev/"+name, to, "", syscall.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}

func bringUpLoopback() error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(s)
	request := struct { // struct ifreq of netdevice(7)
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP}
	copy(request.name[:], "lo")
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	if e != 0 {
		return e
	}
	return nil
}

// find looks for the command in PATH of the container, if it has no slash.
func find(command string) (string, error) {
	if strings.Contains(command, "/") {
		return command, nil
	}
	for _, dir := range filepath.SplitList(strings.TrimPrefix(environment[0], "PATH=")) {
		path := filepath.Join(dir, command)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", syscall.ENOENT
}

// resetSignals lets no signal be ignored or blocked after the exec: it turns handlers into the default action, so a handler
// for each does away with what the caller ignores.
func resetSignals() {
	signal.Notify(make(chan os.Signal, 1))
	const setMask = 2
	var none uint64
	syscall.Syscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&none)), 0, unsafe.Sizeof(none), 0, 0)
}
