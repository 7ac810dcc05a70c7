// Package targets says which accounts a run over many is about: where they come from, and
// which of them the filters leave. It makes no calls.
//
// A Target is an account before anybody looked into it. Targets come as a stream, because
// an organization lists them page by page and reading begins with the first page: Parse
// makes one of a file or of ids, collect makes one of an organization. A Filter then keeps
// or skips each of them. What is skipped keeps its reason, so that every account is
// counted.
package targets

import (
	"fmt"
	"hash/fnv"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Stream is a list of targets that may still be arriving. After an error it ends.
type Stream = iter.Seq2[Target, error]

// A Target is an account as a list shows it. Only the id is always there.
type Target struct {
	ID     string    `json:"id"` // 12 digits
	Name   string    `json:"name,omitempty"`
	Email  string    `json:"email,omitempty"`
	State  string    `json:"state,omitempty"`  // of Organizations: ACTIVE, SUSPENDED, ...; "" where the list has none
	Path   string    `json:"ouPath,omitempty"` // ids: o-.../r-.../ou-.../
	Names  string    `json:"ouNames,omitempty"`
	Joined time.Time `json:"joined,omitzero"` // the organization

	Tags map[string]string `json:"tags,omitempty"`

	// Roles are assumed one after the other, the last in the account: names, paths, or
	// ARNs in which {Id} stands for the account. None: the role of the run.
	Roles      []string `json:"roles,omitempty"`
	ExternalID string   `json:"-"` // who has it may be let in: it is kept nowhere
	Profile    string   `json:"profile,omitempty"`

	Regions []string `json:"regions,omitempty"` // nil: those of the run

	Skipped string `json:"skipped,omitempty"` // why the account is not looked into; "" when it is
}

// ActiveState is the state of an account that can be used.
const ActiveState = "ACTIVE"

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// IsID reports whether text is the id of an account.
func IsID(text string) bool { return accountID.MatchString(text) }

// A Shard is one of several parts of a list, which together are the whole. An account is
// in the same part whatever else is in the list. The zero Shard is the whole.
type Shard struct{ Index, Count int } // Index from 1

// ParseShard reads "2/5".
func ParseShard(text string) (Shard, error) {
	var s Shard
	var rest string
	n, _ := fmt.Sscanf(text+" ", "%d/%d%s", &s.Index, &s.Count, &rest)
	if n != 2 || s.Count < 1 || s.Index < 1 || s.Index > s.Count || s.String() != text {
		return Shard{}, fmt.Errorf("shard %q: expected i/n, such as 2/5", text)
	}
	return s, nil
}

// String returns "2/5", "" for the whole.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// Has reports whether the account is in the part.
func (s Shard) Has(id string) bool {
	if s.Count == 0 {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32()%uint32(s.Count)) == s.Index-1
}

// Of returns the targets of a list as a stream.
func Of(list []Target) Stream {
	return func(yield func(Target, error) bool) {
		for _, t := range list {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// A Filter keeps some targets. It counts what it did, so that a filter that fits nothing
// is noticed: it is usually misspelled.
type Filter struct {
	Units     []string // ids, or paths of names from the root: /Workloads/Prod; whatever is below counts, too
	Exclude   []string // ids of accounts or units, paths, or names of accounts
	Tags      []string // K=V; an account has them all. K alone is any value
	Suspended bool     // include accounts that are suspended or about to be closed

	used map[string]bool
}

// flags are the parts of the filter with the flag that each was given by.
func (f *Filter) flags() []string {
	var out []string
	for _, u := range f.Units {
		out = append(out, "--ou "+u)
	}
	for _, e := range f.Exclude {
		out = append(out, "--exclude "+e)
	}
	for _, t := range f.Tags {
		out = append(out, "--account-tag "+t)
	}
	return out
}

// Unused returns the flags that fitted no target, in their order.
func (f *Filter) Unused() []string {
	return slices.DeleteFunc(f.flags(), func(flag string) bool { return f.used[flag] })
}

func (f *Filter) use(flag string) {
	if f.used == nil {
		f.used = map[string]bool{}
	}
	f.used[flag] = true
}

// Keep reports whether the target stays, as far as can be told without its tags. What does
// not is either of no concern, because other units are asked for, or skipped, which
// Target.Skipped then says.
func (f *Filter) Keep(t *Target) bool {
	if !f.inUnits(t) {
		return false
	}
	if e := f.excluded(t); e != "" {
		t.Skipped = "excluded by " + e
		return true
	}
	if !f.usable(t.State) {
		t.Skipped = strings.ToLower(strings.ReplaceAll(t.State, "_", " "))
	}
	return true
}

// usable reports whether an account in that state is looked into.
func (f *Filter) usable(state string) bool {
	switch state {
	case "", ActiveState:
		return true
	case "SUSPENDED", "PENDING_CLOSURE":
		return f.Suspended
	}
	return false
}

func (f *Filter) inUnits(t *Target) bool {
	in := len(f.Units) == 0
	for _, u := range f.Units {
		if t.under(u) {
			f.use("--ou " + u)
			in = true
		}
	}
	return in
}

func (f *Filter) excluded(t *Target) string {
	by := ""
	for _, e := range f.Exclude {
		if t.ID == e || t.Name == e || t.under(e) {
			f.use("--exclude " + e)
			by = "--exclude " + e
		}
	}
	return by
}

// under reports whether the account is in a unit, given by id or by the path of its
// names, or in one below it.
func (t *Target) under(unit string) bool {
	if strings.HasPrefix(unit, "/") {
		return t.Names != "" && strings.HasPrefix(strings.TrimSuffix(t.Names, "/")+"/", strings.TrimSuffix(unit, "/")+"/")
	}
	return slices.Contains(strings.Split(t.Path, "/"), unit) && unit != ""
}

// Depth returns how deep a unit, given by id or by the path of its names, stands in the
// organization, which has the depth 1; 0 when the account is not known to be in it.
func (t *Target) Depth(unit string) int {
	switch {
	case !t.under(unit):
		return 0
	case !strings.HasPrefix(unit, "/"):
		return slices.Index(strings.Split(t.Path, "/"), unit) + 1
	}
	names := strings.FieldsFunc(unit, func(r rune) bool { return r == '/' })
	return len(names) + len([]string{"organization", "root"})
}

// HasTag reports whether the account is known to have a tag, KEY or KEY=VALUE.
func (t *Target) HasTag(want string) bool {
	key, value, some := strings.Cut(want, "=")
	have, ok := t.Tags[key]
	return ok && (!some || have == value)
}

// Tagged reports whether the target has the tags that are asked for.
func (f *Filter) Tagged(t *Target) bool {
	all := true
	for _, want := range f.Tags {
		if t.HasTag(want) {
			f.use("--account-tag " + want)
		} else {
			all = false
		}
	}
	return all
}

// ByNames reports whether units are asked for by names, which lists of organizations do
// not have.
func (f *Filter) ByNames() bool {
	return slices.ContainsFunc(slices.Concat(f.Units, f.Exclude), func(u string) bool { return strings.HasPrefix(u, "/") })
}

// ByUnits reports whether the filter asks where accounts stand.
func (f *Filter) ByUnits() bool {
	return len(f.Units) > 0 || slices.ContainsFunc(f.Exclude, func(e string) bool {
		return strings.HasPrefix(e, "/") || strings.HasPrefix(e, "ou-") || strings.HasPrefix(e, "r-")
	})
}
