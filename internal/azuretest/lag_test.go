package azuretest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azuretest"
)

// TestListLag sees writes in lists only after a while, and by their id at once.
func TestListLag(t *testing.T) {
	e := start(t)
	e.ListLag = 10 * time.Second
	const lists = root + "/providers/" + azuretest.AlertRules
	names := func() string {
		_, text := e.do(t, http.MethodGet, lists, "")
		var out []string
		for _, name := range []string{"one", "two"} {
			if strings.Contains(text, `"name":"`+name+`"`) {
				out = append(out, name)
			}
			if strings.Contains(text, `"enabled":false`) && name == "one" {
				out = append(out, "disabled")
			}
		}
		return strings.Join(out, " ")
	}
	expect := func(when, want string) {
		t.Helper()
		if got := names(); got != want {
			t.Errorf("%s: the list has %q, want %q", when, got, want)
		}
	}
	e.do(t, http.MethodPut, object(azuretest.AlertRules, "one"), ruleBody(category))
	expect("right after a write", "")
	if status, _ := e.do(t, http.MethodGet, object(azuretest.AlertRules, "one"), ""); status != http.StatusOK {
		t.Errorf("by its id: %d", status)
	}
	e.Advance(6 * time.Second)
	e.do(t, http.MethodPut, object(azuretest.AlertRules, "two"), ruleBody(category))
	expect("after 6 seconds", "")
	e.Advance(4 * time.Second)
	expect("after 10 seconds", "one")
	e.Advance(6 * time.Second)
	expect("10 seconds after the second write", "one two")
	e.do(t, http.MethodPatch, object(azuretest.AlertRules, "one"), `{"properties":{"enabled":false}}`)
	e.do(t, http.MethodDelete, object(azuretest.AlertRules, "two"), "")
	expect("right after a change and a deletion", "one two")
	e.Advance(10 * time.Second)
	expect("10 seconds later", "one disabled")
}
