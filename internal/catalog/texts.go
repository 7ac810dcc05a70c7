package catalog

import (
	"slices"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

// PatternLimit is the greatest length of a filter pattern in characters
// (PutMetricFilter of CloudWatch Logs).
const PatternLimit = 1024

// texts reads the filter patterns of a control.
func (r reader) texts(m mapping, c *Control) []Text {
	var texts []Text
	for _, n := range m.List("patterns") {
		p := r.mapping(n, "a pattern", "id", "versions", "writes", "note", "peers", "noise", "never", "text")
		t := Text{ID: p.Text("id"), Text: p.Text("text"), Note: p.Optional("note")}
		if slices.ContainsFunc(texts, func(other Text) bool { return other.ID == t.ID }) {
			r.Fail(p.PlaceOfKey("id"), "", "pattern %q is given twice", t.ID)
		}
		p.parses(t.Text)
		p.use(c, &t, texts)
		p.peers(&t)
		texts = append(texts, t)
	}
	if len(texts) == 0 {
		r.Fail(m.At, "", "the control lacks \"patterns\"")
	}
	for _, b := range benchmarks {
		if writer(texts, b) == nil && writer(texts, "") == nil {
			r.Fail(m.PlaceOfKey("patterns"), "add \"writes: always\" to one of them", "no pattern is written for benchmark %s", b.Version())
		}
	}
	return texts
}

// parses fails where the text of a pattern is none for records of a trail.
func (m mapping) parses(text string) {
	if !m.OK() {
		return
	}
	parsed, err := pattern.Parse(text)
	switch {
	case utf8.RuneCountInString(text) > PatternLimit:
		m.Fail(m.PlaceOfKey("text"), "", "the pattern has more than %d characters", PatternLimit)
	case err != nil:
		m.Fail(m.PlaceOfKey("text"), "", "%v", err)
	case parsed.Kind() != pattern.KindJSON:
		m.Fail(m.PlaceOfKey("text"), "records of CloudTrail are JSON: write { $.field = value }", "the pattern is not a JSON pattern")
	}
}

// use reads the versions that print a text, and those it is written for.
func (m mapping) use(c *Control, t *Text, before []Text) {
	var every bool
	if t.Versions, every = m.versions("versions"); every {
		m.Fail(m.PlaceOfKey("versions"), "leave the key out for a text that no version prints", "versions cannot be %q", always)
	}
	m.within(c, "versions", t.Versions)
	if t.Writes, every = m.versions("writes"); every {
		t.Writes = []Benchmark{""}
	}
	for _, b := range t.Writes {
		if other := writer(before, b); other != nil {
			m.Fail(m.PlaceOfKey("writes"), "", "pattern %q is written for %s already", other.ID, versionName(b))
		}
	}
}

// within fails where a version is none that has the control.
func (m mapping) within(c *Control, key string, versions []Benchmark) {
	for _, b := range versions {
		if _, ok := c.Numbers[b]; !ok {
			m.Fail(m.PlaceOfKey(key), "", "%s names %s, and the control has no number in that benchmark", key, b.Version())
		}
	}
}

// writer returns the text that names b among the versions it is written for.
func writer(texts []Text, b Benchmark) *Text {
	for i := range texts {
		if slices.Contains(texts[i].Writes, b) {
			return &texts[i]
		}
	}
	return nil
}

func versionName(b Benchmark) string {
	if b == "" {
		return "every version"
	}
	return b.Version()
}
