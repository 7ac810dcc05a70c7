package fleet

import (
	"context"
	"crypto/sha256"
	"runtime"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// kept is how many classes are remembered. In an organization there are a few of many
// accounts; those of one account each would only take memory.
const kept = 128

// A judge judges accounts in a world, those of one class once.
type judge struct {
	world   *audit.World
	o       Options
	classes *audit.Classes // nil: every account by itself
	cpu     chan struct{}

	mu      sync.Mutex
	number  int
	entries map[[sha256.Size]byte]*entry
	turn    int
}

// An entry is a class: judged by whoever comes first, while others wait.
type entry struct {
	once    sync.Once
	verdict *Verdict
	err     error
	used    int
}

func newJudge(w *audit.World, o Options) *judge {
	o.Audit.Workers = 1 // accounts are judged side by side
	return &judge{world: w, o: o, classes: w.Classes(o.Audit), cpu: make(chan struct{}, runtime.GOMAXPROCS(0)), entries: map[[sha256.Size]byte]*entry{}}
}

// of returns the verdict on the class of an account. In another world than the one that all
// have in common it is judged by itself.
func (j *judge) of(ctx context.Context, w *audit.World, a *account.Account, terms Terms) (*Verdict, error) {
	key, ok := "", false
	if j.classes != nil && w == j.world {
		key, ok = j.classes.Key(a)
	}
	if !ok {
		return j.one(ctx, w, a, terms)
	}
	e := j.entry("read " + terms.Key + "\x00" + key)
	e.once.Do(func() { e.verdict, e.err = j.one(ctx, w, a, terms) })
	return e.verdict, e.err
}

// entry returns the class of a key, and forgets the one that was used longest ago where
// there are too many.
func (j *judge) entry(key string) *entry {
	sum := sha256.Sum256([]byte(key))
	j.mu.Lock()
	defer j.mu.Unlock()
	j.turn++
	e := j.entries[sum]
	if e == nil {
		e = &entry{}
		j.entries[sum] = e
	}
	e.used = j.turn
	if len(j.entries) > kept {
		var oldest [sha256.Size]byte
		least := j.turn
		for k, x := range j.entries {
			if x.used < least {
				oldest, least = k, x.used
			}
		}
		delete(j.entries, oldest)
	}
	return e
}

// one judges an account by itself.
func (j *judge) one(ctx context.Context, w *audit.World, a *account.Account, terms Terms) (*Verdict, error) {
	select {
	case j.cpu <- struct{}{}:
		defer func() { <-j.cpu }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	o := j.o.Audit
	o.Waivers, o.Accepts = terms.Waivers, terms.Accepts
	result, err := w.Judge(ctx, a, terms.Controls, o)
	if err != nil {
		return nil, err
	}
	return &Verdict{Number: j.next(), Account: result.Account, Findings: result.Findings, Regions: a.Scope}, nil
}

func (j *judge) next() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.number++
	return j.number
}

// unreadable returns the verdict on accounts that failed alike.
func (j *judge) unreadable(t targets.Target, partition string, org *account.Organization, failed account.Failure) (*Verdict, error) {
	a := account.Account{ID: t.ID, Partition: partition}
	if org != nil {
		a.Organization = &account.Read[*account.Organization]{Value: org}
	}
	terms, o := j.o.terms(&t), j.o.Audit
	o.Waivers, o.Accepts = terms.Waivers, terms.Accepts
	result, err := audit.Unreadable(&a, terms.Controls, o, failed)
	if err != nil {
		return nil, err
	}
	return &Verdict{Number: j.next(), Account: result.Account, Findings: result.Findings}, nil
}
