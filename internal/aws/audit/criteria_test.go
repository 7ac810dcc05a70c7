package audit

import "testing"

func TestSelected(t *testing.T) {
	fields := map[string]string{"@aws.account": "111122223333", "@aws.region": "eu-central-1"}
	tests := []struct {
		text string
		want bool
	}{
		{`@aws.account = "111122223333"`, true},
		{`@aws.account="444455556666"`, false},
		{`@aws.account != "111122223333"`, false},
		{`@aws.region != "us-east-1"`, true},
		{`@aws.region IN ["us-east-1", "eu-central-1"]`, true},
		{`@aws.region in ["us-east-1"]`, false},
		{`@aws.region NOT IN ["us-east-1"]`, true},
		{`@aws.region IN ("us-east-1", "eu-central-1")`, true},
		{`@aws.region NOT IN ("eu-central-1")`, false},
		{`(@aws.region IN ("us-east-1") OR @aws.account IN ("111122223333"))`, true},
		{`@aws.account = "111122223333" AND @aws.region = "us-east-1"`, false},
		{`@aws.account = "444455556666" OR @aws.region = "eu-central-1"`, true},
		{`@aws.account = "444455556666" AND @aws.region = "x" OR @aws.region = "eu-central-1"`, true},
		{`@aws.account = "444455556666" AND (@aws.region = "x" OR @aws.region = "eu-central-1")`, false},
	}
	for _, tt := range tests {
		if got, err := selected(tt.text, fields); err != nil || got != tt.want {
			t.Errorf("%s: got %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{
		`@aws.organization = "o-1"`, `@aws.account = 111122223333`, `@aws.account ~ "1"`, `@aws.account = "1" XOR @aws.region = "x"`,
		`@aws.account IN []`, `@aws.account IN ["1"`, `@aws.account IN ["1")`, `@aws.account IN ()`, `(@aws.account = "1"`, `@aws.account = "1`, `NOT @aws.account = "1"`, `@aws.accounts = "1"`, `and`,
	} {
		if got, err := selected(text, fields); err == nil {
			t.Errorf("%s: got %v, want an error", text, got)
		}
	}
}

// Whatever the text, selected returns, and twice the same.
func FuzzSelected(f *testing.F) {
	for _, text := range []string{`@aws.account IN ["1", "2"] AND (@aws.region != "x" OR NOT IN`, `((((`, `@aws.region = "`, ``} {
		f.Add(text)
	}
	fields := map[string]string{"@aws.account": "111122223333", "@aws.region": "eu-central-1"}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := selected(text, fields)
		again, err2 := selected(text, fields)
		if got != again || (err == nil) != (err2 == nil) {
			t.Errorf("%q: first %v, %v, then %v, %v", text, got, err, again, err2)
		}
	})
}
