package channel

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteText lists rows for people: how each is written, what it becomes, what a person
// must still do, and with steps what comes first.
func WriteText(w io.Writer, rows []Row, steps bool) error {
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintln(&b, r.Example)
		fmt.Fprintf(&b, "  by alarms  %s\n", r.Metric)
		fmt.Fprintf(&b, "  by rules   %s\n", r.Rule)
		fmt.Fprintf(&b, "  your part  %s\n", cmp.Or(r.Do, "nothing"))
		if r.secret {
			fmt.Fprintln(&b, "  secret     env:NAME or file:PATH in place of it keep it out of process lists")
		}
		if list := Steps(r.Form); len(list) > 0 {
			if !steps {
				fmt.Fprintf(&b, "  first      'monitorctl channels %s' has the steps\n", r.Form)
				continue
			}
			for n, step := range list {
				fmt.Fprintf(&b, "  step %d     %s\n", n+1, step)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON lists rows for programs.
func WriteJSON(w io.Writer, rows []Row) error {
	type row struct {
		Form    Form     `json:"form"`
		Written string   `json:"written"`
		Metric  string   `json:"metric"`
		Rule    string   `json:"eventbridge"`
		Do      string   `json:"do"`
		Secret  bool     `json:"secret"`
		Steps   []string `json:"steps"`
	}
	out := []row{}
	for _, r := range rows {
		out = append(out, row{r.Form, r.Example, r.Metric, r.Rule, r.Do, r.secret, append([]string{}, Steps(r.Form)...)})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
