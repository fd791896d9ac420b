// load-balancer: passes each HTTP request to the next of several backends.
//
// The standard library reads and writes the messages. What is ours is the choice of a backend: a transport that tries
// one after the other, and remembers which of them have failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	connectLimit = time.Second // a backend that has not taken a connection by then counts as refusing
	rest         = time.Second // a backend that has failed is left out for so long
	headLimit    = 64 << 10
)

var errNoneLeft = errors.New("no backend takes a connection")

type backend struct {
	address    string
	restsUntil atomic.Int64 // in nanoseconds since 1970
}

// balancer is the transport under the proxy.
type balancer struct {
	backends []*backend
	turn     atomic.Uint64
	http     http.Transport
}

func newBalancer(addresses []string) *balancer {
	dialer := net.Dialer{Timeout: connectLimit}
	b := &balancer{http: http.Transport{
		DialContext:        dialer.DialContext,
		DisableKeepAlives:  true,
		DisableCompression: true,
		WriteBufferSize:    32 << 10,
		ReadBufferSize:     32 << 10,
	}}
	for _, address := range addresses {
		b.backends = append(b.backends, &backend{address: address})
	}
	return b
}

// order gives the backends as they are to be tried: from the one whose turn it is, those that rest last.
func (b *balancer) order() []*backend {
	n := len(b.backends)
	turn := int((b.turn.Add(1) - 1) % uint64(n))
	now := time.Now().UnixNano()
	var ready, resting []*backend
	for i := range b.backends {
		one := b.backends[(turn+i)%n]
		if one.restsUntil.Load() > now {
			resting = append(resting, one)
		} else {
			ready = append(ready, one)
		}
	}
	return append(ready, resting...)
}

// RoundTrip tries one backend after the other, until one has begun to answer.
func (b *balancer) RoundTrip(request *http.Request) (*http.Response, error) {
	failure := errNoneLeft
	for _, one := range b.order() {
		attempt := request.Clone(request.Context())
		attempt.URL.Host = one.address
		if request.Body != nil && request.Body != http.NoBody {
			attempt.Body = io.NopCloser(upTo(request.Body, request.ContentLength)) // the transport closes it, and another may need it
		}
		response, err := b.http.RoundTrip(attempt)
		if err == nil {
			return response, nil
		}
		one.restsUntil.Store(time.Now().Add(rest).UnixNano())
		if isDialing(err) {
			continue // not a byte was sent
		}
		failure = err
		if !mayRepeat(request) {
			break
		}
	}
	return nil, failure
}

// upTo reads a body of a known length without asking for its end. A quick backend answers as soon as it has the last
// byte; the server then closes the request's body, and a transport that still asks for the end would take that for an
// error, and break off the answer.
func upTo(body io.Reader, length int64) io.Reader {
	if length < 0 {
		return body
	}
	return io.LimitReader(body, length)
}

func isDialing(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}

func mayRepeat(request *http.Request) bool {
	switch request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodDelete:
		return request.Body == nil || request.Body == http.NoBody
	}
	return false
}

func newProxy(b *balancer) http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport:     b,
		FlushInterval: -1, // at once
		ErrorLog:      log.New(io.Discard, "", 0),
		Director: func(request *http.Request) {
			request.URL.Scheme = "http"
			if _, ok := request.Header["User-Agent"]; !ok {
				request.Header.Set("User-Agent", "") // or the library would write its own
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			w.Header().Set("Connection", "close")
			if errors.Is(err, errNoneLeft) {
				w.WriteHeader(http.StatusServiceUnavailable)
			} else {
				w.WriteHeader(http.StatusBadGateway)
			}
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		// The server ends a request's context when the client ends its sending side, but the client may still listen.
		// The key stays: by it the proxy knows that it may break off an answer whose end does not come.
		server := request.Context().Value(http.ServerContextKey)
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), http.ServerContextKey, server))
		defer cancel()
		proxy.ServeHTTP(w, request.WithContext(ctx))
	})
}

func main() {
	if len(os.Args) < 3 {
		usage()
	}
	port := parsePort(os.Args[1])
	for _, address := range os.Args[2:] {
		checkBackend(address)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	listener, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
	if err != nil {
		fmt.Fprintf(os.Stderr, "lb: cannot listen on port %d: %v\n", port, err)
		os.Exit(1)
	}
	server := &http.Server{
		Handler:        newProxy(newBalancer(os.Args[2:])),
		MaxHeaderBytes: headLimit,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	go server.Serve(listener)
	<-stop
	server.Shutdown(context.Background()) // waits for the requests that are under way
}

func checkBackend(text string) {
	host, port, found := strings.Cut(text, ":")
	ip := net.ParseIP(host)
	if !found || ip == nil || ip.To4() == nil {
		usage()
	}
	parsePort(port)
}

func parsePort(text string) uint16 {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(text, "+") {
		usage()
	}
	return uint16(port)
}

func usage() {
	fmt.Fprintln(os.Stderr, "lb: usage: ./lb <listen-port> <address>:<port>...")
	os.Exit(2)
}
