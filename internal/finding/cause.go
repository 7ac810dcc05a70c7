package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// A Cause is one thing that is wrong in an account, so named that it is the same
// in the next run: what accept entries, baselines and comparisons go by. Messages
// are not part of it, because they hold counts and dates.
type Cause struct {
	Account, Control string
	Code             Code
	Resource         string
	Condition        string // one of Reason.Conditions; "" when the reason has none
}

// CausesOf returns the causes that a reason of f stands for: one for each of its
// conditions, else one.
func (f *Finding) CausesOf(r Reason) []Cause {
	c := Cause{Account: f.Account, Control: f.Control, Code: r.Code, Resource: r.Resource}
	if len(r.Conditions) == 0 {
		return []Cause{c}
	}
	out := make([]Cause, len(r.Conditions))
	for i, text := range r.Conditions {
		out[i] = c
		out[i].Condition = text
	}
	return out
}

// CauseID is the stable id of what a reason of f stands for, hexadecimal: the same
// account, control, code, resource and conditions give the same id in every run.
func (f *Finding) CauseID(r Reason) string {
	key := []string{f.Account, f.Control, string(r.Code), r.Resource}
	sum := sha256.Sum256([]byte(strings.Join(append(key, slices.Sorted(slices.Values(r.Conditions))...), "\x00")))
	return hex.EncodeToString(sum[:8])
}

// A wording is all that reports of before conditions know of a cause.
type wording struct {
	code              Code
	resource, message string
}

// NewReasons returns the reasons of f that stand for a cause which old, an earlier
// finding of the same control and account, does not have; all when old is nil. A
// cause that counts for more now, because it fails where it warned, or because it is
// no longer accepted, is new.
//
// Reports that were written before reasons had conditions are compared by message
// where a condition is missing.
func (f *Finding) NewReasons(old *Finding) []Reason {
	weights, wordings := map[Cause]int{}, map[wording]int{}
	if old != nil {
		for _, r := range old.Reasons {
			for _, c := range old.CausesOf(r) {
				weights[c] = max(weights[c], r.weight())
			}
			if len(r.Conditions) == 0 {
				wordings[wording{r.Code, r.Resource, r.Message}] = r.weight()
			}
		}
	}
	var out []Reason
	for _, r := range f.Reasons {
		fresh := func(c Cause) bool { return weights[c] < r.weight() }
		if slices.ContainsFunc(f.CausesOf(r), fresh) && wordings[wording{r.Code, r.Resource, r.Message}] < r.weight() {
			out = append(out, r)
		}
	}
	return out
}

// weight is how much a reason counts: more for one that fails than for one that is
// accepted or does not.
func (r Reason) weight() int {
	switch {
	case r.Accepted != nil:
		return 1
	case r.Status == Fail:
		return 3
	default:
		return 2
	}
}
