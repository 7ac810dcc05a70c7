// Package journal keeps a record of what apply and undo do to an account, so that
// it can be undone: for each write what stood there before and what stands there
// after it. It is the file alone: what the state of an object is belongs to the
// cloud.
//
// A journal is a text file of JSON lines. Its first line says whose account it
// is about; one of Azure may hold runs on several subscriptions, whose objects name
// theirs. Then there are two lines for each write: the intent, which is on the
// disk before the call is made, and the result. A process that is killed leaves
// at most one intent without a result; whether that write took place is for the
// account to answer.
package journal

import (
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/change"
)

// Schema is the value of Header.Schema that this version writes and reads.
const Schema = "monitorctl/journal/v1"

// The published form of a journal: docs/output.md,
// docs/schema/journal-v1.schema.json.

// A Header is the first line of a run.
type Header struct {
	Schema    string    `json:"schema"`
	Account   string    `json:"account"` // 12 digits, or the id of a subscription
	Partition string    `json:"partition"`
	Salt      string    `json:"salt"` // of the hashes of endpoints, hexadecimal
	Tool      string    `json:"tool"` // "monitorctl 1.2.3"
	StartedAt time.Time `json:"startedAt"`
}

// A Journal is what was read of a file: the writes of all of its runs, in order.
type Journal[S change.State[S]] struct {
	Header   Header   // of the first run
	Accounts []string // of all runs, each once, in their order
	Records  []change.Record[S]
	Times    []time.Time // when each record was begun
}

// spans reports whether a journal may go on with a run on another account: the ids of
// Azure's objects name their subscription.
func (h Header) spans(next Header) bool { return h.Partition == azure && next.Partition == azure }

// azure is the partition of a journal about subscriptions.
const azure = "azure"

// Objects returns the journal's objects, each once, the one that was written last
// first.
func (j *Journal[S]) Objects() []change.Object {
	var out []change.Object
	for _, r := range slices.Backward(j.Records) {
		if !slices.Contains(out, r.Object) {
			out = append(out, r.Object)
		}
	}
	return out
}

// Of returns the records of an object, in order.
func (j *Journal[S]) Of(o change.Object) []change.Record[S] {
	return slices.DeleteFunc(slices.Clone(j.Records), func(r change.Record[S]) bool { return r.Object != o })
}

// Only returns the journal with the records of some objects.
func (j *Journal[S]) Only(keep func(change.Object) bool) Journal[S] {
	out := Journal[S]{Header: j.Header, Accounts: j.Accounts}
	for i, r := range j.Records {
		if keep(r.Object) {
			out.Records, out.Times = append(out.Records, r), append(out.Times, j.Times[i])
		}
	}
	return out
}

// A line is one line behind the header, in its published form.
type line[S any] struct {
	N             int            `json:"n"` // of the write, 1-based; its result has the same
	At            time.Time      `json:"at"`
	Object        *change.Object `json:"object,omitempty"` // of an intent
	Before        *S             `json:"before,omitempty"`
	After         *S             `json:"after,omitempty"`
	BeforeUnknown bool           `json:"beforeUnknown,omitempty"`
	Result        change.Result  `json:"result,omitempty"`
	Error         string         `json:"error,omitempty"`
	ARN           string         `json:"arn,omitempty"`
}
