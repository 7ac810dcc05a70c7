package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// What the formats say differently of the clouds.

// isAzure reports whether a report has nothing but subscriptions of Azure.
func isAzure(r finding.Report) bool {
	return len(r.Accounts) > 0 && !slices.ContainsFunc(r.Accounts, func(a finding.AccountRef) bool { return a.Cloud != catalog.Azure })
}

// benchmarksText names the benchmark of each cloud that a report is about: "CIS AWS
// Foundations 3.0.0 and CIS Azure Foundations 6.0.0".
func benchmarksText(r finding.Report) string {
	if r.Both() {
		return r.Benchmark.Title() + " and " + r.Azure.Benchmark.Title()
	}
	return r.Benchmark.Title()
}

// accountTitle returns "Account 111122223333 (acme)", or "Subscription acme (1111...)".
func accountTitle(a finding.AccountRef) string {
	if a.Cloud == catalog.Azure {
		if a.Alias == "" {
			return "Subscription " + Sanitize(a.ID)
		}
		return fmt.Sprintf("Subscription %s (%s)", Sanitize(a.Alias), Sanitize(a.ID))
	}
	title := "Account " + Sanitize(a.ID)
	if a.Alias != "" {
		title += " (" + Sanitize(a.Alias) + ")"
	}
	return title
}

// accountWord is what a cloud calls what is judged.
func accountWord(c catalog.Cloud) string {
	if c == catalog.Azure {
		return "subscription"
	}
	return "account"
}

// placeParts say where the chains of an account live, in its cloud's words.
func placeParts(a finding.AccountRef) []string {
	if a.Cloud != catalog.AWS {
		var parts []string
		for _, text := range a.Header {
			parts = append(parts, Sanitize(text))
		}
		return parts
	}
	var parts []string
	if a.Home != "" {
		parts = append(parts, "home "+Sanitize(a.Home))
	}
	if a.Trail != "" {
		parts = append(parts, "trail "+Sanitize(a.Trail))
	} else {
		parts = append(parts, "no trail")
	}
	if a.Heartbeat != "" {
		parts = append(parts, "heartbeat "+Sanitize(a.Heartbeat))
	}
	return parts
}

// regionClause says where events are missed: "; in eu-west-1", or "" for a cloud
// whose events belong to no region.
func regionClause(cloud catalog.Cloud, regions, scope []string) string {
	if cloud == catalog.Azure {
		return ""
	}
	return "; " + regionsText(regions, scope)
}

// shortNumber leaves out what the numbers of a control share: "6.1.2.3, .4".
func shortNumber(number string) string {
	first, rest, several := strings.Cut(number, ", ")
	if !several {
		return number
	}
	section := first[:strings.LastIndexByte(first, '.')+1]
	return first + ", " + strings.ReplaceAll(rest, section, ".")
}

// azureTypes are the types of Azure's objects, by the kind of their link.
var azureTypes = map[finding.LinkKind]string{
	finding.LinkAlertRule:      "Microsoft.Insights/activityLogAlerts",
	finding.LinkProcessingRule: "Microsoft.AlertsManagement/actionRules",
	finding.LinkActionGroup:    "Microsoft.Insights/actionGroups",
	finding.LinkReceiver:       "Microsoft.Insights/actionGroups",
}

// AccountWords name an account in a sentence: "account 111122223333 (acme)", "subscription
// acme (1111...)".
func AccountWords(a finding.AccountRef) string {
	title := accountTitle(a)
	return strings.ToLower(title[:1]) + title[1:]
}

// inRegion returns a name with its region, for a cloud that has some.
func inRegion(name, region string) string {
	if region == "" {
		return name
	}
	return name + " (" + region + ")"
}

// costWords say what the changes to an account add to the bill; "" for nothing.
func costWords(p change.Plan, account string) string {
	c := change.CostOf(p.Actions, account)
	switch {
	case isAzure(p.Before) && len(p.Actions) > 0:
		return "alert rules on the Activity Log, action groups and resource groups are free; text messages, calls, and e-mail and webhooks beyond the free quota are billed per message (Azure Monitor pricing; countries differ)"
	case c.Alarms == 0:
		return sentences(forwarding(c), usage(c))
	}
	text := fmt.Sprintf("%s at USD %.2f a month each, USD %.2f in total beyond the free tier of %d alarms (Amazon CloudWatch pricing, US East; regions differ)",
		plural(c.Alarms, "new alarm"), c.USD/float64(c.Alarms), c.USD, c.Free)
	if n := len(c.Metrics); n > 0 {
		text += fmt.Sprintf("; the metrics that filters write are billed as custom metrics (%s)", plural(n, "new metric"))
	}
	return sentences(text, forwarding(c), usage(c))
}

// sentences joins those that are not empty.
func sentences(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

// usage says what is billed by use; "" for nothing.
func usage(c change.Cost) string {
	if len(c.Usage) == 0 {
		return ""
	}
	return strings.Join(c.Usage, "; ") + " (list prices of US East in 2026; regions differ)"
}

// forwarding says what rules that send events to another region cost; "" without any.
func forwarding(c change.Cost) string {
	if c.Forwarders == 0 {
		return ""
	}
	return fmt.Sprintf("rules are free; what %s forward to another region or account is billed as custom events, USD 1.00 a million (Amazon EventBridge pricing, US East; regions differ)",
		plural(c.Forwarders, "new rule"))
}

// costSource says what a price is of, for programs.
func costSource(p change.Plan) string {
	if isAzure(p.Before) {
		return "Azure Monitor pricing: alert rules on the Activity Log and action groups are free, messages are not included"
	}
	return "Amazon CloudWatch pricing, standard-resolution alarms in US East, without the free tier"
}
