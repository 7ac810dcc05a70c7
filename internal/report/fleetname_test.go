package report

import (
	"bytes"
	"strings"
	"testing"
)

// An organization goes by the name of its management account, wherever its id stands for it.
func TestOrganizationName(t *testing.T) {
	f := aFleet(t, 2, FleetEnd{Complete: true, Listed: 4})
	f.Management = f.Accounts[0].ID
	f.Accounts[0].Name = "acme\x1b[31m <b>"
	for format, want := range map[string]string{
		"table": "Organization o-fleet00001 (acme", "json": `"name":"acme`, "html": "organization o-fleet00001 (acme", "markdown": "`o-fleet00001` (`acme",
	} {
		got := writeFleet(t, f, format)
		if !strings.Contains(string(got), want) || bytes.ContainsRune(got, 0x1b) || format == "html" && bytes.Contains(got, []byte("acme<b>")) {
			t.Errorf("%s does not name it, or as it is written: want %q in\n%.1500s", format, want, got)
		}
	}
	f.Management = "999999999999" // not among the accounts
	if got := string(writeFleet(t, f, "table")); !strings.Contains(got, "Organization o-fleet00001 ·") {
		t.Errorf("without a name:\n%s", got)
	}
}
