package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// Notes says in which ways two reports ask different questions, so that a
// change may come from the question and not from the account. The names stand
// for the reports: "the baseline", "this run".
func Notes(old, now finding.Report, oldName, nowName string) []string {
	var notes []string
	if old.Benchmark != now.Benchmark {
		notes = append(notes, fmt.Sprintf("%s is checked by %s, %s by %s: they require different events",
			oldName, old.Benchmark.Title(), nowName, now.Benchmark.Title()))
	}
	notes = append(notes, onlyIn("account", accounts(old), accounts(now), oldName, nowName)...)
	notes = append(notes, onlyIn("region", old.Regions, now.Regions, oldName, nowName)...)
	return append(notes, onlyIn("control", old.Controls, now.Controls, oldName, nowName)...)
}

func accounts(r finding.Report) []string {
	ids := make([]string, len(r.Accounts))
	for i, a := range r.Accounts {
		ids[i] = a.ID
	}
	return ids
}

// onlyIn names what one of two lists lacks.
func onlyIn(what string, old, now []string, oldName, nowName string) []string {
	var notes []string
	for _, side := range []struct {
		list, other []string
		name        string
	}{{old, now, oldName}, {now, old, nowName}} {
		var only []string
		for _, v := range side.list {
			if !slices.Contains(side.other, v) {
				only = append(only, v)
			}
		}
		if len(only) > 0 {
			notes = append(notes, fmt.Sprintf("only in %s: %s %s", side.name, what, strings.Join(only, ", ")))
		}
	}
	return notes
}
