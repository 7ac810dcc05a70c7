// Command monitorctl tells whether anyone would notice a dangerous change in a
// cloud account, and repairs the chain of alarms if not.
package main

import (
	"os"

	"github.com/monitorctl/monitorctl/cmd"
)

func main() {
	os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
