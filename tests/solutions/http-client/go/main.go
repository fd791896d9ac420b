// httpclient: fetches a page over HTTP/1.1 and prints its body.
//
// The framing of a body is a reader: whatever it is, the body is copied from it to stdout. A framing that is cut short
// returns io.ErrUnexpectedEOF, never io.EOF.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
)

const (
	headMax      = 256 << 10
	redirectsMax = 10
)

var errTooLong = errors.New("the head of the response is too long")

func main() {
	if len(os.Args) != 2 {
		usage("one URL is needed")
	}
	target, err := parseURL(os.Args[1])
	if err != nil {
		usage(err.Error())
	}
	if err := fetch(target); err != nil {
		fmt.Fprintln(os.Stderr, "httpclient:", err)
		os.Exit(1)
	}
}

func usage(why string) {
	fmt.Fprintf(os.Stderr, "httpclient: %s; usage: ./httpclient http://host[:port][/path][?query]\n", why)
	os.Exit(2)
}

// A page is what a URL says, cut up for a request.
type page struct {
	dial   string // host and port
	host   string // for the Host field
	target string // path and query, untouched
	base   string // the URL, for redirects
}

func parseURL(s string) (*page, error) {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return nil, errors.New("a URL has no spaces and no control characters")
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" { // url.Parse has put it into lower case
		return nil, errors.New("the URL must begin with http://")
	}
	if u.User != nil || u.Hostname() == "" {
		return nil, errors.New("the URL needs a host, and no user")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, errors.New("a port is a number from 1 to 65535")
	}
	p := &page{dial: net.JoinHostPort(u.Hostname(), port), host: u.Host, base: s}
	if port == "80" {
		p.host = strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	p.target = pathOf(s)
	return p, nil
}

// pathOf cuts path and query out of the text itself: url.Parse would decode and encode them, and the server is to
// get them as they were written.
func pathOf(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	rest, _, _ = strings.Cut(rest, "#")
	slash := strings.IndexAny(rest, "/?")
	switch {
	case slash < 0:
		return "/"
	case rest[slash] == '?':
		return "/" + rest[slash:]
	}
	return rest[slash:]
}

func (p *page) resolve(location string) (*page, error) {
	base, err := url.Parse(p.base)
	if err != nil {
		return nil, err
	}
	reference, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	return parseURL(base.ResolveReference(reference).String())
}

func fetch(p *page) error {
	for redirects := 0; redirects <= redirectsMax; redirects++ {
		conn, err := net.Dial("tcp", p.dial) // tries each address of the host
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", p.target, p.host)
		if err != nil {
			return err
		}
		in := bufio.NewReader(conn)
		r, err := readResponse(in)
		if err != nil {
			return err
		}
		if r.status < 300 {
			return printBody(r)
		}
		conn.Close()
		switch r.status {
		case 301, 302, 303, 307, 308:
		default:
			return fmt.Errorf("%s: %d %s", p.base, r.status, r.reason)
		}
		if r.location == "" {
			return fmt.Errorf("%s: a redirect to nowhere", p.base)
		}
		if p, err = p.resolve(r.location); err != nil {
			return err
		}
	}
	return fmt.Errorf("more than %d redirects", redirectsMax)
}

func printBody(r *response) error {
	_, err := io.Copy(struct{ io.Writer }{os.Stdout}, r.body)
	return err
}

type response struct {
	status   int
	reason   string
	location string
	body     io.Reader
}

func readResponse(in *bufio.Reader) (*response, error) {
	for {
		r, fields, err := readHead(in)
		if err != nil {
			return nil, err
		}
		if r.status < 200 {
			continue // interim: the response proper follows
		}
		r.body, err = frame(in, r.status, fields)
		return r, err
	}
}

// fields maps names in lower case to all values that came.
type fields map[string][]string

func readHead(in *bufio.Reader) (*response, fields, error) {
	left := headMax
	line, err := readLine(in, &left)
	if err != nil {
		return nil, nil, err
	}
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	status, err := parseDigits(code, 10)
	if err != nil || !strings.HasPrefix(version, "HTTP/1.") || len(code) != 3 || status < 100 {
		return nil, nil, fmt.Errorf("this is no HTTP/1.1 response: %.60q", line)
	}
	r, all, last := &response{status: int(status), reason: reason}, fields{}, ""
	for {
		line, err := readLine(in, &left)
		if err != nil {
			return nil, nil, err
		}
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' { // continues the line before
			if n := len(all[last]); n > 0 {
				all[last][n-1] += " " + strings.Trim(line, " \t")
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" {
			return nil, nil, fmt.Errorf("this is no header field: %.60q", line)
		}
		last = strings.ToLower(name)
		all[last] = append(all[last], strings.Trim(value, " \t"))
	}
	if to := all["location"]; len(to) > 0 {
		r.location = to[0]
	}
	return r, all, nil
}

// frame finds out where the body ends: RFC 9112, section 6.3.
func frame(in *bufio.Reader, status int, f fields) (io.Reader, error) {
	codings, lengths := f["transfer-encoding"], f["content-length"]
	var length int64
	for i, value := range lengths {
		n, err := parseDigits(value, 10)
		if err != nil || (i > 0 && n != length) {
			return nil, fmt.Errorf("the Content-Length of the response makes no sense: %.60q", value)
		}
		length = n
	}
	switch {
	case status == 204 || status == 304:
		return strings.NewReader(""), nil
	case len(codings) == 1 && strings.EqualFold(codings[0], "chunked"):
		return &chunks{in: in}, nil
	case len(codings) > 0:
		return nil, fmt.Errorf("the response has a transfer coding that is not supported: %.60q", codings)
	case len(lengths) > 0:
		return &exactly{in, length}, nil
	}
	return in, nil
}

// exactly reads n bytes; fewer are an error.
type exactly struct {
	in io.Reader
	n  int64
}

func (e *exactly) Read(b []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	if int64(len(b)) > e.n {
		b = b[:e.n]
	}
	n, err := e.in.Read(b)
	e.n -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// chunks reads a chunked body: RFC 9112, section 7.1.
type chunks struct {
	in    *bufio.Reader
	chunk exactly
	begun bool
	done  bool
}

func (c *chunks) Read(b []byte) (int, error) {
	for c.chunk.n == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	return c.chunk.Read(b)
}

// next goes on to the next chunk; io.EOF after the last one and the trailer.
func (c *chunks) next() error {
	if c.done {
		return io.EOF
	}
	left := headMax
	if c.begun {
		if line, err := readLine(c.in, &left); err != nil {
			return err
		} else if line != "" {
			return errors.New("a chunk is longer than its size says")
		}
	}
	line, err := readLine(c.in, &left)
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	n, err := parseDigits(strings.TrimRight(size, " \t"), 16)
	if err != nil {
		return fmt.Errorf("this is no size of a chunk: %.60q", line)
	}
	c.begun = true
	c.chunk = exactly{c.in, n}
	for n == 0 { // the trailer
		line, err := readLine(c.in, &left)
		if err != nil {
			return err
		}
		if line == "" {
			c.done = true
			return io.EOF
		}
	}
	return nil
}

// parseDigits takes digits alone: strconv would also take a sign.
func parseDigits(s string, base int) (int64, error) {
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(s, base, 64)
}

// readLine returns a line without its end. left is what lines may still take in all.
func readLine(in *bufio.Reader, left *int) (string, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		*left -= len(part)
		if *left < 0 {
			return "", errTooLong
		}
		line = append(line, part...)
		if err == nil {
			return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
		}
		if err == io.EOF {
			return "", io.ErrUnexpectedEOF
		}
		if err != bufio.ErrBufferFull {
			return "", err
		}
	}
}
