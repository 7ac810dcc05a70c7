package lint

import (
	"slices"
	"strings"
	"testing"
)

// What a pattern with holes could do for controls is told as no more than that.
func TestCouldCover(t *testing.T) {
	o := options(t)
	j, err := newJudge(o.Controls, o.Benchmark)
	if err != nil {
		t.Fatal(err)
	}
	acl := ""
	for _, name := range strings.Fields("CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry") {
		acl += "($.eventName = " + name + ") || "
	}
	const last = "($.eventName = ReplaceNetworkAclAssociation)"
	for _, c := range []struct {
		name, text    string
		asksFor, want []string
	}{
		{"a condition beside", "{ (" + acl + last + ") && ($.recipientAccountId = " + h1 + ") }", []string{"eventName", "recipientAccountId"}, []string{"nacl-changes (4.11)"}},
		{"a name", "{ " + acl + "($.eventName = " + h1 + ") }", []string{"eventName"}, []string{"nacl-changes (4.11) but for ReplaceNetworkAclAssociation"}},
		{"a condition", "{ " + acl + h1 + " || " + last + " }", []string{"eventName"}, []string{"nacl-changes (4.11)"}},
		{"conditions or none", "{ " + acl + last + h1 + " }", []string{"eventName"}, []string{"nacl-changes (4.11)"}},
		{
			"an exception", "{ ($.userIdentity.type = Root) && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != AwsServiceEvent) && ($.eventID != " + h1 + ") }",
			[]string{"eventID", "eventType", "userIdentity.invokedBy", "userIdentity.type"}, []string{"root-usage (4.3) but for records in which eventID = var.id"},
		},
		{"something else", "{ $.requestID = " + h1 + " }", []string{"requestID"}, nil},
		{"everything", "{ $.eventName = " + h1 + " }", []string{"eventName"}, nil},
		{"another log", "{ $.level = " + h1 + " }", []string{"level"}, nil},
	} {
		a := j.judge(question{text: c.text})
		var got []string
		for _, part := range a.could {
			got = append(got, unfilled(part.String(), []string{"var.id"}))
		}
		if !slices.Equal(got, c.want) || !slices.Equal(a.asksFor, c.asksFor) || len(a.cover) > 0 || a.notJudged != "" {
			t.Errorf("%s: got %q, want %q; asks for %q; %q", c.name, got, c.want, a.asksFor, a.notJudged)
		}
	}
	if a := j.judge(question{text: "{ (" + acl + last + ") && ($.recipientAccountId = " + h1 + ") }", kind: streamUse}); len(a.could) > 0 {
		t.Errorf("a subscription filter could cover %v", a.could)
	}
}
