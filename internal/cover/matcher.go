package cover

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Matcher is a pattern of some language: it matches records or does not. It
// is used as a key, so its type must be comparable.
type Matcher interface {
	// Formula returns what the matcher asks of a record, under the reading of
	// the builder.
	Formula(*Builder) *Formula

	// Matches runs the matcher itself. Every record that is given as an example
	// was confirmed by it.
	Matches(*Record, Reading) bool

	// Doubts names the uncertain rules of its language on which Matches may
	// depend; none for most.
	Doubts() []string
}

// A Reading settles the uncertain rules of languages: it names those that are
// read the second of the two ways in which they can be meant.
type Reading []string

// Has reports whether a rule is read the second way.
func (r Reading) Has(rule string) bool { return slices.Contains(r, rule) }

// A Record is one record for matchers of any language. Each language decodes it at
// most once. It is for one goroutine.
type Record struct {
	JSON    []byte
	decoded map[string]any
}

// Decoded returns what decode made of the record when it was first called for
// this language.
func (r *Record) Decoded(language string, decode func([]byte) any) any {
	v, ok := r.decoded[language]
	if !ok {
		v = decode(r.JSON)
		if r.decoded == nil {
			r.decoded = map[string]any{}
		}
		r.decoded[language] = v
	}
	return v
}

// A Builder makes the formula of a matcher.
type Builder struct {
	p       *problem
	Reading Reading
}

// At means that the value at a path without wildcards passes a test.
func (b *Builder) At(path record.Path, t Test) *Formula { return b.p.literal(path, t) }

// Some means that what rest finds in some member of the value at parent passes
// the test. A member is that of an array or object. Neither path has a
// wildcard.
func (b *Builder) Some(parent, rest record.Path, t Test) *Formula {
	return b.p.someMember(parent, rest, t)
}

// Text means that the text of the record passes a test.
func (b *Builder) Text(t TextTest) *Formula { return b.p.textFormula(t) }
