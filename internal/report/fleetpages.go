package report

import (
	"io"
	"regexp"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// FleetIndex is the name of the page of all accounts among those of FleetPages.
const FleetIndex = "index.html"

// accountDigits is what the id of an account is before it becomes the name of a file.
var accountDigits = regexp.MustCompile(`^[0-9]{12}$`)

// FleetPages writes the page of many accounts, and one for each account that has gaps of its own: what is wrong in
// shared objects is in the first page. put gets the name of each file and what writes it, the index last.
func FleetPages(f *Fleet, o Options, put func(name string, write func(io.Writer) error) error) error {
	pages := map[string]bool{}
	err := f.Each(func(a FleetAccount, r finding.Report) error {
		if f.ownGaps(r.Findings) == 0 || !accountDigits.MatchString(a.ID) {
			return nil
		}
		pages[a.ID] = true
		return put(a.ID+".html", func(w io.Writer) error { return HTML(w, r, o) })
	})
	if err != nil {
		return err
	}
	return put(FleetIndex, func(w io.Writer) error { return fleetPage(w, f, o, pages) })
}
