package subscription

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// SchemaV1 is the schema of a saved snapshot, the same as that of AWS accounts:
// one format for every cloud.
const SchemaV1 = "monitorctl/snapshot/v1"

// MaxFile bounds a saved snapshot in bytes.
const MaxFile = 256 << 20

// Encode writes a snapshot as indented JSON. Equal snapshots give equal bytes.
func Encode(w io.Writer, s Snapshot) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return fmt.Errorf("encoding snapshot: %w", err)
	}
	return nil
}

// IsSnapshot reports whether data is a saved snapshot that holds subscriptions, and
// not accounts.
func IsSnapshot(data []byte) bool {
	var head struct {
		Schema        string          `json:"schema"`
		Subscriptions json.RawMessage `json:"subscriptions"`
		Accounts      json.RawMessage `json:"accounts"`
	}
	return json.NewDecoder(bytes.NewReader(data)).Decode(&head) == nil && head.Schema == SchemaV1 && head.Subscriptions != nil && head.Accounts == nil
}

// Decode reads a saved snapshot and checks that it is whole. A field that it does
// not know is an error: one that is silently dropped could turn a verdict.
func Decode(data []byte) (Snapshot, error) {
	if len(data) > MaxFile {
		return Snapshot{}, fmt.Errorf("reading snapshot: it is larger than %d MB", MaxFile>>20)
	}
	var s Snapshot
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Snapshot{}, fmt.Errorf("reading snapshot: %w", err)
	}
	if rest := bytes.TrimSpace(data[dec.InputOffset():]); len(rest) > 0 {
		return Snapshot{}, fmt.Errorf("reading snapshot: text after the end of the snapshot")
	}
	if fault := s.fault(); fault != "" {
		return Snapshot{}, fmt.Errorf("reading snapshot: %s", fault)
	}
	return s, nil
}

// fault names the first thing that a snapshot promises and this one does not keep.
func (s *Snapshot) fault() string {
	switch {
	case s.Schema != SchemaV1:
		return fmt.Sprintf("its schema is %q, not %s", s.Schema, SchemaV1)
	case s.TakenAt.IsZero():
		return "it has no takenAt"
	case len(s.Subscriptions) == 0:
		return "it has no subscriptions"
	case !slices.IsSortedFunc(s.Subscriptions, func(a, b Subscription) int { return compare(a.ID, b.ID) }):
		return "its subscriptions are not sorted by id"
	}
	for i, sub := range s.Subscriptions {
		switch {
		case !IsGUID(sub.ID):
			return fmt.Sprintf("subscription id %q is not a GUID", sub.ID)
		case i > 0 && Same(sub.ID, s.Subscriptions[i-1].ID):
			return "subscription " + sub.ID + " appears twice"
		case sub.State == "":
			return "subscription " + sub.ID + " has no state"
		}
		for id, read := range sub.Elsewhere {
			if read == nil || id != Fold(id) {
				return "subscription " + sub.ID + ": the action group " + id + " elsewhere is null or not in lower case"
			}
		}
	}
	return ""
}

func compare(a, b string) int { return bytes.Compare([]byte(Fold(a)), []byte(Fold(b))) }

// Sort puts subscriptions in the order of a snapshot.
func Sort(list []Subscription) {
	slices.SortFunc(list, func(a, b Subscription) int { return compare(a.ID, b.ID) })
}
