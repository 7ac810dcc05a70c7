package awstest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// criteria is a parsed fieldSelectionCriteria: alternatives of conjunctions.
// Source: PutMetricFilter; that AND precedes OR is usual, not documented.
type criteria [][]criterion

// A criterion compares one system field with values.
type criterion struct {
	field  string // @aws.account, @aws.region
	not    bool
	values []string
}

var criterionPattern = regexp.MustCompile(`(?i)^(@aws\.account|@aws\.region)\s*(=|!=|IN|NOT\s+IN)\s*("[^"]*"|\[\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*\]|\(\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*\))$`)

var quotedPattern = regexp.MustCompile(`"([^"]*)"`)

// parseCriteria parses a criteria text; the empty text selects everything.
func parseCriteria(text string) (criteria, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var all criteria
	for _, alternative := range splitWord(text, "OR") {
		var conjunction []criterion
		for _, term := range splitWord(alternative, "AND") {
			m := criterionPattern.FindStringSubmatch(strings.TrimSpace(term))
			if m == nil || strings.HasPrefix(m[3], `"`) == strings.HasSuffix(strings.ToUpper(m[2]), "IN") {
				return nil, fmt.Errorf("fieldSelectionCriteria: %q is not understood", strings.TrimSpace(term))
			}
			c := criterion{field: strings.ToLower(m[1]), not: m[2] == "!=" || strings.HasPrefix(strings.ToUpper(m[2]), "NOT")}
			for _, v := range quotedPattern.FindAllStringSubmatch(m[3], -1) {
				c.values = append(c.values, v[1])
			}
			conjunction = append(conjunction, c)
		}
		all = append(all, conjunction)
	}
	return all, nil
}

// splitWord splits at a keyword that stands between blanks, outside quotes.
func splitWord(text, word string) []string {
	var parts []string
	quoted, start := false, 0
	for i := 0; i < len(text); i++ {
		if text[i] == '"' {
			quoted = !quoted
		}
		end := i + 1 + len(word)
		if quoted || text[i] != ' ' || end >= len(text) || text[end] != ' ' || !strings.EqualFold(text[i+1:end], word) {
			continue
		}
		parts = append(parts, text[start:i])
		start = end
	}
	return append(parts, text[start:])
}

// selects reports whether events of the region's log groups are selected. The
// system fields of a group that no centralization rule feeds are taken to be its
// own account and region, which is undocumented.
func (c criteria) selects(r *Region) bool {
	if c == nil {
		return true
	}
	return slices.ContainsFunc(c, func(conjunction []criterion) bool {
		return !slices.ContainsFunc(conjunction, func(t criterion) bool {
			return slices.Contains(t.values, r.systemField(t.field)) == t.not
		})
	})
}

func (r *Region) systemField(name string) string {
	if name == "@aws.region" {
		return r.name
	}
	return r.account.id
}
