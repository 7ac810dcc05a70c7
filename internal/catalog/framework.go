package catalog

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A Framework is a body of requirements to which controls are mapped.
type Framework struct {
	ID    string // nist-800-53-r5
	Title string // NIST SP 800-53 Rev. 5
}

// frameworks are in the order in which they are shown. The mappings are those
// that Prowler's compliance files (prowler-cloud/prowler 3e000fa) and the user
// guide of AWS Security Hub give for the same check; where those number
// requirements in a way of their own (PCI DSS 4.0, ISO 27001:2013), they are
// left out.
var frameworks = []Framework{
	{"aws-security-hub", "AWS Security Hub"},
	{"nist-800-53-r5", "NIST SP 800-53 Rev. 5"},
	{"nist-800-53-r4", "NIST SP 800-53 Rev. 4"},
	{"nist-800-171-r2", "NIST SP 800-171 Rev. 2"},
	{"pci-dss-3.2.1", "PCI DSS 3.2.1"},
	{"soc-2", "SOC 2"},
	{"iso-27001-2022", "ISO/IEC 27001:2022"},
	{"hipaa", "HIPAA Security Rule"},
}

// Frameworks returns the frameworks to which controls are mapped.
func Frameworks() []Framework { return slices.Clone(frameworks) }

// FindFramework returns the framework with that id. The error is an
// *spelling.UnknownError.
func FindFramework(id string) (Framework, error) {
	known := frameworkIDs()
	i := slices.Index(known, id)
	if i < 0 {
		return Framework{}, spelling.Unknown("framework", id, known)
	}
	return frameworks[i], nil
}

func frameworkIDs() []string {
	ids := make([]string, len(frameworks))
	for i, f := range frameworks {
		ids[i] = f.ID
	}
	return ids
}

// mappings reads the requirements of each framework that a control helps to
// meet.
func (r reader) mappings(m mapping) map[string][]string {
	if !m.Has("mappings") {
		return nil
	}
	part := r.mapping(m.Values["mappings"], "mappings", frameworkIDs()...)
	out := map[string][]string{}
	for _, id := range frameworkIDs() {
		if part.Has(id) {
			out[id] = part.words(id, nil)
		}
	}
	return out
}

// Mapped returns the controls that are mapped to a framework, in their order.
func Mapped(controls []Control, framework string) []Control {
	return slices.DeleteFunc(slices.Clone(controls), func(c Control) bool { return len(c.Mappings[framework]) == 0 })
}
