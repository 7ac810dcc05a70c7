package finding

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Unlisted is the condition of a reason that says: and unknown
// records are lost too. No accept entry with a condition covers it.
const Unlisted = "more records, which could not be described"

// An Accept sets single causes of a control aside, with a reason and an end
// (docs/judging.md, section 7). Whatever else is wrong with the control counts.
type Accept struct {
	Control  string
	Account  string // 12 digits, or the GUID of a subscription; "" accepts it in every account
	Unit     string // instead of an account, as of a Waiver
	Tag      string // instead of an account, as of a Waiver
	Code     Code   // one that may be accepted
	Where    string // the condition, as reports print it; "" for any
	Resource string // ARN or id of a resource of Azure, in which * stands for any text; "" for any
	Reason   string
	Owner    string    // who answers for it; may be ""
	Expires  time.Time // the last day on which it holds, at 00:00 UTC

	// Depth is how deep Unit stands, as of a Waiver.
	Depth int
}

// An Acceptance is why one reason of a finding does not count.
type Acceptance struct {
	Reason  string
	Owner   string    // may be ""
	Expires time.Time // the last day on which it holds, at 00:00 UTC

	// Entries are the places in Policy.Accepts of those that set it aside; nil in reports
	// that were read, and where a subscriber is declared.
	Entries []int
}

// String returns "until 2026-06-30 (owner): reason".
func (a *Acceptance) String() string {
	owner := ""
	if a.Owner != "" {
		owner = " (" + a.Owner + ")"
	}
	return fmt.Sprintf("until %s%s: %s", a.Expires.Format(time.DateOnly), owner, a.Reason)
}

// Fits reports whether a is about the finding.
func (a *Accept) Fits(f *Finding) bool {
	placed := a.Unit == "" && a.Tag == "" || a.Depth > 0
	return a.Control == f.Control && placed && (a.Account == "" || strings.EqualFold(a.Account, f.Account))
}

func (a *Accept) rank() int { return rank(a.Account, a.Unit, a.Tag, a.Depth) }

// Place returns where an entry by unit or tag holds, as Where of a Waiver does.
func (a *Accept) Place() string { return where(a.Unit, a.Tag) }

// Expired reports whether the last day of a is over.
func (a *Accept) Expired(now time.Time) bool {
	return !now.Before(a.Expires.AddDate(0, 0, 1))
}

// covers reports whether a is about one condition of a reason, "" being the
// condition of a reason that has none.
func (a *Accept) covers(r Reason, condition string) bool {
	if a.Code != r.Code || a.Resource != "" && !isLike(a.Resource, r.Resource) {
		return false
	}
	switch r.Code.Info().Accept {
	case AcceptAlways:
	case AcceptWarnings:
		if r.Status != Warn {
			return false
		}
	default:
		return false
	}
	return a.Where == "" || a.Where == condition && condition != Unlisted
}

// isLike reports whether a resource is as the glob says. Ids of Azure compare without
// case.
func isLike(glob, resource string) bool {
	if strings.HasPrefix(strings.ToLower(resource), "/subscriptions/") {
		return like(strings.ToLower(glob), strings.ToLower(resource))
	}
	return like(glob, resource)
}

// like reports whether text is as the glob says, in which * stands for any text.
func like(glob, text string) bool {
	first, rest, star := strings.Cut(glob, "*")
	if !star {
		return glob == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

// accepted returns what sets a reason aside: entries that together are about all
// of its conditions, by their place in list, the first for each; nil when some condition is
// left.
func accepted(r Reason, list []*Accept) []*Accept {
	conditions := r.Conditions
	if len(conditions) == 0 {
		conditions = []string{""}
	}
	var used []*Accept
	for _, condition := range conditions {
		i := slices.IndexFunc(list, func(a *Accept) bool { return a.covers(r, condition) })
		if i < 0 {
			return nil
		}
		if !slices.Contains(used, list[i]) {
			used = append(used, list[i])
		}
	}
	return used
}

// joined puts entries that belong together into one, which ends with the first of
// them.
func joined(list []Acceptance) Acceptance {
	out := list[0]
	reasons, owners := []string{out.Reason}, []string{out.Owner}
	for _, a := range list[1:] {
		reasons, owners = append(reasons, a.Reason), append(owners, a.Owner)
		if a.Expires.Before(out.Expires) {
			out.Expires = a.Expires
		}
	}
	out.Entries = slices.Clone(out.Entries)
	for _, a := range list[1:] {
		for _, n := range a.Entries {
			if !slices.Contains(out.Entries, n) {
				out.Entries = append(out.Entries, n)
			}
		}
	}
	out.Reason, out.Owner = strings.Join(once(reasons), "; "), strings.Join(once(owners), ", ")
	return out
}

// once returns the texts that are not empty, each once, in their order.
func once(list []string) []string {
	var out []string
	for _, text := range list {
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
