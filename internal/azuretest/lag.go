package azuretest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A past is what the lists of a subscription had before a write.
type past struct {
	until time.Time        // of the write
	lists map[string][]any // by kind
}

// keep remembers the lists of the subscription that a write is about, as they are before
// it, for as long as lists lag behind.
func (c *Cloud) keep(r *http.Request) {
	s := c.subs[strings.ToLower(subscriptionOf(r.URL.Path))]
	if c.ListLag <= 0 || s == nil || r.Method == http.MethodGet {
		return
	}
	p := past{until: c.now, lists: map[string][]any{}}
	for _, o := range s.objects {
		var copied any
		if text, err := json.Marshal(o.value); err == nil && json.Unmarshal(text, &copied) == nil {
			p.lists[o.kind] = append(p.lists[o.kind], copied)
		}
	}
	s.past = append(slices.DeleteFunc(s.past, func(p past) bool { return !p.until.After(c.now.Add(-c.ListLag)) }), p)
}

// listed returns what a list of a subscription shows now: what was there ListLag ago.
func (c *Cloud) listed(s *sub, kind string) []any {
	for _, p := range s.past {
		if p.until.After(c.now.Add(-c.ListLag)) {
			return p.lists[kind]
		}
	}
	var all []any
	for _, o := range s.objects {
		if o.kind == kind {
			all = append(all, o.value)
		}
	}
	return all
}
