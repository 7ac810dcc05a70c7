package report

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// An htmlFix is a command to copy.
type htmlFix struct{ name, command string }

// fixesOf are the ways to fix a finding by code, the safest first; nil where monitorctl writes nothing
// that helps.
func fixesOf(f finding.Finding) []htmlFix {
	plan := Sanitize(f.Command)
	rest, ok := strings.CutPrefix(plan, "monitorctl plan ")
	if !ok {
		return nil
	}
	list := []htmlFix{{"See the changes first", plan}, {"Make them", "monitorctl apply " + rest}}
	if f.Cloud == catalog.AWS && !strings.Contains(rest, "--transport") && (f.Repair == nil || f.Repair.Why == "") {
		dir := " --dir fix-" + segment(f.Control)
		list = append(list, htmlFix{"As a script that checks before it writes", "monitorctl export shell " + rest + dir},
			htmlFix{"As files for Terraform", "monitorctl export terraform " + rest + dir})
	}
	return list
}

// writeHTMLFix writes the commands that fix a finding, each with a button to copy it, and the fix as
// code.
func writeHTMLFix(p *htmlWriter, f finding.Finding) {
	list := fixesOf(f)
	if len(list) == 0 || f.Status == finding.Pass {
		return
	}
	fold(p, "Fix it", func() {
		p.start("dl", "class", "fix")
		p.line()
		for _, fix := range list {
			p.element("dt", fix.name)
			p.start("dd")
			p.element("code", fix.command)
			p.element("button", "Copy", "type", "button", "class", "copy", "aria-label", "Copy the command: "+fix.name)
			p.end()
			p.line()
		}
		p.end()
		p.line()
		writeHTMLRepair(p, f)
	}, "class", "repair")
}

// writeHTMLRepair writes the fix of a finding as code, or why there is none.
func writeHTMLRepair(p *htmlWriter, f finding.Finding) {
	var why string
	switch {
	case f.Repair == nil || p.code == nil:
		return
	case f.Repair.Why != "" && f.Cloud == catalog.Azure:
		why = "There is no code to copy: " + f.Repair.Why + "."
	case f.Repair.Why != "":
		why = "The AWS CLI and Terraform have no form of it: " + f.Repair.Why + "."
	default:
		commands, ok := p.code.of(f.Repair.Shell, f.Account)
		hcl, safe := p.code.of(f.Repair.Terraform, f.Account)
		if ok && safe {
			p.textOf(cliOf(f)+" commands", commands, f.Account)
			p.textOf("Terraform", hcl, f.Account)
			return
		}
		why = "Its name cannot be shown as code: the commands above write it."
	}
	p.element("p", why, "class", "soft")
	p.line()
}

// cliOf is the command line that the commands are for.
func cliOf(f finding.Finding) string {
	if f.Cloud == catalog.Azure {
		return "Azure CLI"
	}
	return "AWS CLI"
}

// A source is a page about a control.
type source struct{ text, url string }

// The pages are the benchmarks' and the clouds' own. Nothing of a finding is in their addresses.
const (
	cisAWS          = "https://www.cisecurity.org/benchmark/amazon_web_services"
	cisAzure        = "https://www.cisecurity.org/benchmark/azure"
	securityHub     = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
	cloudTrailAlarm = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html"
	azureAlert      = "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-activity-log-alert-rule"
)

// benchmarkAnchors are the sections of Security Hub's page on the benchmark, by its versions.
var benchmarkAnchors = map[catalog.Benchmark]string{
	"cis-1.2.0": "#cis1v2-standard", "cis-1.4.0": "#cis1v4-standard", "cis-3.0.0": "#cis3v0-standard", "cis-5.0.0": "#cis5v0-standard",
}

// securityHubFramework is the framework whose requirements are Security Hub's own checks.
const securityHubFramework = "aws-security-hub"

// sourcesOf are the pages about a control, the benchmark's first.
func sourcesOf(c catalog.Control, b catalog.Benchmark) []source {
	var list []source
	number, numbered := c.Numbers[b]
	if c.Cloud == catalog.Azure {
		if numbered {
			list = append(list, source{b.Title() + ", section " + number.Number, cisAzure})
		}
		return append(list, source{"Microsoft: activity log alert rules", azureAlert})
	}
	if numbered {
		list = append(list, source{b.Title() + ", section " + number.Number, cisAWS})
		about := source{"AWS: CIS AWS Foundations in Security Hub", securityHub + "cis-aws-foundations-benchmark.html"}
		if anchor := benchmarkAnchors[b]; anchor != "" {
			about = source{"AWS: sections of " + b.Title() + " in Security Hub", about.url + anchor}
		}
		list = append(list, about)
	}
	for _, id := range c.Mappings[securityHubFramework] {
		if n, ok := strings.CutPrefix(id, "CloudWatch."); ok && strings.Trim(n, "0123456789") == "" {
			list = append(list, source{"AWS: Security Hub " + id, securityHub + "cloudwatch-controls.html#cloudwatch-" + n})
		}
	}
	if c.Type != catalog.State {
		list = append(list, source{"AWS: alarms for CloudTrail events", cloudTrailAlarm})
	}
	return slices.Clip(list)
}

// writeHTMLLinks writes the pages about a control.
func writeHTMLLinks(p *htmlWriter, c catalog.Control, b catalog.Benchmark) {
	p.start("ul", "class", "links")
	for _, s := range sourcesOf(c, b) {
		p.start("li")
		p.element("a", s.text, "href", s.url, "rel", "noreferrer noopener", "target", "_blank")
		p.end()
	}
	p.end()
	p.line()
}
