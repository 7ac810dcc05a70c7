package eventpattern

import (
	"fmt"
	"regexp"
	"testing"
)

// The expression for a test on source finds a match in the eventSources whose source
// passes the test, and in no other.
func TestSourceExpression(t *testing.T) {
	sources := []string{"ec2.amazonaws.com", "EC2.amazonaws.com", "ec2", "ec2.", "s3.amazonaws.com", "s3express.amazonaws.com", "", ".", "aws.amazonaws.com", "s", "aws.ec2", "\n.x", "ſ.x", "ss.x", "SS.x"}
	found := 0
	for _, text := range []string{"", "a", "aws", "aws.", "AWS.EC2", "aws.ec2", "ec2", "2", ".ec2", "s.ec2", "aws.ec2.amazonaws.com", "c", "s3", ".", "aws.s", "aws.ß", "S.ß", "x", "aws.aws"} {
		for op := Equals; op <= MatchesWildcard; op++ {
			list := []string{text}
			if op == MatchesWildcard {
				list = []string{"*" + text, text + "*", "*" + text + "*", "a*" + text, "*s*" + text, "*.*" + text, text}
			}
			for _, text := range list {
				test := newStringTest(op, text)
				expr := sourceExpression(test)
				for _, source := range sources {
					got := expr != nothing && regexp.MustCompile(expr).MatchString(source)
					want := sourceTest{test, expr}.matches(source)
					if want {
						found++
					}
					if got != want {
						t.Errorf("%s %q as %q on eventSource %q: got %v, want %v", fmt.Sprint(op), text, expr, source, got, want)
					}
				}
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d pairs match", found)
	}
}

func TestIsReadName(t *testing.T) {
	for name, want := range map[string]bool{
		"ListBuckets": true, "GetObject": true, "DescribeInstances": true, "GetFederationToken": false, "GetSessionToken": false, "AssumeRole": false, "Decrypt": false, "CreateVpc": false,
	} {
		if got := IsReadName(name); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
}
