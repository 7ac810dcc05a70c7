package awstest

import (
	"cmp"
	"strings"
	"time"
)

// A FaultKind says what goes wrong with a request.
type FaultKind int

// The faults. Those that say "lost" carry the operation out first.
const (
	Throttle    FaultKind = iota // the service's throttling error
	ServerError                  // 500
	Unavailable                  // 503
	Denied                       // AccessDenied in the service's form
	Expired                      // ExpiredToken in the service's form
	ErrorCode                    // status 400 with Fault.Code
	Timeout                      // no answer until the client gives up
	Reset                        // lost: the connection is reset in the middle of the reply
	Truncate                     // lost: the reply ends after its first half, as if complete
	HTMLError                    // 502 with an HTML page, as proxies send
	Delay                        // nothing goes wrong; see Fault.Delay and Fault.Stale
)

// A Fault is something that goes wrong with some requests. The empty selectors
// match everything.
type Fault struct {
	Operation string // as in Call.Operation, asterisks allowed: "logs:*"
	Region    string
	Account   string
	Resource  string // text that occurs in the input, for example a name
	Writes    bool   // only operations that change something

	Kind FaultKind
	Code string // for ErrorCode
	Text string // message of an ErrorCode; "" for one that says what it is

	// Applied says that the operation takes effect before the fault strikes,
	// so that the caller does not know. Reset and Truncate always do.
	Applied bool

	// After is how many matching requests go well first; Times is how many then
	// fail, 0 for all.
	After, Times int

	// Delay holds the reply back, in real time.
	Delay time.Duration

	// Do, if not nil, is called when the fault strikes, before anything of the
	// reply is sent: after the operation if it takes effect, else in its stead.
	// The Cloud is not locked then, and may be called.
	Do func()

	// Stale lets a read answer from before the last writes in its region, that
	// many of them: eventual consistency. Use it with kind Delay.
	Stale int
}

type armedFault struct {
	Fault
	seen int
}

// Fault arms a fault. Of several that match a request, the first one that was
// armed strikes.
func (c *Cloud) Fault(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, &armedFault{Fault: f})
}

// ClearFaults disarms all faults.
func (c *Cloud) ClearFaults() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = nil
}

// strike returns the fault that befalls the call, nil if none.
func (c *Cloud) strike(logged loggedCall) *Fault {
	call := logged.call()
	for _, f := range c.faults {
		if !f.selects(call) {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			return &f.Fault
		}
	}
	return nil
}

func (f *Fault) selects(call *Call) bool {
	return (f.Operation == "" || matchesAction(f.Operation, call.Operation)) &&
		(f.Region == "" || f.Region == call.Region) &&
		(f.Account == "" || f.Account == call.Account) &&
		!(f.Writes && call.Read) &&
		strings.Contains(call.Input, f.Resource)
}

// spoils says that the operation is not carried out.
func (f *Fault) spoils() bool {
	switch f.Kind {
	case Reset, Truncate, Delay:
		return false
	default:
		return !f.Applied
	}
}

// loses says that the caller gets an error although the operation was carried
// out.
func (f *Fault) loses() bool {
	switch f.Kind {
	case Reset, Truncate:
		return true
	case Delay:
		return false
	default:
		return f.Applied
	}
}

// err returns the error reply of the fault. Where the connection is broken
// instead, its code says so in the call log.
func (f *Fault) err(svc *service) *APIError {
	switch f.Kind {
	case Throttle:
		return svc.errors.err(throttled, "")
	case ServerError:
		return svc.errors.err(internal, "")
	case Unavailable:
		return svc.errors.err(unavailable, "")
	case Denied:
		return svc.errors.err(denied, "denied by a fault of awstest")
	case Expired:
		return svc.errors.err(expired, "")
	case ErrorCode:
		return apiError(f.Code, "%s", cmp.Or(f.Text, "a fault of awstest"))
	case Reset:
		return apiError("Reset", "a fault of awstest")
	case Truncate:
		return apiError("Truncate", "a fault of awstest")
	case HTMLError:
		return apiError("HTMLError", "a fault of awstest")
	default:
		return apiError("Timeout", "a fault of awstest")
	}
}
