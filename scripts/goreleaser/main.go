// Command goreleaser reads .goreleaser.yaml with goreleaser's own structs, strictly: a key
// that is misspelled, or that another version has, is an error. goreleaser itself takes
// minutes to build, this some seconds. It is a module of its own, so that the program does
// not depend on it.
package main

import (
	"fmt"
	"os"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: goreleaser FILE")
		os.Exit(2)
	}
	if _, err := config.Load(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
