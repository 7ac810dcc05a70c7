package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// Select returns the report on those of the accounts that keep wants, with those of their
// findings that only wants; nil wants all. Accounts with nothing left are not in it.
// It shares the spool.
func (f *Fleet) Select(keep func(FleetAccount) bool, only func(*finding.Finding) bool) (*Fleet, error) {
	out := *f
	out.cache, out.recent, out.only, out.Accounts = map[int]*FleetClass{}, nil, only, nil
	left := map[int]bool{}
	err := out.eachClass(func(c *FleetClass) { left[c.Number] = len(c.Findings) > 0 })
	for _, a := range f.Accounts {
		if left[a.Class] && (keep == nil || keep(a)) {
			out.Accounts = append(out.Accounts, a)
		}
	}
	return &out, err
}

// eachClass calls visit with each class.
func (f *Fleet) eachClass(visit func(*FleetClass)) error {
	for n := 1; n <= len(f.classes); n++ {
		c, err := f.class(n)
		if err != nil {
			return err
		}
		visit(c)
	}
	return nil
}

// FleetTrees draws the chain of each control of each account, as Tree does for one account,
// and says what each verdict rests on.
func FleetTrees(w io.Writer, f *Fleet, o Options) error {
	first := true
	return f.Each(func(a FleetAccount, r finding.Report) error {
		var b strings.Builder
		if !first {
			b.WriteByte('\n')
		}
		first = false
		paragraph(&b, "", "  ", o.dots(accountLabel(a)+" · "+Sanitize(unitOf(a)))+": "+basisText[basisOf(a)], o.Width)
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
		for _, x := range r.Findings {
			if err := Tree(w, r, x, o); err != nil {
				return err
			}
		}
		return nil
	})
}

// basisText says in words what a verdict rests on.
var basisText = map[string]string{
	"read":       "it was read in full",
	"covered":    "it shows the organization's trail, whose chain is in its owner's account",
	"assumed":    "it was not read: this follows from the list of accounts and the owner of the trail",
	"unreadable": "it could not be read",
}

// A FleetCause is one cause with what it breaks.
type FleetCause struct {
	rollup.Cause
	Number, Of int    // place among the causes, from 1, as the table counts them
	Fleet      *Fleet // the accounts that have it, with the findings that it explains
}

// Cause returns a cause by its number in the table, or by its id or the beginning of that.
// The error says which there are.
func (f *Fleet) Cause(name string) (FleetCause, error) {
	sum, err := f.sum(Options{})
	if err != nil {
		return FleetCause{}, err
	}
	causes := sum.Causes()
	i := slices.IndexFunc(causes, func(c rollup.Cause) bool { return len(name) >= minCauseID && strings.HasPrefix(c.ID, name) })
	if n, err := strconv.Atoi(name); i < 0 && err == nil {
		i = n - 1
	}
	switch {
	case len(causes) == 0:
		return FleetCause{}, fmt.Errorf("no cause %s: nothing is wrong", name)
	case i < 0 || i >= len(causes):
		return FleetCause{}, fmt.Errorf("no cause %s: causes are numbered 1 to %d", name, len(causes))
	}
	out := FleetCause{Cause: causes[i], Number: i + 1, Of: len(causes)}
	owners := f.owners()
	out.Fleet, err = f.Select(nil, func(x *finding.Finding) bool {
		c, ok := rollup.CauseOf(x, owners)
		return ok && c.ID == out.ID
	})
	return out, err
}

// minCauseID is how many digits of an id name a cause; fewer are a number.
const minCauseID = 8

// WriteFleetCause explains a cause: what it is and where it is fixed, the chain as one account
// shows it, that which owns the resource if it has the cause, too, and the accounts.
func WriteFleetCause(w io.Writer, c FleetCause, o Options) error {
	var b strings.Builder
	paragraph(&b, "", "  ", fmt.Sprintf("Cause %d of %d: %s  %s", c.Number, c.Of, painter{o.Color}.status(c.Status), Sanitize(causeText(c.Cause))), o.Width)
	paragraph(&b, "  ", "    ", "Fix in: "+fixIn(c.Cause), o.Width)
	if c.Resource != "" {
		paragraph(&b, "  ", "    ", "Resource: "+Sanitize(strings.ReplaceAll(c.Resource, "{account}", "ACCOUNT")), o.Width)
	}
	paragraph(&b, "  ", "    ", fmt.Sprintf("%s: %s", plural(len(c.Controls), "control"), Sanitize(strings.Join(c.Controls, ", "))), o.Width)
	paragraph(&b, "  ", "    ", "Code "+Sanitize(string(c.Code))+", id "+c.ID, o.Width)
	accounts := c.Fleet.Accounts
	shown := slices.IndexFunc(accounts, func(a FleetAccount) bool { return a.ID == c.Owner })
	a := accounts[max(shown, 0)]
	r, err := c.Fleet.of(a)
	if err != nil {
		return err
	}
	b.WriteByte('\n')
	paragraph(&b, "", "  ", fmt.Sprintf("The chain, as account %s shows it:", accountLabel(a)), o.Width)
	b.WriteByte('\n')
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if err := Tree(w, r, r.Findings[0], o); err != nil {
		return err
	}
	b.Reset()
	b.WriteByte('\n')
	limit := o.limit(len(accounts))
	paragraph(&b, "", "", fmt.Sprintf("ACCOUNTS (%s)", Thousands(len(accounts))), o.Width)
	for _, a := range accounts[:limit] {
		paragraph(&b, "  ", "    ", o.dots(accountLabel(a)+" · "+Sanitize(unitOf(a))), o.Width)
	}
	if n := len(accounts) - limit; n > 0 {
		paragraph(&b, "  ", "    ", fmt.Sprintf("and %s more: --worst N shows N, -o tree=FILE lists all", Thousands(n)), o.Width)
	}
	_, err = io.WriteString(w, b.String())
	return err
}
