package pattern

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
)

// BenchmarkCover judges the probes of typical controls, with filters as they
// are found in accounts.
func BenchmarkCover(b *testing.B) {
	gateway := `{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }`
	var events []cloudtrail.Probe
	for _, name := range []string{"CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"} {
		p := createVpc
		p.Event = name
		events = append(events, p)
	}
	for _, c := range []struct {
		name    string
		filters []string
		probes  []cloudtrail.Probe
	}{
		{"events covered", []string{gateway}, events},
		{"events missed", []string{signInText}, events},
		{"events narrowed", []string{`{ ($.eventName = "*Gateway") && ($.userIdentity.invokedBy NOT EXISTS) && ($.userAgent != "*Terraform*") }`}, events},
		{"unauthorized", []string{unauthorizedText}, []cloudtrail.Probe{unauthorized(b)}},
		{"sign-in", []string{signInText}, []cloudtrail.Probe{signInWithoutMFA(b)}},
		{"root", []string{rootText}, []cloudtrail.Probe{rootUsage(b)}},
		{"sign-in failures", []string{failureText}, []cloudtrail.Probe{signInFailures(b)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var filters []*Pattern
			for _, text := range c.filters {
				filters = append(filters, mustParse(b, text))
			}
			b.ReportAllocs()
			for b.Loop() {
				coverOf(filters, cloudtrail.Requirement{Probes: c.probes})
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(c.probes)), "us/probe")
		})
	}
}
