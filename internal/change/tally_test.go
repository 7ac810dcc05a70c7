package change_test

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/change"
)

// A stub is an action of a kind.
type stub struct {
	change.Action
	account, kind string
	isNew, waits  bool
}

func (s stub) Common() change.Meta { return change.Meta{Account: s.account} }
func (s stub) Kind() string        { return s.kind }
func (s stub) New() bool           { return s.isNew }
func (s stub) Waits() bool         { return s.waits }

func TestTally(t *testing.T) {
	actions := []change.Action{
		stub{account: "a", kind: "create-topic", isNew: true}, stub{account: "a", kind: "subscribe", isNew: true, waits: true},
		stub{account: "a", kind: "put-metric-filter"}, stub{account: "a", kind: "delete-topic"},
		stub{account: "b", kind: "unsubscribe"}, stub{account: "b", kind: "remove-target"}, stub{account: "b", kind: "set-topic-policy"},
	}
	for account, want := range map[string]change.Tally{
		"":  {Add: 2, Change: 2, Remove: 3, Waits: 1},
		"a": {Add: 2, Change: 1, Remove: 1, Waits: 1},
		"b": {Change: 1, Remove: 2},
	} {
		if got := change.TallyOf(actions, account); got != want {
			t.Errorf("of %q: %+v, want %+v", account, got, want)
		}
	}
}
