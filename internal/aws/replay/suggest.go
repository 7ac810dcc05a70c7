package replay

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A Suggestion is a pattern that would make a control quieter.
type Suggestion struct {
	Exclude  []Exclusion // in the order in which they help
	Pattern  string
	Silenced int64    // events that it does not match
	Alarms   int      // actions that would be left
	Verdict  string   // "covered", or "conditional" where what is lost may be left out on purpose
	Narrowed []string // under which conditions an event is lost, in words
}

// An Exclusion is a group of events that a pattern leaves out.
type Exclusion struct {
	Path   string // of the field, such as userIdentity.invokedBy
	Value  string
	Events int64
}

// The fields that a suggestion may name: they are set by AWS. What a caller chooses
// (the tool, the name of a session, the address, the parameters) is never among
// them, and neither is the root user nor a user: whoever takes over their keys would be
// silent, too.
const (
	pathRole    = "userIdentity.sessionContext.sessionIssuer.arn"
	pathService = "userIdentity.invokedBy"
	pathError   = "errorCode"
	pathName    = "eventName"
)

// Limits of the search: how many groups are left out, and how many of each kind are
// tried for the next one.
const (
	maxExclusions = 3
	maxTries      = 8
)

// Suggest adds suggestions to the controls of a report with more than noise alarm
// actions a day.
func (c *Counters) Suggest(ctx context.Context, r *Report, b catalog.Benchmark, noise float64) error {
	t := c.total()
	f := follower{question: c.question, records: t.records, hits: t.hits, from: r.From.Unix() / 60, to: r.To.Unix() / 60}
	for i := range r.Controls {
		a := &r.Controls[i]
		if r.PerDay(a.Alarms()) <= noise || a.Control.Text == "" || a.moreCells || len(a.Unknown) > 0 || a.Control.Control.Type == catalog.State {
			continue
		}
		s := search{ctx: ctx, f: &f, a: a, benchmark: b, enough: func(alarms int) bool { return r.PerDay(alarms) <= noise }}
		if err := s.run(); err != nil {
			return err
		}
	}
	return nil
}

// A search looks for suggestions for one control.
type search struct {
	ctx       context.Context // ends decisions on patterns
	f         *follower
	a         *Answer
	benchmark catalog.Benchmark
	enough    func(alarms int) bool
}

// run leaves out one group after the other, each time the one that silences most
// actions without making the control fail.
func (s *search) run() error {
	var taken []Exclusion
	left := s.a.Alarms()
	for len(taken) < maxExclusions && !s.enough(left) {
		best, err := s.best(taken, left)
		if err != nil || best == nil {
			return err
		}
		s.a.Suggestions = append(s.a.Suggestions, *best)
		taken, left = best.Exclude, best.Alarms
	}
	return nil
}

// best returns the best suggestion with one exclusion more, nil when there is none.
func (s *search) best(taken []Exclusion, left int) (*Suggestion, error) {
	var list []Suggestion
	for _, e := range s.candidates(taken) {
		next := Suggestion{Exclude: append(slices.Clone(taken), e)}
		alarms, err := s.alarms(&next)
		if err != nil {
			return nil, err
		}
		if next.Alarms = alarms; alarms < left {
			list = append(list, next)
		}
	}
	slices.SortStableFunc(list, func(a, b Suggestion) int { return cmp.Compare(a.Alarms, b.Alarms) })
	for i := range list {
		ok, err := s.judge(&list[i])
		if ok || err != nil {
			return &list[i], err
		}
	}
	return nil, nil //nolint:nilnil // no suggestion is an answer
}

// value is what a cell has at a path, "" where it may not be left out.
func (s *search) value(k textCell, path string) string {
	switch path {
	case pathRole:
		if strings.Contains(k.role, ":role/") {
			return k.role
		}
	case pathService:
		return k.service
	case pathError:
		return k.errored
	case pathName:
		if len(s.a.Control.Required) > 0 && !s.a.Control.Required[k.name] {
			return k.name
		}
	}
	return ""
}

var paths = []string{pathRole, pathService, pathError, pathName}

// excluded reports whether exclusions leave a cell out.
func (s *search) excluded(k textCell, list []Exclusion) bool {
	return slices.ContainsFunc(list, func(e Exclusion) bool { return s.value(k, e.Path) == e.Value })
}

// candidates are the groups with most events that are not left out yet.
func (s *search) candidates(taken []Exclusion) []Exclusion {
	groups := map[Exclusion]int64{}
	for k, n := range s.a.cells {
		if s.excluded(k, taken) {
			continue
		}
		for _, path := range paths {
			if v := s.value(k, path); v != "" && writable(v) {
				groups[Exclusion{Path: path, Value: v}] += n
			}
		}
	}
	var list []Exclusion
	for e, n := range groups {
		e.Events = n
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Exclusion) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), strings.Compare(a.Path, b.Path), strings.Compare(a.Value, b.Value))
	})
	tried := map[string]int{}
	return slices.DeleteFunc(list, func(e Exclusion) bool { tried[e.Path]++; return tried[e.Path] > maxTries })
}

// writable reports whether a value can be written between quotes and means itself
// there.
func writable(v string) bool { return !strings.ContainsAny(v, "\"\\*%\n\r") && len(v) < maxName }

// alarms replays the control without what a suggestion leaves out.
func (s *search) alarms(next *Suggestion) (int, error) {
	hits := slices.Clone(s.f.hits)
	for _, i := range s.a.Control.Filters {
		hits[i] = maps.Clone(hits[i])
	}
	for k, n := range s.a.cells {
		if s.excluded(k, next.Exclude) {
			hits[k.filter][k.minute] -= n
			next.Silenced += n
		}
	}
	total := 0
	for i := range s.a.Control.Alarms {
		actions, err := s.f.actions(&s.a.Control.Alarms[i], hits)
		if err != nil {
			return 0, err
		}
		total += alarms(actions)
	}
	return total, nil
}

// judge writes the pattern of a suggestion and reports whether it may be shown: it is
// a pattern, and the control does not fail with it.
func (s *search) judge(next *Suggestion) (bool, error) {
	next.Pattern = without(s.a.Control.Text, next.Exclude)
	p, err := pattern.Parse(next.Pattern)
	if err != nil {
		return false, nil //nolint:nilerr // too long, or of a kind that cannot be narrowed
	}
	answer, err := audit.Cover(s.ctx, []*pattern.Pattern{p}, s.a.Control.Control, s.benchmark)
	if err != nil {
		return false, err
	}
	next.Verdict = answer.Verdict.String()
	for _, n := range answer.Narrowed {
		next.Narrowed = append(next.Narrowed, n.Text)
	}
	return answer.Verdict == cover.Covered || answer.Verdict == cover.Conditional && answer.Tolerated, nil
}

// without writes a pattern that leaves groups out. A plain != would be false of records
// that do not have the field, and so leave those out, too.
func without(text string, exclude []Exclusion) string {
	body := strings.TrimSpace(text)
	body = strings.TrimSuffix(strings.TrimPrefix(body, "{"), "}")
	var b strings.Builder
	b.WriteString("{ (" + strings.TrimSpace(body) + ")")
	for _, e := range exclude {
		b.WriteString(" && ($." + e.Path + " NOT EXISTS || $." + e.Path + ` != "` + e.Value + `")`)
	}
	b.WriteString(" }")
	return b.String()
}
