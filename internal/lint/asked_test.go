package lint

import (
	"context"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A control that is not covered is said with what is missing, and with the
// patterns that do not count.
func TestAskedSaysWhy(t *testing.T) {
	const acl = "($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry)"
	const all = acl + " || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation)"
	const root = "{ ($.userIdentity.type = Root) && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != AwsServiceEvent) }"
	template := func(condition, pattern string) string {
		return "Resources:\n  F:\n    Type: AWS::Logs::MetricFilter\n" + condition + "    Properties:\n      FilterPattern: " + pattern + "\n"
	}
	for _, c := range []struct{ name, content, want string }{
		{"nothing", template("", "ERROR"), "no pattern is about it"},
		{"another control, by the way", template("", "'"+root+"'"), "no pattern is about it"},
		{"names", template("", "'{ "+acl+" }'"), "no pattern matches ReplaceNetworkAclAssociation or ReplaceNetworkAclEntry"},
		{"one name", template("", "'{ $.eventName = CreateNetworkAcl }'"), "no pattern matches CreateNetworkAclEntry, DeleteNetworkAcl, DeleteNetworkAclEntry, ReplaceNetworkAclAssociation or ReplaceNetworkAclEntry"},
		{"records", template("", "'{ ("+all+") && ($.requestID != x) }'"), `no pattern matches records in which requestID is missing, or in which requestID = "x", or in which requestID is true, false, null, an object or an array`},
		{"both", template("", "'{ ("+acl+" || ($.eventName = ReplaceNetworkAclEntry)) && ($.requestID != x) }'"), `no pattern matches ReplaceNetworkAclAssociation, nor records in which requestID is missing, or in which requestID = "x", or in which requestID is true, false, null, an object or an array`},
		{"a condition", template("    Condition: C\n", "'{ "+all+" }'"), "no pattern is about it; the one at x.yaml:6:23 would, but is deployed only under a condition"},
		{"a hole", template("", "!Sub '{ ("+all+") && ($.recipientAccountId = ${AWS::AccountId}) }'"), "no pattern is about it; the one at x.yaml:5:28 could, but AWS::AccountId is not known"},
	} {
		o := options(t)
		for _, control := range o.Controls {
			if control.ID == "nacl-changes" {
				o.Asked = []catalog.Control{control}
			}
		}
		root := writeTree(t, map[string]string{"x.yaml": c.content})
		t.Chdir(root)
		r, err := Run(context.Background(), []string{"x.yaml"}, strings.NewReader(""), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Asked[0].String(); got != "nacl-changes (4.11) is not covered: "+c.want {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.want)
		}
	}
}
