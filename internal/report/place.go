package report

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// placeOf returns the path that stands for a finding where a reader knows only
// places in files: "aws/111122223333/security-group-changes". There is no such
// file; the same finding has the same path in every run.
func placeOf(f finding.Finding) string {
	cloud := "aws"
	if f.Cloud != catalog.AWS {
		cloud = string(f.Cloud)
	}
	return cloud + "/" + segment(f.Account) + "/" + segment(f.Control)
}

// segment makes text one element of a path that means the same in a URL, on
// every file system, and as a glob: what is no letter, digit, - or _ appears as
// %XX.
func segment(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
