package audit

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Work is what judging an account came to: verdicts asked of nodes, and unions of
// patterns decided.
type Work struct{ Verdicts, Unions int }

// WorkOn judges an account alone and counts.
func WorkOn(a *account.Account, controls []catalog.Control, o Options) (Work, error) {
	var w Work
	j := newJudge(a, NewWorld(nil, nil), o)
	for _, c := range controls {
		cj, err := newControlJudge(context.Background(), j, c, o.Benchmark)
		if err != nil {
			return w, err
		}
		if _, _, err := cj.finding(context.Background()); err != nil {
			return w, err
		}
		w.Verdicts += cj.graph.Judged()
		w.Unions += cj.decided
	}
	return w, nil
}

// Shown is how messages show a name.
var Shown = shown

// Between is the range of a statistic.
var Between = between

// Forget takes from a world what it would keep of decisions.
func Forget(w *World) { w.memo = nil }

// Kept returns how many decisions a world keeps, and how often one of them was taken.
func Kept(w *World) (kept, hits int) { return len(w.memo.young) + len(w.memo.old), w.memo.hits }
