// Package finding holds what a run found, whatever the cloud: a report, one
// finding for each account and control, and the evidence of each. Audits make
// findings; reports, comparisons, gates and waivers read them.
//
// A finding has a status and reasons. A reason names the link of the chain that
// it is about, by a stable code; the codes stand in the packages that judge.
// Statuses combine as fail > unknown > warn > pass: nothing unseen is ever a
// pass.
package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A Status is the verdict on one control in one account.
type Status string

// Statuses. When several reasons meet, the order is fail > unknown > warn >
// pass.
const (
	Pass          Status = "pass"
	Warn          Status = "warn" // someone is told, but something is off
	Fail          Status = "fail"
	Unknown       Status = "unknown" // could not be checked; the reason names the call
	Waived        Status = "waived"
	NotApplicable Status = "not-applicable"
)

// Rank is the place of a reason's status in that order, from 0 for Fail; -1 for a
// status that no reason has.
func (s Status) Rank() int { return slices.Index([]Status{Fail, Unknown, Warn, Pass}, s) }

// A Report is the outcome of one run: a header and the findings, ordered by
// account and then by control as asked for.
type Report struct {
	Benchmark   catalog.Benchmark
	Framework   catalog.Framework // that labels the findings; zero for none
	Checked     catalog.Checked   // how much of the benchmark was checked; zero when nobody said
	GeneratedAt time.Time         // UTC
	Accounts    []AccountRef
	Regions     []string // in scope, sorted
	Controls    []string // ids, in the order of the findings
	Findings    []Finding

	// Azure is what a report about both clouds asked of Azure; zero in a report about
	// one cloud, whichever it is. Benchmark, Checked and Regions are then about AWS.
	Azure Share
}

// A Share is what a report asked of one of two clouds.
type Share struct {
	Benchmark catalog.Benchmark
	Checked   catalog.Checked
}

// Both reports whether the report is about AWS and Azure.
func (r *Report) Both() bool { return r.Azure.Benchmark != "" }

// Of returns the report with the header that one about that cloud alone would have.
// Accounts, controls and findings stay.
func (r Report) Of(c catalog.Cloud) Report {
	if !r.Both() {
		return r
	}
	if c == catalog.Azure {
		r.Benchmark, r.Checked, r.Regions = r.Azure.Benchmark, r.Azure.Checked, nil
	}
	r.Azure = Share{}
	return r
}

// Add appends an account, the regions that were in scope there, and its
// findings.
func (r *Report) Add(a AccountRef, regions []string, findings []Finding) {
	r.Accounts = append(r.Accounts, a)
	r.Regions = slices.Compact(slices.Sorted(slices.Values(append(r.Regions, regions...))))
	r.Findings = append(r.Findings, findings...)
}

// Join appends the accounts, regions and findings of another report: one on the same
// controls, or one on Azure where r is on AWS.
func (r *Report) Join(o Report) {
	if o.Benchmark.Cloud() == catalog.Azure && r.Benchmark.Cloud() != catalog.Azure {
		r.Azure = Share{o.Benchmark, o.Checked}
		r.Controls = append(r.Controls, o.Controls...)
	}
	r.Accounts = append(r.Accounts, o.Accounts...)
	r.Regions = slices.Compact(slices.Sorted(slices.Values(append(r.Regions, o.Regions...))))
	r.Findings = append(r.Findings, o.Findings...)
}

// An AccountRef names an account and the trail that the table's header shows.
type AccountRef struct {
	Cloud catalog.Cloud
	ID    string // 12 digits; of a subscription of Azure a GUID
	Alias string // of a subscription its name

	// Header says of a subscription what a header shows beside its name, in words;
	// nil for AWS, which has Home and Trail.
	Header []string

	// Home is the region where the chain lives: the home region of Trail, ""
	// when the account has no trail.
	Home string

	// Trail describes the trail that carries most, in words: "org-trail
	// (multi-region, logging)"; "" when there is none.
	Trail string

	// Heartbeat names the alarms that notice when Trail stops delivering, "none" when
	// there is none; "" when the control for it was not in scope.
	Heartbeat string

	Origin Origin
}

// An Origin says where the evidence on an account comes from; zero when nobody asked.
type Origin struct {
	Principal string    // ARN of who read it; "" when it was saved, and for Azure
	Saved     bool      // in a file, which somebody read earlier
	At        time.Time // when, UTC
	SHA256    string    // hexadecimal, of the snapshot as 'monitorctl snapshot' writes it
}

// A Summary counts findings by status.
type Summary struct {
	Pass, Warn, Fail, Unknown, Waived, NotApplicable int
}

// Summary counts the findings by status.
func (r *Report) Summary() Summary {
	var s Summary
	for i := range r.Findings {
		switch r.Findings[i].Status {
		case Pass:
			s.Pass++
		case Warn:
			s.Warn++
		case Fail:
			s.Fail++
		case Unknown:
			s.Unknown++
		case Waived:
			s.Waived++
		case NotApplicable:
			s.NotApplicable++
		}
	}
	return s
}

// A Finding is the verdict on one control in one account, with its evidence.
type Finding struct {
	Cloud    catalog.Cloud
	ID       string // stable hash of account and control, hexadecimal
	Control  string
	Title    string
	Severity catalog.Severity
	Number   string // in the report's benchmark; "" when it has none there
	Account  string
	Status   Status

	// Reasons say why, the one closest to working first. Empty for a plain
	// pass.
	Reasons []Reason

	// Missed are the required events that nobody would be alerted to, sorted.
	Missed []MissedEvent

	// Narrowed are the conditions under which a required event is lost.
	Narrowed []Narrowing

	// Stages sums the chain up in the four columns of the table; for Azure Columns
	// does.
	Stages  Stages
	Columns []Stage

	// Chain is the evidence, every link that was looked at, in the order of
	// the tree: a trail, its log group, its filters, each with its alarms, ...
	Chain []Link

	// Mapped are the requirements of the report's framework that the control
	// helps to meet.
	Mapped []string

	// Transport says by what the required events reach a person; "" unless all do.
	Transport Transport

	// Literal reports whether some filter of the carrying chain is tree for tree
	// the text of the selected benchmark version.
	Literal bool

	// Peers are what other auditors would say of the same objects; nil where nobody
	// asked them. They never change the verdict.
	Peers []Opinion

	// BlindSpots are core operations that the selected version does not
	// require and that no live chain of this control reports.
	BlindSpots []BlindSpot

	// Remediation is one sentence that says what to do; "" for a pass.
	Remediation string

	// Command is the command that Remediation names and that plans a repair; "" when
	// nothing that monitorctl writes helps, or when nobody asked package plan.
	Command string

	// Repair is what the plan of Command does, in the languages of others; nil without a
	// command, or when nobody asked for it.
	Repair *Repair

	// Waiver is why the finding does not count; nil unless Status is Waived.
	// Everything else is as it would be without the waiver.
	Waiver *Waiver
}

// A Repair is code to copy. Secrets are inputs of it, and the address of a subscriber is the
// one in the command. No format but the page shows it.
type Repair struct {
	Shell     string // for a terminal with the cloud's CLI: lines that each end in a line feed; "" with Why
	Terraform string // one file for a root module that asks for the provider; "" with Why
	Why       string // why there is neither, as a clause; "" when there is
}

// An Opinion is what another auditor would say of the objects of a finding: of AWS one
// status, from the texts of metric filters alone; of Azure by the events that it has a
// check for.
type Opinion struct {
	Peer string

	Status Status // Pass, Fail or Unknown; "" for Azure
	Why    string // what it wants, or what could not be read, as a clause; "" for a pass

	Passes, Fails []string // names of events, in the order of the control; nil for AWS
}

// HashID returns the stable id of a finding: the same account and control give the
// same id in every run.
func HashID(account, control string) string {
	sum := sha256.Sum256([]byte(account + "\x00" + control))
	return hex.EncodeToString(sum[:8])
}

// Why returns the message of the first reason, "" when there is none.
func (f *Finding) Why() string {
	if len(f.Reasons) == 0 {
		return ""
	}
	return f.Reasons[0].Message
}

// A Reason is one thing that is wrong, odd or unseen.
type Reason struct {
	Code     Code
	Status   Status // what this reason alone makes of the finding; Pass for a note
	Link     LinkKind
	Resource string // ARN (see Link.Resource), "" when the thing does not exist
	Message  string // lower case, no full stop

	// Conditions are what the reason is about beside the resource, in words and
	// sorted: the conditions under which records are lost, as in Narrowing.Text, or
	// the names of the events that no filter matches, or the region without a trail.
	// Nil for other reasons.
	Conditions []string

	// Call is the read without answer that the reason is about; nil for other reasons.
	Call *Call

	// Accepted is why the reason does not count; nil for one that does.
	Accepted *Acceptance
}

// Equal reports whether two reasons say the same.
func (r Reason) Equal(o Reason) bool {
	return r.Code == o.Code && r.Status == o.Status && r.Link == o.Link && r.Resource == o.Resource && r.Message == o.Message &&
		slices.Equal(r.Conditions, o.Conditions)
}

// A MissedEvent is a required event that nobody would be alerted to.
type MissedEvent struct {
	Source  string // "*" in condition controls that mean any source
	Event   string // "*" in condition controls that mean any event
	Regions []string
}

// A Narrowing is a condition under which a required event is lost.
type Narrowing struct {
	By      string // identity, outcome, address, mfa, readOnly, schema, other
	Text    string // the condition in words
	Example string // one lost record, compact JSON
	Filter  string // ARN of the filter; "" when several share the work
}

// A BlindSpot is a core operation that the benchmark version does not require.
type BlindSpot struct {
	Source, Event, Risk string
}

// A LinkState says what a link is worth for the control.
type LinkState string

// Link states.
const (
	StateOK      LinkState = "ok"
	StateGap     LinkState = "gap"  // carries a part
	StateNone    LinkState = "none" // missing, or carries nothing
	StateUnknown LinkState = "unknown"
)

// Together is the state of a stage at which two probes have these states; "" is that
// of a stage which a probe does not reach.
func (s LinkState) Together(o LinkState) LinkState {
	switch {
	case s == o:
		return s
	case s == "":
		return o
	case o == "":
		return s
	case s == StateUnknown || o == StateUnknown:
		return StateUnknown
	}
	return StateGap
}

// A Link is one link of a chain, as evidence.
type Link struct {
	Kind LinkKind

	// Depth is the link's distance from the trail in the tree that explain
	// draws: a link's parent is the nearest earlier link of smaller depth.
	Depth int

	// Resource is the link's ARN; for a filter the log group's ARN +
	// ":metric-filter:NAME", for a metric "REGION/NAMESPACE/NAME", for a
	// subscription the ARN or the topic's ARN and the masked endpoint; "" when
	// the link does not exist.
	Resource string

	State  LinkState
	Detail string // in words
}

// A Transport is a way from CloudTrail to a person.
type Transport string

// Transports.
const (
	Metric      Transport = "metric"      // log group, metric filter, alarm
	EventBridge Transport = "eventbridge" // event bus, rule
	Both        Transport = "both"        // each carries everything, or they share the work
)

// A Code is the stable name of a reason (docs/judging.md, docs/output.md).
type Code string

// A Stage is one column of the table of a cloud other than AWS.
type Stage struct {
	Name  string // RULE
	State LinkState
}

// Stages says where the path closest to working breaks, in the four stages that
// the table shows. A stage is "" where there is nothing to judge, because an
// earlier one is missing.
type Stages struct {
	Trail  LinkState // trail and log group
	Filter LinkState
	Alarm  LinkState // metric and alarm
	Notify LinkState // action, topic and subscription
}
