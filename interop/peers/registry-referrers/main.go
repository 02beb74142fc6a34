// A registry with the OCI 1.1 referrers API, kept in memory, on loopback only.
// Usage: registry-referrers PORT-FILE: listens on a free port and writes its number to PORT-FILE.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: registry-referrers PORT-FILE")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	port := fmt.Sprintf("%d\n", listener.Addr().(*net.TCPAddr).Port)
	if err := os.WriteFile(os.Args[1]+".new", []byte(port), 0o644); err != nil {
		log.Fatal(err)
	}
	if err := os.Rename(os.Args[1]+".new", os.Args[1]); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, registry.New(registry.WithReferrersSupport(true))))
}
