// http-client: fetches a page over HTTP/1.1 and prints its body.
// The contract is in the lesson. Build and check:  lux check http-client
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 2 || !strings.HasPrefix(strings.ToLower(os.Args[1]), "http://") {
		usage()
	}
	url := os.Args[1]

	// Your program goes here: take the URL apart (it may still be wrong usage), connect with net.Dial, send the
	// request, read the head of the response, and print the body as it comes.
	_ = url
	fmt.Fprintln(os.Stderr, "httpclient: not implemented yet")
	os.Exit(1)
}

func usage() {
	fmt.Fprintln(os.Stderr, "httpclient: usage: ./httpclient http://host[:port][/path][?query]")
	os.Exit(2)
}
