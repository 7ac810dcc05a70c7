package terraform

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// Text returns what Files writes as one file for a root module that asks for the provider: without
// versions.tf, and without the lines that mark a file as one of an export. The error is an *export.UnsafeError.
func Text(l desired.List) (string, error) {
	files, err := Files(l)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, f := range files {
		if f.Name == "versions.tf" {
			continue
		}
		text := strings.TrimPrefix(string(f.Data), "# "+export.Mark+"\n")
		parts = append(parts, strings.TrimPrefix(text, "#\n"))
	}
	return strings.Join(parts, "\n"), nil
}
