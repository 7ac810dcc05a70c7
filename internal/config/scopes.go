package config

import (
	"regexp"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

var unitForm = regexp.MustCompile(`^(/.*|(ou|r)-[0-9a-z][-0-9a-z]*)$`)

// unit reads an organizational unit; "" where there is none.
func (r reader) unit(m yamlfile.Mapping) string {
	unit := m.Optional("ou")
	if r.OK() && unit != "" && !unitForm.MatchString(unit) {
		r.Fail(m.PlaceOfKey("ou"), "an id begins with ou- or r-, a path of names with /", "%q is not an organizational unit", unit)
	}
	return unit
}

// part reads what is asked of a part of an organization.
func (r reader) part(n ast.Node) Scope {
	m := r.Mapping(n, "a scope", "match", "set", "regions")
	var s Scope
	if at := m.Node("match"); at != nil {
		match := r.Mapping(at, "match", "ou")
		if match.Node("ou") != nil {
			s.Unit = r.unit(match)
		}
	}
	if m.Has("set") {
		s.Set = m.Word("set", catalog.Sets()...)
	}
	s.Regions = r.regions(m)
	if r.OK() && s.Set == "" && len(s.Regions) == 0 {
		r.Fail(yamlfile.PlaceOf(n), "", "a scope has a set, regions, or both")
	}
	return s
}
