package targets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// A List is what a file of accounts says.
type List struct {
	Targets []Target

	// Notes are remarks for whoever gave the file, in words: what of it is not used.
	Notes []string
}

// Parse reads a list of accounts: ids, one a line; the JSON of 'aws organizations
// list-accounts'; or the accounts.yml of c7n-org. The name is for messages. An account that
// is there twice counts once, the first time.
func Parse(name string, data []byte) (List, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	text := bytes.TrimSpace(data)
	var list List
	var err error
	switch {
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		list, err = parseJSON(name, data)
	case isC7N(data):
		list, err = parseC7N(name, data)
	default:
		list, err = parseLines(name, string(data))
	}
	if err != nil {
		return List{}, err
	}
	if len(list.Targets) == 0 {
		return List{}, fmt.Errorf("%s: no account in it", name)
	}
	return list.once(), nil
}

// once keeps the first of several entries of an account.
func (l List) once() List {
	seen := map[string]bool{}
	before := len(l.Targets)
	l.Targets = slices.DeleteFunc(l.Targets, func(t Target) bool {
		twice := seen[t.ID]
		seen[t.ID] = true
		return twice
	})
	if n := before - len(l.Targets); n > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("%d accounts are listed more than once; the first entry of each counts", n))
	}
	return l
}

// IDs reads "111122223333,444455556666"; false when the text is something else, such as
// the name of a file.
func IDs(text string) ([]Target, bool) {
	var list []Target
	for _, id := range strings.Split(text, ",") {
		if !IsID(id) {
			return nil, false
		}
		list = append(list, Target{ID: id})
	}
	return List{Targets: list}.once().Targets, true
}

// parseLines reads an id a line. What follows the id, and lines that begin with #, are
// for people.
func parseLines(name, text string) (List, error) {
	var list List
	for i, line := range strings.Split(text, "\n") {
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\r' })
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if !IsID(fields[0]) {
			return List{}, fmt.Errorf("%s:%d: %q is not a 12-digit account id", name, i+1, short(fields[0]))
		}
		list.Targets = append(list.Targets, Target{ID: fields[0]})
	}
	return list, nil
}

func short(text string) string {
	if len(text) > 40 {
		return text[:40] + "..."
	}
	return text
}

// listed is an account in the JSON of list-accounts.
type listed struct {
	ID     string   `json:"Id"`
	Name   string   `json:"Name"`
	Email  string   `json:"Email"`
	State  string   `json:"State"`
	Status string   `json:"Status"`
	Paths  []string `json:"Paths"`
	Joined any      `json:"JoinedTimestamp"` // text, or seconds since 1970
}

// parseJSON reads {"Accounts": [...]}, the list alone, a list of ids, or accounts.yml of
// c7n-org as JSON.
func parseJSON(name string, data []byte) (List, error) {
	var doc struct {
		Accounts  []listed          `json:"Accounts"`
		NextToken string            `json:"NextToken"`
		C7N       []json.RawMessage `json:"accounts"`
	}
	var ids []string
	var list List
	switch {
	case json.Unmarshal(data, &ids) == nil:
		for _, id := range ids {
			list.Targets = append(list.Targets, Target{ID: id})
		}
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")):
		if err := strictjson.DecodeKnown(data, &doc.Accounts); err != nil {
			return List{}, fmt.Errorf("%s: %w", name, err)
		}
	default:
		var known map[string]json.RawMessage
		if err := strictjson.DecodeKnown(data, &known); err != nil {
			return List{}, fmt.Errorf("%s: %w", name, err)
		}
		if _, c7n := known["accounts"]; c7n {
			return parseC7NDocument(name, data, 1)
		}
		if err := strictjson.DecodeKnown(data, &doc); err != nil {
			return List{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, a := range doc.Accounts {
		list.Targets = append(list.Targets, a.target())
	}
	if doc.NextToken != "" {
		list.Notes = append(list.Notes, "the list has a NextToken: it is one page of several, and the rest is missing")
	}
	for i, t := range list.Targets {
		if !IsID(t.ID) {
			return List{}, fmt.Errorf("%s: account %d has the id %q, which has not 12 digits", name, i+1, short(t.ID))
		}
	}
	return list, nil
}

func (a listed) target() Target {
	t := Target{ID: a.ID, Name: a.Name, Email: a.Email, State: a.State}
	if t.State == "" {
		t.State = a.Status
	}
	if len(a.Paths) > 0 {
		t.Path = a.Paths[0]
	}
	switch joined := a.Joined.(type) {
	case string:
		t.Joined, _ = time.Parse(time.RFC3339, joined) // the zero time is "not known"
	case float64:
		t.Joined = time.UnixMilli(int64(joined * 1000)).UTC()
	}
	return t
}
