package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// AuditSchema is the value of "schema" in JSON reports. Within it fields are
// added, never changed or removed (docs/output.md).
const AuditSchema = "monitorctl/audit/v1"

// The structs below are the published form of a report: docs/output.md
// describes each field, docs/schema/audit-v1.schema.json is checked in tests.
type (
	jsonReport struct {
		Schema      string        `json:"schema"`
		Tool        jsonTool      `json:"tool"`
		GeneratedAt string        `json:"generatedAt"`
		Scope       jsonScope     `json:"scope"`
		Baseline    *jsonBaseline `json:"baseline"`
		Findings    []jsonFinding `json:"findings"`
		Summary     jsonSummary   `json:"summary"`
	}

	jsonTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}

	jsonScope struct {
		Benchmark string        `json:"benchmark"`
		Controls  []string      `json:"controls"`
		Accounts  []jsonAccount `json:"accounts"`
		Regions   []string      `json:"regions"`
		Framework *jsonTitle    `json:"framework"`
		Config    *jsonConfig   `json:"config"`
		Checked   *jsonChecked  `json:"checked"`
		Azure     *jsonShare    `json:"azure,omitempty"` // of a report about both clouds
	}

	jsonShare struct {
		Benchmark string       `json:"benchmark"`
		Checked   *jsonChecked `json:"checked"`
	}

	jsonChecked struct {
		Text     string   `json:"text"`
		Set      string   `json:"set"`
		Numbered int      `json:"numbered"`
		Total    int      `json:"total"`
		Others   []string `json:"others"`
	}

	jsonBaseline struct {
		Path  string      `json:"path"`
		Known int         `json:"known"`
		Fixed []jsonFixed `json:"fixed"`
	}

	jsonFixed struct {
		ID      string `json:"id"`
		Control string `json:"control"`
		Account string `json:"account"`
	}

	jsonAccount struct {
		Cloud string `json:"cloud,omitempty"` // "" for AWS
		ID    string `json:"id"`
		Alias string `json:"alias"`
	}

	jsonTitle struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}

	jsonConfig struct {
		Path   string `json:"path"`
		SHA256 string `json:"sha256"`
	}

	jsonFinding struct {
		Cloud       string          `json:"cloud,omitempty"` // "" for AWS
		ID          string          `json:"id"`
		Control     string          `json:"control"`
		Title       string          `json:"title"`
		Severity    string          `json:"severity"`
		Benchmark   *jsonNumber     `json:"benchmark"`
		Account     string          `json:"account"`
		Status      string          `json:"status"`
		Known       bool            `json:"known"`
		Reasons     []jsonReason    `json:"reasons"`
		Missed      []jsonMissed    `json:"missed"`
		Narrowed    []jsonNarrowing `json:"narrowed"`
		Chain       []jsonLink      `json:"chain"`
		Mapped      []string        `json:"mapped"`
		Transport   string          `json:"transport,omitempty"`
		Literal     bool            `json:"literal"`
		Peers       []jsonOpinion   `json:"peers,omitempty"`
		BlindSpots  []jsonBlindSpot `json:"blindSpots"`
		Waiver      *jsonWaiver     `json:"waiver"`
		Remediation string          `json:"remediation"`
		Command     string          `json:"command"`
		Stages      *jsonStages     `json:"stages,omitempty"` // in lines on many accounts only
	}

	jsonStages struct {
		Trail  finding.LinkState `json:"trail"`
		Filter finding.LinkState `json:"filter"`
		Alarm  finding.LinkState `json:"alarm"`
		Notify finding.LinkState `json:"notify"`
	}

	jsonNumber struct {
		ID     string `json:"id"`
		Number string `json:"number"`
	}

	jsonReason struct {
		Code       string        `json:"code"`
		Status     string        `json:"status"`
		Link       string        `json:"link"`
		Resource   string        `json:"resource"`
		Message    string        `json:"message"`
		ID         string        `json:"id"`
		Conditions []string      `json:"conditions"`
		Call       *jsonCall     `json:"call"`
		Accepted   *jsonAccepted `json:"accepted"`
	}

	jsonCall struct {
		Operation string `json:"operation"`
		Code      string `json:"code"`
	}

	jsonAccepted struct {
		Reason  string `json:"reason"`
		Owner   string `json:"owner"`
		Expires string `json:"expires"`
	}

	jsonMissed struct {
		Source  string   `json:"source"`
		Event   string   `json:"event"`
		Regions []string `json:"regions"`
	}

	jsonNarrowing struct {
		By      string `json:"by"`
		Text    string `json:"text"`
		Example string `json:"example"`
		Filter  string `json:"filter"`
	}

	jsonLink struct {
		Link     string `json:"link"`
		Depth    int    `json:"depth"`
		Resource string `json:"resource"`
		State    string `json:"state"`
		Detail   string `json:"detail"`
	}

	jsonOpinion struct {
		Peer   string    `json:"peer"`
		Status string    `json:"status,omitempty"`
		Why    string    `json:"why,omitempty"`
		Basis  string    `json:"basis,omitempty"`
		Passes *[]string `json:"passes,omitempty"`
		Fails  *[]string `json:"fails,omitempty"`
	}

	jsonBlindSpot struct {
		Source string `json:"source"`
		Event  string `json:"event"`
		Risk   string `json:"risk"`
	}

	jsonWaiver struct {
		Reason  string `json:"reason"`
		Owner   string `json:"owner"`
		Expires string `json:"expires"`
		Status  string `json:"status"`
		Scope   string `json:"scope"`
		Unit    string `json:"ou,omitempty"`
		Tag     string `json:"tag,omitempty"`
	}

	jsonSummary struct {
		Pass          int `json:"pass"`
		Warn          int `json:"warn"`
		Fail          int `json:"fail"`
		Unknown       int `json:"unknown"`
		Waived        int `json:"waived"`
		NotApplicable int `json:"notApplicable"`
	}
)

// JSON writes a report for programs: one object, indented, with a line break
// at its end.
func JSON(w io.Writer, r finding.Report, o Options) error {
	return encodeJSON(w, jsonReport{
		Schema:      AuditSchema,
		Tool:        toolOf(o),
		GeneratedAt: timeOf(r.GeneratedAt),
		Scope:       scopeOf(r, o),
		Baseline:    baselineOf(o),
		Findings:    each(r.Findings, func(f finding.Finding) jsonFinding { return findingOf(f, r.Of(f.Cloud).Benchmark, o) }),
		Summary:     summaryOf(r),
	})
}

func toolOf(o Options) jsonTool { return jsonTool{Name: "monitorctl", Version: o.Version} }

func timeOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func scopeOf(r finding.Report, o Options) jsonScope {
	s := jsonScope{
		Benchmark: string(r.Benchmark),
		Controls:  list(r.Controls),
		Accounts:  each(r.Accounts, func(a finding.AccountRef) jsonAccount { return jsonAccount{string(a.Cloud), a.ID, a.Alias} }),
		Regions:   list(r.Regions),
	}
	if r.Framework.ID != "" {
		s.Framework = &jsonTitle{r.Framework.ID, r.Framework.Title}
	}
	if o.Config != nil {
		s.Config = &jsonConfig{o.Config.Path, o.Config.SHA256}
	}
	s.Checked = checkedOf(r.Of(catalog.AWS))
	if r.Both() {
		s.Azure = &jsonShare{string(r.Azure.Benchmark), checkedOf(r.Of(catalog.Azure))}
	}
	return s
}

// checkedOf is what a report about one cloud says of how much was checked, nil when
// nobody said.
func checkedOf(r finding.Report) *jsonChecked {
	text := checkedText(r)
	if text == "" {
		return nil
	}
	return &jsonChecked{text, r.Checked.Set, r.Checked.Numbered, r.Checked.Total, append([]string{}, r.Checked.Others...)}
}

func baselineOf(o Options) *jsonBaseline {
	if o.Baseline == nil {
		return nil
	}
	fixed := each(o.Baseline.Fixed, func(f finding.Finding) jsonFixed { return jsonFixed{f.ID, f.Control, f.Account} })
	return &jsonBaseline{Path: o.Baseline.Path, Known: len(o.Baseline.Known), Fixed: fixed}
}

func findingOf(f finding.Finding, benchmark catalog.Benchmark, o Options) jsonFinding {
	j := jsonFinding{
		Cloud:       string(f.Cloud),
		ID:          f.ID,
		Control:     f.Control,
		Title:       f.Title,
		Severity:    f.Severity.String(),
		Account:     f.Account,
		Status:      string(f.Status),
		Known:       o.known(f),
		Reasons:     reasonsOf(&f, f.Reasons),
		Missed:      each(f.Missed, func(m finding.MissedEvent) jsonMissed { return jsonMissed{m.Source, m.Event, list(m.Regions)} }),
		Narrowed:    each(f.Narrowed, func(n finding.Narrowing) jsonNarrowing { return jsonNarrowing(n) }),
		Chain:       each(f.Chain, linkOf),
		Mapped:      list(f.Mapped),
		Transport:   string(f.Transport),
		Literal:     f.Literal,
		Peers:       each(f.Peers, opinionOf),
		BlindSpots:  each(f.BlindSpots, func(s finding.BlindSpot) jsonBlindSpot { return jsonBlindSpot(s) }),
		Remediation: f.Remediation,
		Command:     f.Command,
	}
	if w := f.Waiver; w != nil {
		j.Waiver = &jsonWaiver{w.Reason, w.Owner, w.Expires.Format(time.DateOnly), string(w.Was), waiverScope(w), w.Unit, w.Tag}
	}
	if f.Number != "" {
		j.Benchmark = &jsonNumber{string(benchmark), f.Number}
	}
	return j
}

// reasonsOf returns reasons of a finding; list need not be all of them.
func reasonsOf(f *finding.Finding, list []finding.Reason) []jsonReason {
	return each(list, func(r finding.Reason) jsonReason {
		j := jsonReason{
			Code: string(r.Code), Status: string(r.Status), Link: string(r.Link), Resource: r.Resource, Message: r.Message, ID: f.CauseID(r),
			Conditions: append([]string{}, r.Conditions...),
		}
		if c := r.Call; c != nil {
			j.Call = &jsonCall{c.Operation, c.Code}
		}
		if a := r.Accepted; a != nil {
			j.Accepted = &jsonAccepted{a.Reason, a.Owner, a.Expires.Format(time.DateOnly)}
		}
		return j
	})
}

// The scopes of a waiver.
const (
	scopeControl = "control" // whatever is wrong with the control
	scopeCauses  = "causes"  // what accept entries name
)

func waiverScope(w *finding.Waiver) string {
	if w.Causes {
		return scopeCauses
	}
	return scopeControl
}

func linkOf(l finding.Link) jsonLink {
	return jsonLink{string(l.Kind), l.Depth, l.Resource, string(l.State), l.Detail}
}

func summaryOf(r finding.Report) jsonSummary { return jsonSummary(r.Summary()) }

// each maps a list; the result is never nil, so that JSON has [] and not null.
func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// list returns in, or an empty list for nil.
func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}

// encodeJSON writes v indented. Characters that a terminal would obey or that
// reorder text are written as \u escapes, which mean the same to a parser.
func encodeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeUnsafe(b.Bytes()))
	return err
}

// escapeUnsafe escapes what the encoder leaves: DEL, C1 and format characters,
// and the second of two number signs (see Sanitize). Outside strings JSON is
// ASCII, so that every such character is in a string.
func escapeUnsafe(text []byte) []byte {
	var out []byte
	done := 0     // where the part of text begins that is not in out
	sign := false // the character before is a number sign, as it stands
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < 0x7f && c != '#' || c == '\n' {
			sign = false
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		second := sign && r == '#'
		sign = r == '#' && !second
		if second || !isSafeRune(r) {
			out = appendEscape(append(out, text[done:i]...), r)
			done = i + size
		}
		i += size
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// appendEscape appends the \u escape of r.
func appendEscape(out []byte, r rune) []byte {
	if r > 0xffff {
		hi, lo := surrogates(r)
		return fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}

// surrogates returns the two halves that JSON needs for a rune above U+FFFF.
func surrogates(r rune) (hi, lo rune) {
	r -= 0x10000
	return 0xd800 + r>>10, 0xdc00 + r&0x3ff
}

// textOnly is what an opinion on AWS rests on: whether the filters have alarms, and
// whether anyone subscribes, is not looked at.
const textOnly = "text only"

func opinionOf(p finding.Opinion) jsonOpinion {
	if p.Status != "" {
		return jsonOpinion{Peer: p.Peer, Status: string(p.Status), Why: p.Why, Basis: textOnly}
	}
	passes, fails := list(p.Passes), list(p.Fails)
	return jsonOpinion{Peer: p.Peer, Passes: &passes, Fails: &fails}
}
