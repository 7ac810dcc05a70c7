package catalog

import "github.com/monitorctl/monitorctl/internal/spelling"

// A Severity grades how bad it is when a control fails.
type Severity int8

// Severities, in rising order. The zero value is no severity.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

var severities = []string{Low: "low", Medium: "medium", High: "high", Critical: "critical"}

// String returns "low", "medium", "high" or "critical"; "" for no severity.
func (s Severity) String() string {
	if s < Low || s > Critical {
		return ""
	}
	return severities[s]
}

// ParseSeverity returns the severity with the given name. The error is an
// *spelling.UnknownError.
func ParseSeverity(name string) (Severity, error) {
	for s := Low; s <= Critical; s++ {
		if severities[s] == name {
			return s, nil
		}
	}
	return 0, spelling.Unknown("severity", name, severities[Low:])
}

// MarshalText writes the name that String returns.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name as ParseSeverity does.
func (s *Severity) UnmarshalText(text []byte) error {
	parsed, err := ParseSeverity(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}
