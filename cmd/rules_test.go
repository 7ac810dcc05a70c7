package cmd

import (
	"testing"
)

func TestTry(t *testing.T) {
	l := newCmdLab(t)
	r := l.run("apply", "security-group-changes", "iam-policy-changes", "root-usage", "--transport", "eventbridge", "--subscribe", "sms:+4915112345678", "--yes")
	t.Log(r.code, r.all())
	r = l.run("plan", "security-group-changes", "iam-policy-changes", "root-usage", "--transport", "eventbridge", "--subscribe", "sms:+4915112345678", "--exit-code")
	t.Log(r.code, r.all())
	r = l.run("destroy", "security-group-changes", "iam-policy-changes", "root-usage", "--yes")
	t.Log(r.code, r.all())
	t.Log(l.account())
}
