package audit

import (
	"cmp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A World is what the accounts of a run know of each other, gathered once: an
// account is judged by itself, and in it.
type World struct {
	accounts map[string]*account.Account // by id; of two readings the first

	// crossing are the alarms that read metrics of another account, by that
	// account's id and their region; copies the filters that ask for the system
	// fields of centralized logs. Both are in the order of the ids of the
	// accounts that they stand in.
	crossing map[watched][]crossing
	copies   []copied
	trails   map[string][]*account.Account // by ARN: the accounts that know more of it than that it exists

	memo *memo // of all that is judged here; nil for none

	// others is the world that the accounts of this one stand in, each in place
	// of its namesake there; nil for none.
	others *World
}

type watched struct{ account, region string }

type crossing struct {
	account *account.Account
	region  string
	alarm   *account.MetricAlarm
}

type copied struct {
	account *account.Account
	region  string
	filter  account.MetricFilter
}

// NewWorld gathers the accounts of a run, and those that are only evidence. Of
// two readings of one account the newer counts, of those without a time the first.
func NewWorld(accounts, central []account.Account) *World {
	w := newWorld()
	w.memo = newMemo()
	var ids []string // in the order given
	for _, list := range [][]account.Account{accounts, central} {
		for i := range list {
			a := &list[i]
			if have := w.accounts[a.ID]; have == nil {
				ids = append(ids, a.ID)
			} else if !a.ReadAt.After(have.ReadAt) {
				continue
			}
			w.accounts[a.ID] = a
		}
	}
	for _, id := range ids {
		w.gather(w.accounts[id])
	}
	return w
}

func newWorld() *World {
	return &World{accounts: map[string]*account.Account{}, crossing: map[watched][]crossing{}, trails: map[string][]*account.Account{}}
}

// seeing returns the accounts that know more of a trail than that it exists, each once, in
// the order of their ids.
func (w *World) seeing(arn string) []*account.Account {
	list := slices.Clone(w.trails[arn])
	if w.others != nil {
		for _, a := range w.others.seeing(arn) {
			if w.accounts[a.ID] == nil {
				list = append(list, a)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *account.Account) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// with returns the world as it would be if an account were as given: itself
// where it is.
func (w *World) with(a *account.Account) *World {
	if w.accounts[a.ID] == a {
		return w
	}
	own := newWorld()
	own.accounts[a.ID], own.others, own.memo = a, w, w.memo
	own.gather(a)
	return own
}

// With returns the world as it would be if an account were as given.
func (w *World) With(a *account.Account) *World { return w.with(a) }

// Topic returns a topic of an account as that account was read; nil where it was not.
func (w *World) Topic(id, region, arn string) *account.Topic {
	a := w.account(id)
	if a == nil {
		return nil
	}
	if r := a.Region(region); r != nil {
		return r.Topics[arn]
	}
	return nil
}

// account returns the account of that id, nil when it was not read.
func (w *World) account(id string) *account.Account {
	if a := w.accounts[id]; a != nil || w.others == nil {
		return a
	}
	return w.others.account(id)
}

// alarmsOn returns the alarms of other accounts that read metrics of an account
// in a region.
func (w *World) alarmsOn(id, region string) []crossing {
	list := slices.Clone(w.crossing[watched{id, region}])
	if w.others != nil {
		for _, c := range w.others.alarmsOn(id, region) {
			if w.accounts[c.account.ID] == nil {
				list = append(list, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b crossing) int { return cmp.Compare(a.account.ID, b.account.ID) })
	return list
}

// centralized returns the filters that ask for the system fields of centralized
// logs.
func (w *World) centralized() []copied {
	list := slices.Clone(w.copies)
	if w.others != nil {
		for _, c := range w.others.centralized() {
			if w.accounts[c.account.ID] == nil {
				list = append(list, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b copied) int { return cmp.Compare(a.account.ID, b.account.ID) })
	return list
}

func (w *World) gather(a *account.Account) {
	for i := range a.Trails {
		if t := &a.Trails[i]; t.Status != nil || t.Selectors != nil {
			w.trails[t.ARN] = append(w.trails[t.ARN], a)
		}
	}
	for i := range a.Regions {
		r := &a.Regions[i]
		alarms, _ := r.Alarms.Got()
		for k := range alarms.Metric {
			m := &alarms.Metric[k]
			var of []string
			for _, q := range m.Queries {
				if q.AccountID != "" && q.AccountID != a.ID && !slices.Contains(of, q.AccountID) {
					of = append(of, q.AccountID)
					key := watched{q.AccountID, r.Name}
					w.crossing[key] = append(w.crossing[key], crossing{a, r.Name, m})
				}
			}
		}
		filters, _ := r.MetricFilters.Got()
		for _, f := range filters {
			if f.FieldSelection != "" || len(f.SystemDimensions) > 0 {
				w.copies = append(w.copies, copied{a, r.Name, f})
			}
		}
	}
}
