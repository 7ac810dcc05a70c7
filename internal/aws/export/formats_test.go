package export_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/aws/export/cloudformation"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
	"github.com/monitorctl/monitorctl/internal/aws/export/terraform"
)

// writers are the formats, by name.
var writers = map[string]func(desired.List) ([]export.File, error){
	"terraform":      terraform.Files,
	"cloudformation": func(l desired.List) ([]export.File, error) { return cloudformation.Files(l, cloudformation.Options{}) },
	"cloudformation yaml": func(l desired.List) ([]export.File, error) {
		return cloudformation.Files(l, cloudformation.Options{YAML: true})
	},
	"shell": shell.Files,
}

// copied is a list whose objects may be changed.
func copied(l desired.List) desired.List {
	l.Topics, l.Subscriptions = slices.Clone(l.Topics), slices.Clone(l.Subscriptions)
	l.Filters, l.Alarms, l.Rules = slices.Clone(l.Filters), slices.Clone(l.Alarms), slices.Clone(l.Rules)
	return l
}

// The same list gives the same bytes, and no endpoint that may be a secret is in them.
func TestSameBytesWithoutSecrets(t *testing.T) {
	for _, s := range situations(t) {
		for format, write := range writers {
			first, err := write(s.list)
			if err != nil {
				t.Fatalf("%s as %s: %v", s.name, format, err)
			}
			for range 3 {
				again, err := write(s.list)
				if err != nil || !slices.EqualFunc(first, again, func(a, b export.File) bool { return a.Name == b.Name && bytes.Equal(a.Data, b.Data) }) {
					t.Errorf("%s as %s: other bytes: %v", s.name, format, err)
				}
			}
			for _, f := range first {
				for _, secret := range []string{pagerKey, phone.Endpoint, "s3cret"} {
					if bytes.Contains(f.Data, []byte(secret)) {
						t.Errorf("%s as %s: %s holds a secret", s.name, format, f.Name)
					}
				}
			}
		}
	}
}
