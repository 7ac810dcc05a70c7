package spelling

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"nacl-changes", "security-group-changes", "s3-bucket-policy-changes", "vpc-changes", "Table"}
	for _, tt := range []struct{ name, want string }{
		{"nalc-changes", "nacl-changes"},
		{"securitygroup", "security-group-changes"},
		{"TABLE", "Table"},
		{"bucket", "s3-bucket-policy-changes"},
		{"changes", ""}, // several
		{"xyzzy", ""},
		{"", ""},
	} {
		if got := Nearest(tt.name, known); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUnknownErrorText(t *testing.T) {
	e := &UnknownError{Kind: "set", Name: "cors", Nearest: "core", Known: []string{"core", "cis"}}
	if got, want := e.Error(), `unknown set "cors"`; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if got, want := e.Hint(), "did you mean core?"; got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
	e.Nearest = ""
	if got, want := e.Hint(), "known are core, cis"; got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
	e.Known = nil
	if got, want := e.Hint(), "there is no "+e.Kind+" at all"; got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
}
