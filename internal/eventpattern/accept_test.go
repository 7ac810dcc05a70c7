package eventpattern

import "testing"

func TestAccepts(t *testing.T) {
	p, err := Parse(`{"source":["aws.ec2",{"prefix":"aws.g"}],"a":[{"exists":false}],"ip":["10.0.0.1"]}`)
	if err != nil {
		t.Fatal(err)
	}
	b := p.Branches()[0]
	tests := []struct {
		path, text string
		want       bool
	}{
		{"source", "aws.ec2", true}, {"source", "aws.guardduty", true}, {"source", "aws.s3", false},
		{"a", "x", false}, {"ip", "10.0.0.01", true}, {"ip", "10.0.0.2", false}, {"not named", "x", true},
	}
	for _, tt := range tests {
		if got := b.MayHave(tt.path, tt.text); got != tt.want {
			t.Errorf("%s = %q: %t, want %t", tt.path, tt.text, got, tt.want)
		}
	}
	if !b.Field("a").AcceptsAbsence() || b.Field("source").AcceptsAbsence() || b.Field("b") != nil {
		t.Error("absence: a accepts it, source does not, and b is no field")
	}
	if list := DetailTypes("AwsConsoleSignIn"); len(list) != 2 || list[0] != signIn {
		t.Errorf("sign-in has the detail-types %q", list)
	}
	if DetailTypes("Else") != nil || len(DetailTypes("")) != 8 {
		t.Error("an unknown eventType has no detail-type, and all of them are 8")
	}
}
