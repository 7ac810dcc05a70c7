package change

import "strings"

// A Sign says what becomes of the object of an action.
type Sign byte

// Signs, as plans show them.
const (
	Adds    Sign = '+'
	Changes Sign = '~' // in place: nothing is deleted first
	Removes Sign = '-'
)

// SignOf returns what becomes of the object of an action.
func SignOf(a Action) Sign {
	kind := a.Kind()
	switch {
	case strings.HasPrefix(kind, "delete-") || strings.HasPrefix(kind, "remove-") || kind == "unsubscribe":
		return Removes
	case a.New():
		return Adds
	}
	return Changes
}

// A Tally counts actions by what becomes of their objects.
type Tally struct {
	Add, Change, Remove int

	// Waits are those of Add and Change that have no effect before a person has
	// answered, such as the subscriber of an e-mail address.
	Waits int
}

// TallyOf counts the actions in one account or, for "", in all.
func TallyOf(actions []Action, account string) Tally {
	var t Tally
	for _, a := range actions {
		if account != "" && a.Common().Account != account {
			continue
		}
		switch SignOf(a) {
		case Adds:
			t.Add++
		case Changes:
			t.Change++
		case Removes:
			t.Remove++
		}
		if w, ok := a.(interface{ Waits() bool }); ok && w.Waits() {
			t.Waits++
		}
	}
	return t
}
