package policy

import "testing"

// TestBusStatements adds, replaces and removes one statement of a bus's policy; the others
// stay as they are.
func TestBusStatements(t *testing.T) {
	const (
		theirs = `{"Sid":"theirs","Effect":"Deny","Principal":"*","Action":"events:PutEvents","Resource":"b"}`
		ours   = `{"Sid":"ours","Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"b"}`
		edited = `{"Sid":"ours","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"events:PutEvents","Resource":"b"}`
	)
	doc := func(list string) string { return `{"Version":"2008-10-17","Statement":` + list + `}` }
	for _, tt := range []struct{ name, doc, put, have, want string }{
		{"no policy", "", ours, "", `{"Version":"2012-10-17","Statement":[` + ours + `]}`},
		{"beside another", doc("[" + theirs + "]"), ours, "", doc("[" + theirs + "," + ours + "]")},
		{"a single statement", doc(theirs), ours, "", doc("[" + theirs + "," + ours + "]")},
		{"in place of ours", doc("[" + edited + "," + theirs + "]"), ours, edited, doc("[" + theirs + "," + ours + "]")},
		{"removed", doc("[" + theirs + "," + ours + "]"), "", ours, doc("[" + theirs + "]")},
		{"the last one removed", doc("[" + ours + "]"), "", ours, ""},
	} {
		have, err := StatementOf(tt.doc, "ours")
		if err != nil || (have == "") != (tt.have == "") || have != "" && !SameStatement(have, tt.have) {
			t.Errorf("%s: statement %s, %v", tt.name, have, err)
		}
		got, err := WithStatement(tt.doc, "ours", tt.put)
		if err != nil || (got == "") != (tt.want == "") || got != "" && !sameDocument(got, tt.want) {
			t.Errorf("%s:\n%s, %v\nwant %s", tt.name, got, err, tt.want)
		}
	}
	for _, bad := range []string{"{", "[]", `{"Statement":1}`} {
		if _, err := StatementOf(bad, "ours"); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
	if !SameStatement(`{"Principal":{"AWS":["*"]},"Action":["a"]}`, `{"Action":"a","Principal":"*"}`) || SameStatement(ours, edited) || SameStatement(ours, theirs) {
		t.Error("statements that say the same, or not")
	}
}
