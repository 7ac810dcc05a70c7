package finding

import "strings"

// Elsewhere returns the account that holds what the first reason is about, where that is
// another one than the finding's: what is wrong is fixed there. "" where it is the same, or
// where the reason names no resource of an account of AWS.
func (f *Finding) Elsewhere() string {
	if len(f.Reasons) == 0 {
		return ""
	}
	parts := strings.SplitN(f.Reasons[0].Resource, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || len(parts[4]) != 12 || parts[4] == f.Account {
		return ""
	}
	return parts[4]
}
