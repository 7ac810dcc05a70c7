package audit

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Classes tells accounts of a world apart as far as judging can. Accounts of one class
// have the same findings but for their id, which finding.Finding.At exchanges: in an
// organization whose trail covers everybody, all members but a few are one class.
//
// The class of an account is what was read of it, with its own id left open, and how its id
// stands to the account ids, and to parts of ids with wildcards, that occur in the texts
// which judging looks at: patterns, selections, dimensions and the entries that set
// findings aside. In doubt accounts are told apart.
type Classes struct {
	ids     map[string]bool // whole ids, wherever they occur
	parts   []string        // digits that may be a part of one
	ordered []string        // numbers that ids may be compared with
	apart   bool            // a regular expression may tell any id from any other
}

// Classes returns the classes of accounts that are judged in the world with these options.
func (w *World) Classes(o Options) *Classes {
	c := &Classes{ids: map[string]bool{}}
	for x := w; x != nil; x = x.others {
		for _, a := range x.accounts {
			c.mention(a)
		}
	}
	c.mention([]any{o.Waivers, o.Accepts, o.Declared})
	for _, text := range w.texts() {
		c.look(text)
	}
	slices.Sort(c.parts)
	slices.Sort(c.ordered)
	c.parts, c.ordered = slices.Compact(c.parts), slices.Compact(c.ordered)
	return c
}

var digits = regexp.MustCompile(`[0-9]+`)

const idLength = 12

// mention notes every account id that occurs in a value.
func (c *Classes) mention(v any) {
	data, _ := json.Marshal(v) // plain data
	for _, run := range digits.FindAll(data, -1) {
		if len(run) == idLength {
			c.ids[string(run)] = true
		}
	}
}

// look notes what of a text may select accounts by a part of their id.
func (c *Classes) look(text string) {
	structured := strings.HasPrefix(strings.TrimSpace(text), "{")
	about := !structured || strings.Contains(strings.ToLower(text), "account") || strings.Contains(strings.ToLower(text), "arn")
	if !about {
		return
	}
	c.apart = c.apart || strings.Contains(text, "%")
	for _, run := range digits.FindAllString(text, -1) {
		switch {
		case strings.ContainsAny(text, "<>") || strings.Contains(text, "numeric"):
			c.ordered = append(c.ordered, run)
			fallthrough
		case len(run) < idLength:
			c.parts = append(c.parts, run)
		}
	}
}

// texts are those of the world that judging looks at record by record: of the log groups
// that trails deliver to, of rules, and of selectors.
func (w *World) texts() []string {
	var list []string
	for x := w; x != nil; x = x.others {
		groups := x.fed()
		for _, a := range x.accounts {
			for i := range a.Regions {
				list = append(list, textsOf(a, &a.Regions[i], groups)...)
			}
			for i := range a.Trails {
				s, _ := a.Trails[i].Selectors.Got()
				for _, one := range s.Advanced {
					for _, f := range one.Fields {
						list = append(list, f.Field+" "+strings.Join(slices.Concat(f.Equals, f.NotEquals, f.StartsWith, f.NotStartsWith, f.EndsWith, f.NotEndsWith), " "))
					}
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// fed are the ARNs of the log groups that trails of the world deliver to.
func (w *World) fed() map[string]bool {
	groups := map[string]bool{}
	for _, a := range w.accounts {
		for i := range a.Trails {
			groups[strings.TrimSuffix(a.Trails[i].LogGroupARN, ":*")] = true
		}
	}
	return groups
}

func textsOf(a *account.Account, r *account.Region, groups map[string]bool) []string {
	var list []string
	filters, _ := r.MetricFilters.Got()
	for _, f := range filters {
		if !groups[fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", a.Partition, r.Name, a.ID, f.LogGroup)] {
			continue
		}
		list = append(list, f.Pattern)
		if f.FieldSelection != "" {
			list = append(list, f.FieldSelection)
		}
		for _, ref := range f.Dimensions {
			list = append(list, "{"+ref+"}")
		}
		if len(f.SystemDimensions) > 0 {
			list = append(list, "{"+strings.Join(f.SystemDimensions, " ")+"}")
		}
	}
	rules, _ := r.Rules.Got()
	for _, rule := range rules {
		list = append(list, rule.Pattern)
	}
	return list
}

// Regional reports whether a verdict on accounts of the world may depend on the region of
// a record: then it matters which regions an account has.
func (w *World) Regional() bool {
	return slices.ContainsFunc(w.texts(), func(text string) bool {
		pattern := strings.TrimSpace(text)
		return strings.Contains(text, "egion") || pattern == "" || !strings.HasPrefix(pattern, "{") && strings.ContainsAny(pattern[:1], `["?-%`)
	})
}

// Key is the class of an account, of no meaning beyond being equal. false when the account
// is in a class of its own.
func (c *Classes) Key(a *account.Account) (string, bool) {
	if c.apart || c.ids[a.ID] {
		return "", false
	}
	bare := *a
	bare.Alias = ""
	data, err := json.Marshal(bare)
	if err != nil {
		return "", false
	}
	var key strings.Builder
	key.WriteString(strings.ReplaceAll(string(data), a.ID, "{account}"))
	for _, p := range c.parts {
		fmt.Fprintf(&key, " %v%v%v", strings.HasPrefix(a.ID, p), strings.HasSuffix(a.ID, p), strings.Contains(a.ID, p))
	}
	for _, n := range c.ordered {
		fmt.Fprintf(&key, " %d", strings.Compare(pad(a.ID), pad(n)))
	}
	return key.String(), true
}

// pad writes a number so that texts are ordered as numbers are.
func pad(digits string) string {
	digits = strings.TrimLeft(digits, "0")
	return fmt.Sprintf("%06d%s", len(digits), digits)
}
