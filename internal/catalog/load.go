package catalog

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// A Catalog is a set of controls with different ids, numbers and names.
type Catalog struct {
	// Controls are in the order of their numbers in the default benchmark;
	// those without a number come last, by id.
	Controls []Control
}

// Load reads every *.yaml file at the root of fsys. Each holds one control. The error is a *yamlfile.Error for what is wrong with a file, the first
// one by name.
func Load(fsys fs.FS) (*Catalog, error) {
	entries, err := readAll(fsys)
	if err != nil {
		return nil, err
	}
	return assemble(entries)
}

// Overlay returns the controls of base and those that user holds; one of user takes
// the place of the one with the same id in base. Errors are as in Load; the files that
// they name are user's.
func Overlay(base *Catalog, user fs.FS) (*Catalog, error) {
	own, err := readAll(user)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, c := range base.Controls {
		entries = append(entries, entry{Control: c, file: c.ID + ".yaml"})
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool {
		return slices.ContainsFunc(own, func(o entry) bool { return o.ID == e.ID })
	})
	return assemble(append(entries, own...))
}

func readAll(fsys fs.FS) ([]entry, error) {
	files, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the catalog: %w", err)
	}
	if len(files) == 0 {
		if _, err := fs.Stat(fsys, "."); err != nil {
			return nil, fmt.Errorf("listing the catalog: %w", err)
		}
		return nil, &yamlfile.Error{File: "*.yaml", Msg: "no such file: a catalog holds one for each control"}
	}
	entries := make([]entry, len(files))
	for i, file := range files {
		if entries[i], err = read(fsys, file); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// assemble checks that what must be unique is, and sorts the controls.
func assemble(entries []entry) (*Catalog, error) {
	claimed := map[string]entry{}
	for _, e := range entries {
		for _, claim := range e.claims() {
			if other, ok := claimed[claim]; ok {
				at := e.places[claim]
				return nil, &yamlfile.Error{File: e.file, Line: at.Line, Column: at.Column,
					Msg: fmt.Sprintf("%s is that of %s in %s already", claim, other.ID, other.file)}
			}
			claimed[claim] = e
		}
	}
	catalog := &Catalog{Controls: make([]Control, len(entries))}
	for i, e := range entries {
		catalog.Controls[i] = e.Control
	}
	slices.SortFunc(catalog.Controls, byNumber)
	return catalog, nil
}

func idClaim(id string) string       { return "id " + id }
func filterClaim(name string) string { return "filter " + name }
func metricClaim(name string) string { return "metric " + name }
func alarmClaim(name string) string  { return "alarm " + name }
func ruleClaim(name string) string   { return "alert rule " + name }
func numberClaim(b Benchmark, number string) string {
	if b.Cloud() == Azure {
		return "number " + number + " of the benchmark " + b.Version() + " for Azure"
	}
	return "number " + number + " of benchmark " + b.Version()
}

// claims returns what no other control of the catalog may have, in words.
func (e entry) claims() []string {
	claims := []string{idClaim(e.ID)}
	switch {
	case e.Cloud == Azure:
		for _, o := range e.Operations {
			if o.Required {
				claims = append(claims, ruleClaim(o.Rule))
			}
		}
	case e.Type != State:
		claims = append(claims, filterClaim(e.Names.Filter), metricClaim(e.Names.Metric), alarmClaim(e.Names.Alarm))
	}
	for _, b := range e.versions() {
		for _, number := range e.numbers(b) {
			claims = append(claims, numberClaim(b, number))
		}
	}
	return claims
}

// byNumber compares the places of two controls in the default benchmark.
func byNumber(a, b Control) int {
	return cmp.Or(slices.Compare(a.place(), b.place()), cmp.Compare(a.ID, b.ID))
}

// place returns the number in the default benchmark as integers, and what is
// greater than any number without one.
func (c Control) place() []int {
	numbers := c.numbers(c.in(DefaultBenchmarkOf(c.Cloud)))
	if len(numbers) == 0 {
		return []int{math.MaxInt}
	}
	var place []int
	for part := range strings.SplitSeq(numbers[0], ".") {
		place = append(place, atoi(part))
	}
	return place
}

// atoi returns the value of digits, or of too many of them the greatest integer.
func atoi(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return math.MaxInt
	}
	return n
}
