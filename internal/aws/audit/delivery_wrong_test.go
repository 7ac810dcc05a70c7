package audit_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestDeliveryRefutesWrongVerdicts gives cases verdicts that are wrong and sees
// that the delivery does not bear them out.
func TestDeliveryRefutesWrongVerdicts(t *testing.T) {
	pass := func(f *finding.Finding) { f.Status, f.Reasons, f.Missed, f.Narrowed = finding.Pass, nil, nil, nil }
	tests := []struct {
		file  string
		forge func(*finding.Finding)
		says  string // in a disagreement
	}{
		{"baseline-security-group", func(f *finding.Finding) {
			f.Status = finding.Fail
			f.Missed = []finding.MissedEvent{{Source: "ec2.amazonaws.com", Event: "DeleteSecurityGroup", Regions: []string{"us-east-1"}}}
		}, "records of DeleteSecurityGroup in us-east-1 are all told"},
		{"baseline-security-group", func(f *finding.Finding) { f.Status = finding.Fail }, "names no missed event"},
		{"filter-gap", pass, "nobody is told of DeleteSecurityGroup in eu-central-1, plain"},
		{"filter-gap", func(f *finding.Finding) { f.Missed[0].Regions = []string{"us-east-1"} }, "nobody is told of DeleteSecurityGroup in eu-central-1, plain"},
		{"filter-invoked-by", pass, "through a service"},
		{"condition-unauthorized-write-only", pass, "DescribeVolumes"},
		{"condition-unauthorized-half", pass, "UnauthorizedOperation"},
		{"alarm-default-1", pass, "already is in ALARM"},
		{"alarm-since-june", pass, "already is in ALARM"},
		{"composite-true", pass, "alarm security-group has no action"},
		{"topic-pending", pass, "the subscription is pending"},
		{"topic-deleted-subscriber", pass, "the subscription is deleted"},
		{"trail-single-region", pass, "it records only eu-central-1"},
		{"filter-excludes-arn", func(f *finding.Finding) {
			f.Narrowed[0].Example = strings.Replace(f.Narrowed[0].Example, "user/ci", "user/cy", 1)
		}, "which is said to be lost"},
	}
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	base := (&judgingCase{}).snapshot(t)
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			v := judgeCase(t, cat, readCase(t, filepath.Join(judgingDir, tt.file+".yaml")))
			tt.forge(&v.finding)
			s, err := newStage(t, v.snap, &base.Accounts[0], cat)
			if err != nil {
				t.Fatal(err)
			}
			trouble := v.compare(s)
			if !slices.ContainsFunc(trouble, func(text string) bool { return strings.Contains(text, tt.says) }) {
				t.Errorf("no disagreement says %q; got %q", tt.says, trouble)
			}
		})
	}
}
