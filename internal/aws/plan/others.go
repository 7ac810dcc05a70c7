package plan

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// Other tools that make filters and alarms for the same controls, known by the
// namespace that they write to. An object under our name in one of these is
// named as theirs: it will come back when that tool runs again.
//
// Sources: "Automated Security Response on AWS", playbook CIS 1.2.0 (namespace
// LogMetrics, filters SHARR_Filter_CIS_...); landing-zone-accelerator-on-aws,
// CloudWatchConfig (LogMetrics); terraform-aws-modules/terraform-aws-cloudwatch,
// modules/cis-alarms, and nozaq/terraform-aws-secure-baseline,
// modules/alarm-baseline (variables namespace and alarm_namespace: CISBenchmark).
// CloudTrailMetrics is what recipes for the AWS command line use, with the very
// names that monitorctl has.
var others = map[string]string{
	"LogMetrics":             "Security Hub's automated response (Automated Security Response on AWS) and the Landing Zone Accelerator",
	"CISBenchmark":           "the Terraform modules for the CIS benchmark (cis-alarms, terraform-aws-secure-baseline)",
	desired.DefaultNamespace: "remediation recipes for the AWS command line",
}

// otherTool adds to a reason which tool an object in a namespace probably comes
// from.
func otherTool(reason, namespace string) string {
	if who, ok := others[namespace]; ok {
		return reason + "; its namespace " + namespace + " is the one that " + who + " use"
	}
	return reason
}

// nameTaken says which alarm of another kind has a name; "" when none has.
func nameTaken(list account.Alarms, name string) (kind, arn, have string) {
	for _, a := range list.Composite {
		if a.Name == name {
			return "composite", a.ARN, "composite alarm: " + a.Rule
		}
	}
	for _, a := range list.Log {
		if a.Name == name {
			return "log", a.ARN, "log alarm: " + a.Query
		}
	}
	return "", "", ""
}
