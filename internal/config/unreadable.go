package config

import (
	"regexp"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// An Unreadable is an account that a run over many cannot look into, which is known and
// does not count for the exit code. Its findings are unknown all the same.
type Unreadable struct {
	Account string // 12 digits
	Reason  string
	Owner   string    // "" when nobody is named
	Expires time.Time // the last day on which it holds, midnight UTC
}

// Holds reports whether the entry holds at a time.
func (u Unreadable) Holds(at time.Time) bool { return at.Before(u.Expires.AddDate(0, 0, 1)) }

var awsAccount = regexp.MustCompile(`^[0-9]{12}$`)

// unreadable reads the accounts that are known to be unreadable.
func (r reader) unreadable(m yamlfile.Mapping, f *File) {
	seen := map[string]bool{}
	for _, item := range m.List("unreadable") {
		u, at := r.unreadableEntry(item)
		switch {
		case !r.OK():
			return
		case seen[u.Account]:
			r.Fail(at, "", "account %s is named twice", u.Account)
		}
		seen[u.Account] = true
		f.Unreadable = append(f.Unreadable, u)
	}
}

func (r reader) unreadableEntry(n ast.Node) (Unreadable, yamlfile.Place) {
	m := r.Mapping(n, "an entry of unreadable", "account", "reason", "owner", "expires")
	u := Unreadable{Account: m.Text("account"), Reason: m.Text("reason"), Owner: m.Optional("owner")}
	if r.OK() && !awsAccount.MatchString(u.Account) {
		r.Fail(m.PlaceOfKey("account"), "", "%q is not a 12-digit account id", u.Account)
	}
	u.Expires = r.expires(m)
	return u, m.PlaceOfKey("account")
}
