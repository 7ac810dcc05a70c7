// Package peers says what other auditors would say of the metric filters of an account.
// It never changes a verdict; it tells why two reports on one account differ.
//
// What a peer wants are texts of the catalog (catalog.Want), so that this package holds
// no text. It looks at the texts alone, as the peers mostly do: whether an alarm watches
// a filter's metric, and whether anyone subscribes, is not modelled. Prowler passes a
// chain that nobody subscribes to.
package peers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Opinions returns what each of the peers that has a check for the control says of the
// metric filters of an account, in their order. They look at the log groups of the
// account that its trails deliver to.
func Opinions(a *account.Account, c catalog.Control, b catalog.Benchmark, of []catalog.Peer) []finding.Opinion {
	var out []finding.Opinion
	for _, p := range of {
		wants := c.Wants(p, b)
		if len(wants) == 0 {
			continue
		}
		filters, unread := filtersOf(a)
		o := finding.Opinion{Peer: string(p), Status: finding.Fail}
		switch {
		case satisfied(wants, filters):
			o.Status = finding.Pass
		case unread != "":
			o.Status, o.Why = finding.Unknown, unread
		default:
			o.Why = lacking(wants, filters)
		}
		out = append(out, o)
	}
	return out
}

// filtersOf returns the metric filters on the log groups that trails of the account
// deliver to, and why that may not be all, "" when it is.
func filtersOf(a *account.Account) (filters []account.MetricFilter, unread string) {
	groups := map[string][]string{} // by region
	for i := range a.Trails {
		arn, ok := account.ParseARN(a.Trails[i].LogGroupARN)
		name := strings.TrimSuffix(strings.TrimPrefix(arn.Resource, "log-group:"), ":*")
		if ok && arn.Account == a.ID && !slices.Contains(groups[arn.Region], name) {
			groups[arn.Region] = append(groups[arn.Region], name)
		}
	}
	for i := range a.Regions {
		if a.Regions[i].Trails.Failed() != nil {
			unread = "the trails of " + a.Regions[i].Name + " could not be read"
		}
	}
	for _, region := range slices.Sorted(maps.Keys(groups)) {
		names := groups[region]
		r := a.Region(region)
		if r == nil {
			unread = "the metric filters of " + region + " were not read"
			continue
		}
		list, ok := r.MetricFilters.Got()
		if !ok {
			unread = "the metric filters of " + region + " could not be read"
		}
		for _, f := range list {
			if slices.Contains(names, f.LogGroup) {
				filters = append(filters, f)
			}
		}
	}
	return filters, unread
}

func satisfied(wants []catalog.Want, filters []account.MetricFilter) bool {
	return slices.ContainsFunc(filters, func(f account.MetricFilter) bool { return catalog.Satisfies(wants, f.Pattern) })
}

// lacking says in a clause what a peer wants that none of the filters has.
func lacking(wants []catalog.Want, filters []account.MetricFilter) string {
	w := wants[0]
	switch {
	case w.Never != "":
		return fmt.Sprintf("looks for the text %s, which monitorctl never writes: %s", w.ID, w.Never)
	case w.Match == catalog.Lookahead || w.Match == catalog.Ordered || w.Match == catalog.Sequence:
		return lackingTerms(w, filters)
	case w.Match == catalog.Unquoted:
		return fmt.Sprintf("looks for the text %s without its quotation marks in its own filter", w.ID)
	}
	return fmt.Sprintf("looks for the text %s in its own filter", w.ID)
}

// lackingTerms names what the closest filter lacks.
func lackingTerms(w catalog.Want, filters []account.MetricFilter) string {
	const few = 3
	text := fmt.Sprintf("looks for all of the text %s in one filter", w.ID)
	var least []string
	closest := ""
	for _, f := range filters {
		if lacks := w.Lacks(f.Pattern); closest == "" || len(lacks) < len(least) {
			closest, least = f.Name, lacks
		}
	}
	if closest == "" || len(least) > few {
		return text
	}
	return text + ", and " + closest + " lacks " + strings.Join(least, ", ")
}
