package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// FleetLinesSchema is the value of "schema" in the first line of a report on many
// accounts in lines. Within it fields and types of lines are added, never changed or
// removed.
//
// Accounts of one class have the same findings but for their id, so that a class is
// written once, with the findings of its first account, before the accounts that name it:
// 10,000 accounts take 3 MB, not 600.
const FleetLinesSchema = "monitorctl/fleet-lines/v1"

// A FleetHeader is what a report on many accounts says of all of them.
type FleetHeader struct {
	Report       finding.Report // the scope; without accounts and findings
	Organization string         // id; "" when no organization listed the accounts
	Management   string         // its management account
	Trails       []FleetTrail
	Shard        string // "2/5"; "" for all
	Principal    string // ARN of who listed and read the accounts; "" for saved ones
}

// A FleetTrail is a trail that records all of an organization.
type FleetTrail struct {
	Name     string `json:"name"`
	Account  string `json:"account"`  // that owns it
	LogGroup string `json:"logGroup"` // name
	Owner    string `json:"logGroupAccount"`
	Region   string `json:"region"`
}

// A FleetAccount is one account of a report on many.
type FleetAccount struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	OUPath     string            `json:"ouPath"`  // ids
	OUNames    string            `json:"ouNames"` // /Workloads/Prod; "" where nobody asked
	State      string            `json:"state"`
	Tags       map[string]string `json:"tags,omitempty"`
	Joined     string            `json:"joined,omitempty"`     // the organization, RFC 3339; where it matters
	Basis      string            `json:"basis,omitempty"`      // covered, assumed; "" when it was read in full
	Unreadable string            `json:"unreadable,omitempty"` // the call that refused
	Skipped    string            `json:"skipped,omitempty"`    // why nobody looked
	Scope      string            `json:"scope,omitempty"`      // what the configuration asks of it as a part of the organization, in words; "" where that is what it asks of all
	Class      int               `json:"class,omitempty"`      // 0 when skipped

	DeniedRegions []string `json:"deniedRegions,omitempty"` // left out, because a service control policy denies them
}

// A FleetEnd says how a run over many accounts ended.
type FleetEnd struct {
	Complete bool   `json:"complete"`
	Why      string `json:"why,omitempty"` // why it is not complete
	Listed   int    `json:"listed"`        // accounts, as far as the list came; those skipped included

	Notes []FleetNote `json:"notes,omitempty"`
}

// A FleetNote is about the run, and no account's affair.
type FleetNote struct {
	Code    string `json:"code"` // a reason code
	Message string `json:"message"`
}

// The lines of the spool and of -o jsonl (docs/schema/fleet-lines-v1.schema.json). The name
// of the one field tells them apart.
type (
	fleetHeaderLine struct {
		Schema       string       `json:"schema"`
		Tool         jsonTool     `json:"tool"`
		GeneratedAt  string       `json:"generatedAt"`
		Scope        jsonScope    `json:"scope"`
		Organization string       `json:"organization"`
		Management   string       `json:"managementAccount"`
		Trails       []FleetTrail `json:"trails"`
		Shard        string       `json:"shard,omitempty"`
	}

	fleetClass struct {
		Number   int           `json:"number"`
		Account  string        `json:"account"` // whose findings stand here
		Trail    string        `json:"trail"`   // in words; "" when the accounts have none
		Home     string        `json:"home"`    // its region
		Regions  []string      `json:"regions"`
		Findings []jsonFinding `json:"findings"`
	}

	fleetClassLine struct {
		Class fleetClass `json:"class"`
	}

	fleetAccountLine struct {
		Account FleetAccount `json:"account"`
	}

	fleetEndLine struct {
		End FleetEnd `json:"end"`
	}
)

// A FleetClass is the findings of a class of accounts, those of one of them.
type FleetClass struct {
	Number   int
	Account  finding.AccountRef
	Findings []finding.Finding
	Regions  []string
}

// A FleetWriter writes a spool: what a run over many accounts found, as it comes.
type FleetWriter struct {
	w       *bufio.Writer
	written map[int]bool
	o       Options
	h       FleetHeader
}

// NewFleetWriter begins a spool.
func NewFleetWriter(w io.Writer, h FleetHeader, o Options) (*FleetWriter, error) {
	s := &FleetWriter{w: bufio.NewWriterSize(w, 1<<16), written: map[int]bool{}, o: o, h: h}
	return s, encodeLine(s.w, headerOfFleet(h, o))
}

func headerOfFleet(h FleetHeader, o Options) fleetHeaderLine {
	trails := h.Trails
	if trails == nil {
		trails = []FleetTrail{}
	}
	return fleetHeaderLine{
		Schema: FleetLinesSchema, Tool: toolOf(o), GeneratedAt: timeOf(h.Report.GeneratedAt), Scope: scopeOf(h.Report, o),
		Organization: h.Organization, Management: h.Management, Trails: trails, Shard: h.Shard,
	}
}

// Put adds an account, and its class unless that is there. class is nil for an account that
// was skipped.
func (s *FleetWriter) Put(a FleetAccount, class *FleetClass) error {
	if class != nil {
		a.Class = class.Number
		if !s.written[class.Number] {
			s.written[class.Number] = true
			if err := encodeLine(s.w, s.classLine(class)); err != nil {
				return err
			}
		}
	}
	return encodeLine(s.w, fleetAccountLine{a})
}

func (s *FleetWriter) classLine(c *FleetClass) fleetClassLine {
	return fleetClassLine{fleetClass{
		Number: c.Number, Account: c.Account.ID, Trail: c.Account.Trail, Home: c.Account.Home, Regions: list(c.Regions),
		Findings: each(c.Findings, func(f finding.Finding) jsonFinding {
			j := findingOf(f, s.h.Report.Benchmark, s.o)
			if f.Stages != (finding.Stages{}) {
				j.Stages = new(jsonStages(f.Stages))
			}
			return j
		}),
	}}
}

// End says how the run ended. A spool without it was cut off.
func (s *FleetWriter) End(e FleetEnd) error {
	if err := encodeLine(s.w, fleetEndLine{e}); err != nil {
		return err
	}
	return s.w.Flush()
}

// A Fleet is a report on many accounts, read from its spool as it is needed: the accounts
// are in memory, their findings are not.
type Fleet struct {
	FleetHeader
	FleetEnd
	Accounts []FleetAccount // judged, sorted by id
	Skipped  []FleetAccount // sorted by id

	ended   bool // the spool has its last line
	spool   io.ReaderAt
	only    func(*finding.Finding) bool // findings that count; nil: all
	classes map[int]span
	cache   map[int]*FleetClass
	recent  []int
}

// A span is where a line is in a spool.
type span struct{ offset, size int64 }

// cachedClasses is how many classes a report keeps in memory.
const cachedClasses = 64

// maxFleetLine bounds a line of a spool in bytes: a class has some ten findings.
const maxFleetLine = 64 << 20

// OpenFleet reads a spool of that size which a FleetWriter has written. The header is the
// writer's.
func OpenFleet(spool io.ReaderAt, size int64, h FleetHeader) (*Fleet, error) {
	f := &Fleet{FleetHeader: h, spool: spool, classes: map[int]span{}, cache: map[int]*FleetClass{}}
	in := bufio.NewReaderSize(io.NewSectionReader(spool, 0, size), 1<<16)
	regions := map[string]bool{}
	for offset := int64(0); ; {
		line, err := in.ReadBytes('\n')
		if len(line) == 0 && errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading the spool: %w", err)
		}
		if err := f.index(line, span{offset, int64(len(line))}, regions); err != nil {
			return nil, fmt.Errorf("reading the spool at byte %d: %w", offset, err)
		}
		offset += int64(len(line))
	}
	byID := func(a, b FleetAccount) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(f.Accounts, byID)
	slices.SortFunc(f.Skipped, byID)
	for name := range regions {
		f.Report.Regions = append(f.Report.Regions, name)
	}
	slices.Sort(f.Report.Regions)
	f.renumber()
	return f, nil
}

func (f *Fleet) index(line []byte, at span, regions map[string]bool) error {
	switch {
	case at.size > maxFleetLine:
		return errors.New("a line is too long")
	case bytes.HasPrefix(line, []byte(`{"class":`)):
		var c struct {
			Class struct {
				Number  int      `json:"number"`
				Regions []string `json:"regions"`
			} `json:"class"`
		}
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		for _, r := range c.Class.Regions {
			regions[r] = true
		}
		f.classes[c.Class.Number] = at
	case bytes.HasPrefix(line, []byte(`{"account":`)):
		var a fleetAccountLine
		if err := json.Unmarshal(line, &a); err != nil {
			return err
		}
		if a.Account.Skipped != "" {
			f.Skipped = append(f.Skipped, a.Account)
		} else {
			f.Accounts = append(f.Accounts, a.Account)
		}
	case bytes.HasPrefix(line, []byte(`{"end":`)):
		var e fleetEndLine
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		f.FleetEnd, f.ended = e.End, true
	}
	return nil
}

// renumber gives classes the numbers in which the sorted accounts have them: the same for
// every order of judging.
func (f *Fleet) renumber() {
	numbers, spans := map[int]int{}, map[int]span{}
	for i := range f.Accounts {
		old := f.Accounts[i].Class
		if numbers[old] == 0 {
			numbers[old] = len(numbers) + 1
			spans[numbers[old]] = f.classes[old]
		}
		f.Accounts[i].Class = numbers[old]
	}
	f.classes = spans
}

// class returns the findings of a class.
func (f *Fleet) class(n int) (*FleetClass, error) {
	if c := f.cache[n]; c != nil {
		return c, nil
	}
	at, ok := f.classes[n]
	if !ok {
		return nil, fmt.Errorf("reading the spool: class %d is missing", n)
	}
	data := make([]byte, at.size)
	if _, err := f.spool.ReadAt(data, at.offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	c, err := readClass(data)
	if err != nil {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	c.Number = n
	if f.only != nil {
		c.Findings = slices.DeleteFunc(c.Findings, func(x finding.Finding) bool { return !f.only(&x) })
	}
	if len(f.recent) == cachedClasses {
		delete(f.cache, f.recent[0])
		f.recent = f.recent[1:]
	}
	f.cache[n] = c
	f.recent = append(f.recent, n)
	return c, nil
}

func readClass(data []byte) (*FleetClass, error) {
	var line struct {
		Class struct {
			fleetClass
			Findings []json.RawMessage `json:"findings"`
		} `json:"class"`
	}
	if err := strictjson.DecodeKnown(data, &line); err != nil {
		return nil, err
	}
	c := &FleetClass{Number: line.Class.Number, Regions: line.Class.Regions,
		Account: finding.AccountRef{ID: line.Class.Account, Home: line.Class.Home, Trail: line.Class.Trail}}
	for _, raw := range line.Class.Findings {
		f, err := readFinding(raw)
		if err != nil {
			return nil, err
		}
		c.Findings = append(c.Findings, f)
	}
	return c, nil
}

// at returns the class with the findings of another of its accounts.
func (c *FleetClass) at(id string) *FleetClass {
	out := *c
	out.Account.ID = id
	out.Findings = make([]finding.Finding, len(c.Findings))
	for i, one := range c.Findings {
		out.Findings[i] = one.At(id)
	}
	return &out
}

// of returns the report on one account alone, with the header of all.
func (f *Fleet) of(a FleetAccount) (finding.Report, error) {
	c, err := f.class(a.Class)
	if err != nil {
		return finding.Report{}, err
	}
	r := f.Report
	r.Accounts = []finding.AccountRef{{ID: a.ID, Alias: a.Name, Home: c.Account.Home, Trail: c.Account.Trail}}
	r.Findings = c.at(a.ID).Findings
	return r, nil
}

// Each calls visit with the report on each account by itself, in the order of their ids.
func (f *Fleet) Each(visit func(a FleetAccount, r finding.Report) error) error {
	for _, a := range f.Accounts {
		r, err := f.of(a)
		if err == nil {
			err = visit(a, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Classes calls visit with each class that has accounts, and these, sorted by id.
func (f *Fleet) Classes(visit func(c *FleetClass, accounts []FleetAccount) error) error {
	members := map[int][]FleetAccount{}
	for _, a := range f.Accounts {
		members[a.Class] = append(members[a.Class], a)
	}
	for n := 1; n <= len(f.classes); n++ {
		c, err := f.class(n)
		if err == nil && len(members[n]) > 0 {
			err = visit(c, members[n])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// idsOf are the ids of accounts.
func idsOf(list []FleetAccount) []string {
	return each(list, func(a FleetAccount) string { return a.ID })
}

// owners are the accounts that hold what the others share.
func (f *Fleet) owners() []string {
	var list []string
	for _, t := range f.Trails {
		list = append(list, t.Account, t.Owner)
	}
	return list
}
