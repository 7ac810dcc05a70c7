// Package planfile saves a plan, so that apply can carry out exactly that plan
// later, or refuse because the account has moved on.
//
// A file holds the wishes that the plan was made from, its actions in full, and
// the facts of the account that they rest on. Apply plans again from the wishes
// and compares: what it writes is the new plan, and only if it is the saved one.
// So a file that was edited by hand can be refused, but never write what a plan
// of its own would not have written.
package planfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/change"
)

// Schema is the value of File.Schema that this version writes and reads.
const Schema = "monitorctl/saved-plan/v1"

// The published form of a saved plan: docs/output.md,
// docs/schema/saved-plan-v1.schema.json.
type (
	// A File is a saved plan. What its wishes are belongs to the cloud.
	File[W Wishes] struct {
		Schema  string    `json:"schema"`
		Digest  string    `json:"digest"` // "sha256:" and hexadecimal digits, over the rest of the file
		Tool    Tool      `json:"tool"`
		SavedAt time.Time `json:"savedAt"` // UTC, whole seconds

		Account   string `json:"account"` // 12 digits
		Partition string `json:"partition"`

		// Config is the configuration that the plan was made with; nil without one.
		Config *Config `json:"config"`

		Wishes  W        `json:"wishes"`
		Basis   []Fact   `json:"basis"`
		Actions []Action `json:"actions"`
	}

	// Tool is the program that saved the plan.
	Tool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}

	// A Config names a configuration file.
	Config struct {
		Path   string `json:"path"`
		SHA256 string `json:"sha256"`
	}

	// A Fact is something about the account that the plan rests on.
	Fact struct {
		Resource string `json:"resource"`
		Name     string `json:"name"`
		Value    string `json:"value"`
	}

	// An Action is one change, with the object that it writes in full. What
	// Object holds depends on Kind.
	Action struct {
		Kind   string          `json:"kind"`
		Region string          `json:"region"`
		Name   string          `json:"name"` // in words; with Kind and Region it tells actions apart
		Why    string          `json:"why"`
		Closes []string        `json:"closes"`
		Before json.RawMessage `json:"before"` // null: the object is new
		After  json.RawMessage `json:"after"`
		Secret bool            `json:"secret,omitempty"` // After is never shown
	}
)

// MadeBy is what a plan depends on beside the account and the wishes.
type MadeBy struct {
	Version string  // of monitorctl
	Config  *Config // nil without one
}

// Wishes are what a plan was asked for.
type Wishes interface {
	// Check holds the wishes to the rules that flags are held to.
	Check() error
}

// An Account is the one that a saved plan is for.
type Account struct{ ID, Partition string }

// New returns the file of the actions of a plan without conflicts, with the facts
// that they rest on.
func New[W Wishes](a Account, wishes W, basis []change.Fact, actions []change.Action, by MadeBy, now time.Time) File[W] {
	f := File[W]{
		Schema: Schema, Tool: Tool{"monitorctl", by.Version}, Config: by.Config, SavedAt: now.UTC().Truncate(time.Second),
		Account: a.ID, Partition: a.Partition, Wishes: wishes, Basis: []Fact{}, Actions: []Action{},
	}
	for _, x := range basis {
		f.Basis = append(f.Basis, Fact(x))
	}
	for _, a := range actions {
		m, s := a.Common(), a.Saved()
		f.Actions = append(f.Actions, Action{
			Kind: a.Kind(), Region: m.Region, Name: s.Name, Why: m.Why, Closes: slices.Clone(m.Closes), Before: raw(s.Before), After: raw(s.After), Secret: s.Secret,
		})
	}
	f.Digest = f.digest()
	return f
}

// Encode writes the file as indented JSON.
func (f *File[W]) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // patterns are full of && and <
	enc.SetIndent("", "  ")
	if err := enc.Encode(f); err != nil {
		return fmt.Errorf("encoding the plan: %w", err)
	}
	return nil
}

// digest is over everything but itself. It finds edits and damage; against an
// attacker stands the comparison, not the digest.
func (f *File[W]) digest() string {
	rest := *f
	rest.Digest = ""
	data, _ := json.Marshal(rest) // plain data: it cannot fail
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func raw(v any) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // plain data: it cannot fail
	return bytes.TrimSpace(b.Bytes())
}
