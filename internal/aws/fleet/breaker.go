package fleet

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// alike is how many accounts may refuse in the same way, before any lets the run in, until
// it stops: a refusal is an event itself, and a wrong name of a role would ring the alarms
// of every account.
const alike = 25

// A breaker stops a run that is bound to fail. It knows two ways: every account refuses
// alike, and the credentials of the run are over.
type breaker struct {
	off bool // does not stop for refusals

	mu      sync.Mutex
	success bool
	refused map[string]int
	tried   int // accounts that refused, in whatever way
	err     error
}

func newBreaker(off bool) *breaker { return &breaker{off: off, refused: map[string]int{}} }

// A RefusedError says that the run was stopped because every account refused alike.
type RefusedError struct {
	What            string // "role audit: sts:AssumeRole: AccessDenied"
	Accounts, Tried int
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s in %d of %d accounts", e.What, e.Accounts, e.Tried)
}

// errOver is why a run ends when its own credentials do.
var errOver = errors.New("the credentials of the run ended")

// let notes that an account let the run in.
func (b *breaker) let() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.success = true
}

// refuse notes a refusal; what names it without the account. That a few others refuse in
// another way changes nothing.
func (b *breaker) refuse(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused[what]++
	b.tried++
	if n := b.refused[what]; n == alike && !b.success && !b.off && b.err == nil {
		b.err = &RefusedError{what, n, b.tried}
	}
}

// ended notes that the credentials of the run are over, if that is what a failure of
// entering says.
func (b *breaker) ended(f account.Failure) bool {
	call := finding.Call{Operation: f.Operation, Code: f.Code, Message: f.Message}
	over := call.Denial() == finding.DenialExpired || slices.Contains([]string{"InvalidClientTokenId", "UnrecognizedClientException"}, f.Code)
	if over {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.err = fmt.Errorf("%w: %s: %s", errOver, f.Operation, f.Code)
	}
	return over
}

// stopped returns why the run is to stop, nil while it is not.
func (b *breaker) stopped() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}
