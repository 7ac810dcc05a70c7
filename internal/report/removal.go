package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/audit"
	"github.com/monitorctl/monitorctl/internal/plan"
)

// A Removal is what undo and destroy are about to do.
type Removal struct {
	Account audit.AccountRef
	Actions []plan.Action
	Left    []plan.Left // what stays, with the reason
	Done    int         // objects that need nothing
}

// RemovalText writes what will be removed or restored for a person who has to
// agree to it, and what stays as it is.
func RemovalText(w io.Writer, r Removal, o Options) error {
	var b strings.Builder
	paragraph(&b, "", "  ", accountTitle(r.Account), o.Width)
	b.WriteByte('\n')
	if r.Done > 0 {
		paragraph(&b, "", "", plural(r.Done, "object")+" as before already.", o.Width)
		b.WriteByte('\n')
	}
	if len(r.Actions) == 0 {
		b.WriteString("Nothing to do.\n\n")
	} else {
		paragraph(&b, "", "", plural(len(r.Actions), "change")+":", o.Width)
		b.WriteByte('\n')
	}
	for i, a := range r.Actions {
		writeAction(&b, i+1, a, o)
		b.WriteByte('\n')
	}
	if len(r.Left) > 0 {
		paragraph(&b, "", "", "Left as it is:", o.Width)
		b.WriteByte('\n')
		for _, l := range r.Left {
			paragraph(&b, "  - ", "    ", Sanitize(fmt.Sprintf("%s: %s", l.Object, l.Why)), o.Width)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
