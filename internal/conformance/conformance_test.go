package conformance

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"

	// The test cache does not see what the build of the program reads; this
	// import makes it notice changes.
	_ "github.com/monitorctl/monitorctl/cmd"
)

// protocol sets the wire protocol of CloudWatch.
const protocol = "MONITORCTL_CLOUDWATCH_PROTOCOL="

// audit judges the home region and the one of global services: the emulator
// lists 38 regions.
func audit(args ...string) command {
	return monitorctl(append([]string{"audit", "--region", scope}, args...)...)
}

func apply(args ...string) command {
	return monitorctl(append([]string{"apply", "--yes", "--home-region", home, "--subscribe", "email:" + subscriber}, args...)...)
}

// TestMoto runs every case against one emulator, emptied in between.
func TestMoto(t *testing.T) {
	l := newLab(t)
	cases := []struct {
		name string
		run  func(*testing.T, *lab)
	}{
		{"core set in AWS JSON", repairCore},
		{"cis set in Query", repairCIS},
		{"no CBOR", noCBOR},
		{"account of a role", anotherAccount},
		{"organization", organization},
		{"foreign alarm", foreignAlarm},
		{"no trail there", noTrailThere},
		{"core set by rules", byRules},
		{"core set from nothing", fromNothing},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l.empty(t)
			c.run(t, l)
		})
	}
}

func repairCore(t *testing.T, l *lab) {
	l.main().addTrail(t)
	l.repair(t, "core")
	l.fromFile(t)
	unknownInCBOR(t, l)
}

func repairCIS(t *testing.T, l *lab) {
	l.main().addTrail(t)
	l.main().addOrganization(t) // one control is about those that have one
	l.repair(t, "cis", protocol+"query")
}

// repair takes a set from "nobody would be told" to "pass", reads back what was
// written, and finds nothing to do the second time.
func (l *lab) repair(t *testing.T, set string, variables ...string) {
	controls, a := l.controls(t, set), l.main()

	before := l.exits(t, 3, audit("--set", set, "-o", "json").with(variables...))
	want := map[string]judgement{}
	for _, c := range controls {
		want[c.ID] = wishes[c.ID].unseen()
	}
	checkJudgements(t, want, before)

	done := l.exits(t, 0, apply("--set", set).with(variables...))
	changes := 2 + 2*len(controls) // topic and subscription, then a filter and an alarm each
	contains(t, done.stdout, fmt.Sprintf("\nPlan: %d to add, 0 to change, 0 to remove, 1 needs manual action.\n", changes), fmt.Sprintf("\n%[1]d/%[1]d create alarm ", changes), fmt.Sprintf("\n%d passed.\n", len(controls)))
	written := checkContents(t, a, controls)

	after := l.exits(t, 0, audit("--set", set, "-o", "json").with(variables...))
	checkJudgements(t, passing(controls), after)

	again := l.exits(t, 0, apply("--set", set, "--verbose").with(variables...))
	contains(t, again.stdout, "\nNothing to do.\n")
	if call := writes.FindString(again.stderr); call != "" {
		t.Errorf("the second apply called %s", call)
	}
	checkUntouched(t, a, written)
}

// writes matches the calls that change an account in the list that --verbose
// ends with.
var writes = regexp.MustCompile(`[a-z0-9]+:(Put|Create|Set|Delete|Tag|Untag|Subscribe|Unsubscribe)[A-Za-z]*`)

func passing(controls []catalog.Control) map[string]judgement {
	want := map[string]judgement{}
	for _, c := range controls {
		want[c.ID] = judgement{Status: "pass"}
	}
	return want
}

func checkJudgements(t *testing.T, want map[string]judgement, r result) {
	t.Helper()
	if diff := cmp.Diff(want, judgements(t, r)); diff != "" {
		t.Fatalf("the audit says (-want +got):\n%s", diff)
	}
}

// fromFile finds the same in a saved snapshot as in the account.
func (l *lab) fromFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "account.json")
	l.exits(t, 0, monitorctl("snapshot", "--region", scope, "--file", file))
	live := l.exits(t, 0, audit("-o", "json"))
	saved := l.exits(t, 0, audit("-o", "json", "--snapshot", file))
	if diff := cmp.Diff(findings(t, live), findings(t, saved)); diff != "" {
		t.Errorf("the saved snapshot is judged otherwise (-live +saved):\n%s", diff)
	}
}

// unknownInCBOR cannot read the alarms of a repaired account, and does not call
// it repaired.
func unknownInCBOR(t *testing.T, l *lab) {
	r := l.exits(t, 1, audit("-o", "json").with(protocol+"cbor"))
	for id, j := range judgements(t, r) {
		if j.Status != "unknown" || !strings.Contains(j.Why, "cloudwatch:DescribeAlarms failed") {
			t.Errorf("%s without a readable alarm: %+v", id, j)
		}
	}
}

// noCBOR holds that the SDK's own protocol is not what other endpoints are
// spoken to in: the emulator answers it with 404, and apply writes nothing.
func noCBOR(t *testing.T, l *lab) {
	a := l.main()
	a.addTrail(t)
	r := l.exits(t, 1, apply().with(protocol+"cbor"))
	errors := regexp.MustCompile(`(?m)^monitorctl: .*$`).FindAllString(r.stderr, -1)
	errors = withoutHints(errors)
	if len(errors) != 1 {
		t.Fatalf("%d error lines, want 1:\n%s", len(errors), r.stderr)
	}
	contains(t, errors[0], "cloudwatch:DescribeAlarms", "404", "nothing was written")
	checkUntouched(t, a, contents{Tags: map[string]map[string]string{}})
}

func withoutHints(lines []string) []string {
	var out []string
	for _, line := range lines {
		if !strings.HasPrefix(line, "monitorctl: hint: ") {
			out = append(out, line)
		}
	}
	return out
}

// anotherAccount repairs first the account of the credentials, then the one of
// a role, and each time leaves the other one alone.
func anotherAccount(t *testing.T, l *lab) {
	mine, theirs := l.main(), l.other(t)
	mine.addTrail(t)
	theirs.addTrail(t)
	core := l.controls(t, "core")
	nothing := theirs.contents(t)

	l.exits(t, 0, apply().with(endpoint+l.url)) // understood without the flag, too
	repaired := checkContents(t, mine, core)
	checkUntouched(t, theirs, nothing)
	l.exits(t, 3, audit("--role-arn", role(otherID)))

	r := l.exits(t, 1, apply("--role-arn", role(otherID), "--expect-account", mainID))
	contains(t, r.stderr, "the credentials are for "+otherID+", not "+mainID)
	checkUntouched(t, theirs, nothing)

	l.exits(t, 0, apply("--role-arn", role(otherID), "--expect-account", otherID))
	checkContents(t, theirs, core)
	checkUntouched(t, mine, repaired)
}

// organization changes can happen in the management account of one only.
func organization(t *testing.T, l *lab) {
	const control = "organizations-changes"
	judge := func(want judgement, code int, c command) {
		t.Helper()
		checkJudgements(t, map[string]judgement{control: want}, l.exits(t, code, c))
	}
	a := l.main()
	a.addTrail(t)
	judge(judgement{"not-applicable", "not-in-scope", "the account does not belong to an organization"}, 0, audit(control, "-o", "json"))
	a.addOrganization(t)
	judge(wishes[control].unseen(), 3, audit(control, "-o", "json"))
	member := l.exits(t, 0, audit(control, "-o", "json", "--role-arn", role(a.addMember(t))))
	if j := judgements(t, member)[control]; j.Status != "not-applicable" || !strings.Contains(j.Why, mainID) {
		t.Errorf("a member account, whose management account is %s: %+v", mainID, j)
	}
}

// foreignAlarm has someone else's alarm, without our tag, under one of our
// names.
func foreignAlarm(t *testing.T, l *lab) {
	a := l.main()
	a.addTrail(t)
	_, err := a.alarms().PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("NetworkAclConfigChangesAlarm"), Namespace: aws.String("AWS/EC2"), MetricName: aws.String("CPUUtilization"),
		Statistic: alarmtypes.StatisticAverage, Period: aws.Int32(300), EvaluationPeriods: aws.Int32(1),
		Threshold: aws.Float64(90), ComparisonOperator: alarmtypes.ComparisonOperatorGreaterThanThreshold,
	})
	must(t, err)
	before := a.contents(t)
	r := l.exits(t, 1, apply())
	contains(t, r.stderr, "NetworkAclConfigChangesAlarm", "nothing was written")
	checkUntouched(t, a, before)
}

// noTrailThere asks for a trail whose home is another region.
func noTrailThere(t *testing.T, l *lab) {
	a := l.main()
	a.addTrail(t)
	r := l.exits(t, 1, monitorctl("apply", "--yes", "--home-region", "us-east-1"))
	contains(t, r.stderr, "no trail has its home region in us-east-1", "hint: ", "--home-region "+home)
	checkUntouched(t, a, contents{Tags: map[string]map[string]string{}})
}

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
}
