package catalog

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

// DefaultSet is the set of controls that commands use unless told otherwise.
const DefaultSet = "core"

// SetAll is the set of every control.
const SetAll = "all"

// Sets returns the names of the sets, in the order in which to show them.
func Sets() []string { return append(slices.Clone(knownSets), SetAll) }

// coreOrder is the order of the set core, from the edge of the network inwards;
// controls that a user adds to it follow.
var coreOrder = []string{"network-gateway-changes", "security-group-changes", "nacl-changes", "guardduty-changes"}

// Find returns the control with the given id, or with the given number in b.
// The error is an *spelling.UnknownError; a number of another version points to the
// control that has it there.
func (c *Catalog) Find(name string, b Benchmark) (Control, error) {
	for _, control := range c.Controls {
		if control.ID == name || slices.Contains(control.numbers(b), name) {
			return control, nil
		}
	}
	return Control{}, c.unknown(name, b)
}

// cisPrefix is what people put before a number: "CIS 4.10", "cis-4.10", "CIS v4.10".
var cisPrefix = regexp.MustCompile(`^(?i)cis[ ._-]*v?`)

// BareNumber returns the number of a control without the "CIS" that people put before it.
func BareNumber(name string) string { return cisPrefix.ReplaceAllString(name, "") }

func (c *Catalog) unknown(name string, own Benchmark) *spelling.UnknownError {
	ids := make([]string, len(c.Controls))
	for i, control := range c.Controls {
		ids[i] = control.ID
	}
	err := spelling.Unknown("control", name, ids)
	if set := strings.ToLower(name); slices.Contains(Sets(), set) {
		err.Instead = set + " is a set of controls: --set " + set + "; a single control goes by its number alone, as in 4.10, or its id"
	}
	if number := BareNumber(name); number != name && slices.ContainsFunc(c.Controls, func(control Control) bool { return slices.Contains(control.numbers(own), number) }) {
		err.Nearest = number
	}
	for _, f := range Frameworks() {
		for _, control := range c.Controls {
			if err.Instead == "" && slices.Contains(control.Mappings[f.ID], name) {
				err.Instead = fmt.Sprintf("%s is a requirement of %s, and %s helps to meet it: name the control, or add --mapping %s", name, f.Title, control.ID, f.ID)
			}
		}
	}
	for _, b := range slices.Concat(benchmarks, azureBenchmarks) {
		for _, control := range c.Controls {
			if slices.Contains(control.numbers(b), name) { // of several the newest version's
				err.Nearest = control.ID
				err.Instead = fmt.Sprintf("that is %s in %s: name the control, or add --benchmark %s", control.ID, b, b)
			}
		}
	}
	return err
}

// Select returns the controls named, in the order given and each once, or
// without names those of the set; "" is the default set. Sets are in catalog
// order, core in its own. The error is an *spelling.UnknownError.
func (c *Catalog) Select(names []string, set string, b Benchmark) ([]Control, error) {
	if len(names) == 0 {
		return c.set(cmp.Or(set, DefaultSet))
	}
	var selected []Control
	for _, name := range names {
		control, err := c.Find(name, b)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(selected, func(other Control) bool { return other.ID == control.ID }) {
			selected = append(selected, control)
		}
	}
	return selected, nil
}

func (c *Catalog) set(name string) ([]Control, error) {
	if !slices.Contains(Sets(), name) {
		return nil, spelling.Unknown("set", name, Sets())
	}
	selected := slices.DeleteFunc(slices.Clone(c.Controls), func(control Control) bool { return !control.In(name) })
	if name == DefaultSet {
		slices.SortStableFunc(selected, func(a, b Control) int { return cmp.Compare(coreRank(a.ID), coreRank(b.ID)) })
	}
	return selected, nil
}

func coreRank(id string) int {
	if rank := slices.Index(coreOrder, id); rank >= 0 {
		return rank
	}
	return len(coreOrder)
}
