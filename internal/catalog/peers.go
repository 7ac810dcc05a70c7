package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A Peer is another auditor that looks for metric filters, by the name that users and
// the catalog give it.
type Peer string

// Peers, with the version whose texts the catalog has. Security Hub is modelled after
// its user guide, Powerpipe and CloudSploit after the published sources of their
// checks.
const (
	ProwlerPeer     Peer = "prowler"      // 5.46.0, its own checks run in CI
	SecurityHubPeer Peer = "security-hub" // controls CloudWatch.1 to CloudWatch.14
	PowerpipePeer   Peer = "powerpipe"    // steampipe-mod-aws-compliance a1d0b44
	CloudSploitPeer Peer = "cloudsploit"  // 4b5bbd8, monitoringMetrics
	CustodianPeer   Peer = "custodian"    // c7n 0.9.53, fed with the texts that a benchmark prints
)

// AllPeers returns all of them, in the order of reports.
func AllPeers() []Peer {
	return []Peer{ProwlerPeer, SecurityHubPeer, PowerpipePeer, CloudSploitPeer, CustodianPeer}
}

// A Match is how a peer holds the pattern of a filter against a text of the catalog.
type Match string

// Matches.
const (
	Printed   Match = "printed"   // character by character, in the versions that print the text
	Literal   Match = "literal"   // character by character
	Exact     Match = "exact"     // the same once parsed: white space and needless parentheses aside
	Spaceless Match = "spaceless" // the same characters, white space and case aside
	Unquoted  Match = "unquoted"  // spaceless, of the text without its quotation marks
	Lookahead Match = "lookahead" // has every comparison of the text, in any order, quoted or not
	Ordered   Match = "ordered"   // has them in their order, quoted or not
	Sequence  Match = "sequence"  // has them in their order, quoted as in the text
)

// matches are all of them.
var matches = []string{
	string(Printed), string(Literal), string(Exact), string(Spaceless), string(Unquoted), string(Lookahead), string(Ordered), string(Sequence),
}

// A Want is a text that satisfies a peer.
type Want struct {
	ID    string // of the text in the catalog
	Text  string // as a filter has it: for Unquoted without quotation marks
	Match Match

	// Noise says what the text matches beyond what the control asks for, or what it
	// makes void, as a clause; "" for a text that costs nothing.
	Noise string

	// Never says why the text is never written, as a clause; "" for one that may be.
	Never string

	written bool // for the version in question, by apply
	terms   []term
}

// A term is one comparison that a peer looks for.
type term struct {
	text string // as the text has it
	form *regexp.Regexp
}

// Wants returns the texts that satisfy a peer in b; each would do: those that
// cost nothing first, of these what apply writes for b, then in catalog order. Nil
// when the peer has no check for the control.
func (c Control) Wants(p Peer, b Benchmark) []Want {
	var wants []Want
	in := c.in(b)
	for _, t := range c.Patterns {
		m, ok := t.Peers[p]
		if !ok || m == Printed && !slices.Contains(t.Versions, in) {
			continue
		}
		w := Want{ID: t.ID, Text: m.text(t.Text), Match: m, Noise: t.Noise, Never: t.Never, written: t.ID == c.Writes(b).ID, terms: m.terms(t.Text)}
		if w.written {
			w.Noise = "" // the version asks for it
		}
		wants = append(wants, w)
	}
	slices.SortStableFunc(wants, func(x, y Want) int { return x.rank() - y.rank() })
	return wants
}

// rank orders texts, the one to write first.
func (w Want) rank() int {
	switch {
	case w.Never != "":
		return 3
	case w.Noise != "":
		return 2
	case !w.written:
		return 1
	}
	return 0
}

// text is what a filter has to have to satisfy a match.
func (m Match) text(text string) string {
	if m == Unquoted {
		return strings.ReplaceAll(text, `"`, "")
	}
	return text
}

// Satisfied reports whether the pattern of a filter is what the peer wants.
func (w Want) Satisfied(filter string) bool {
	switch w.Match {
	case Exact:
		return sameTree(w.Text, filter)
	case Spaceless, Unquoted:
		return spaceless(w.Text) == spaceless(filter)
	case Lookahead, Ordered, Sequence:
		return len(w.terms) > 0 && len(w.Lacks(filter)) == 0
	}
	return w.Text == filter
}

// Satisfies reports whether the pattern of a filter is one of the texts that a peer
// wants.
func Satisfies(wants []Want, filter string) bool {
	return slices.ContainsFunc(wants, func(w Want) bool { return w.Satisfied(filter) })
}

func sameTree(a, b string) bool {
	x, err := pattern.Parse(a)
	if err != nil {
		return false
	}
	y, err := pattern.Parse(b)
	return err == nil && x.String() == y.String()
}

func spaceless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// comparison finds what peers look for with regular expressions: "$.field = value",
// "$.field NOT EXISTS".
var comparison = regexp.MustCompile(`\$\.([A-Za-z.]+)\s*(?:(!?=)\s*("[^"]*"|[^\s()&|]+)|NOT EXISTS)`)

// Lacks returns the comparisons of the text that the pattern of a filter lacks, or
// that are not behind the ones before, as the text has them. Only the matches that
// look for comparisons have any.
func (w Want) Lacks(filter string) []string {
	var lacks []string
	at := 0
	for i, t := range w.terms {
		found := t.form.FindStringIndex(filter[at:])
		switch {
		case found == nil || w.Match != Lookahead && i > 0 && found[0] == 0:
			lacks = append(lacks, t.text)
		case w.Match != Lookahead:
			at += found[1]
		}
	}
	return lacks
}

// terms are what a peer looks for that looks for the comparisons of a text; nil for one
// that compares texts.
func (m Match) terms(text string) []term {
	if m != Lookahead && m != Ordered && m != Sequence {
		return nil
	}
	var terms []term
	for _, parts := range comparison.FindAllStringSubmatch(text, -1) {
		terms = append(terms, term{parts[0], regexp.MustCompile(m.expression(parts))})
	}
	return terms
}

// expression is what a peer looks for of one comparison, whose parts are the whole, the
// field, the operator and the value.
func (m Match) expression(parts []string) string {
	field, operator, value := regexp.QuoteMeta(parts[1]), parts[2], parts[3]
	if operator == "" {
		return `\$\.` + field + ` NOT EXISTS`
	}
	lead := `\$\.` + field + `\s*` + operator + `\s*`
	if m == Sequence {
		return lead + regexp.QuoteMeta(value)
	}
	end := ""
	if m == Lookahead && parts[1] == "eventName" {
		end = `\b`
	}
	return lead + `.?` + regexp.QuoteMeta(strings.Trim(value, `"`)) + end
}

// peers reads who is satisfied by a text, and at what price.
func (m mapping) peers(t *Text) {
	if t.Noise = m.Optional("noise"); t.Noise == "" {
		t.Never = m.Optional("never")
	}
	if !m.Has("peers") {
		return
	}
	var known []string
	for _, p := range AllPeers() {
		known = append(known, string(p))
	}
	p := m.mapping(m.Node("peers"), "peers", known...)
	if !p.OK() {
		return
	}
	t.Peers = map[Peer]Match{}
	for _, name := range known {
		if !p.Has(name) {
			continue
		}
		match := Match(p.Word(name, matches...))
		t.Peers[Peer(name)] = match
		if _, err := pattern.Parse(match.text(t.Text)); err != nil {
			m.Fail(p.PlaceOfKey(name), "", "without its quotation marks the pattern is not valid: %v", err)
		}
	}
}

// wanted returns what filters for peers have as their patterns, of all texts that may
// be written.
func (t Text) wanted() []string {
	var texts []string
	for _, p := range AllPeers() {
		m, ok := t.Peers[p]
		if text := m.text(t.Text); ok && t.Never == "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// A PeerText is the pattern of a filter that may be written for peers.
type PeerText struct {
	Text string

	// Number is its place among those of the control, from 1 on. It is part of the
	// name of the filter: the same text has the same name, whoever asks for it.
	Number int
}

// PeerTexts returns what filters for peers may have as their patterns, each once.
func (c Control) PeerTexts() []PeerText {
	var texts []PeerText
	for _, t := range c.Patterns {
		for _, text := range t.wanted() {
			if !slices.ContainsFunc(texts, func(have PeerText) bool { return have.Text == text }) {
				texts = append(texts, PeerText{text, len(texts) + 1})
			}
		}
	}
	return texts
}

// ParsePeers reads names of peers. The result is in the order of reports, each once.
func ParsePeers(names []string) ([]Peer, error) {
	var peers []Peer
	for _, p := range AllPeers() {
		if slices.Contains(names, string(p)) {
			peers = append(peers, p)
		}
	}
	for _, name := range names {
		if !slices.Contains(AllPeers(), Peer(name)) {
			return nil, fmt.Errorf("%q is not an auditor that monitorctl knows: expected %s", name, joined(AllPeers()))
		}
	}
	return peers, nil
}

func joined(peers []Peer) string {
	names := make([]string, len(peers))
	for i, p := range peers {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}
