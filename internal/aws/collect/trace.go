package collect

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

// An Attempt is one HTTP request of a call and what came of it, as Config.Trace
// sees it. It holds nothing secret: no body, no query, and of the headers only
// the identifier that AWS gives the request.
type Attempt struct {
	Operation string // IAM style, "" where the request does not tell
	Region    string // "" likewise
	Method    string
	Host      string
	Path      string
	Status    int    // 0 without an answer
	RequestID string // of AWS, for its support; "" without one
	Err       string // why there is no answer, "" when there is one
	Took      time.Duration
}

// String returns one line.
func (a Attempt) String() string {
	line := fmt.Sprintf("%s %s%s", a.Method, a.Host, a.Path)
	if a.Operation != "" {
		line = strings.TrimSpace(a.Operation+" "+a.Region) + ": " + line
	}
	if a.Err != "" {
		return fmt.Sprintf("%s: no answer after %s: %s", line, a.Took.Round(time.Millisecond), a.Err)
	}
	line = fmt.Sprintf("%s: %d in %s", line, a.Status, a.Took.Round(time.Millisecond))
	if a.RequestID != "" {
		line += ", request id " + a.RequestID
	}
	return line
}

// A tracer tells of every request of an HTTP client.
type tracer struct {
	aws.HTTPClient
	mu    sync.Mutex
	trace func(Attempt) // called under mu
}

// requestIDs are the headers with the identifier of a request.
var requestIDs = []string{"X-Amzn-Requestid", "X-Amz-Request-Id"}

// Do sends the request.
func (t *tracer) Do(r *http.Request) (*http.Response, error) {
	started := time.Now()
	resp, err := t.HTTPClient.Do(r)
	a := Attempt{Region: awsmiddleware.GetRegion(r.Context()), Method: r.Method, Host: r.URL.Host, Path: r.URL.Path, Took: time.Since(started)}
	if awsmiddleware.GetOperationName(r.Context()) != "" {
		a.Operation = operationOf(r.Context())
	}
	if err != nil {
		a.Err = clean(err.Error())
	} else {
		a.Status = resp.StatusCode
		for _, name := range requestIDs {
			if id := resp.Header.Get(name); id != "" {
				a.RequestID = clean(id)
			}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trace(a)
	return resp, err
}
