// Package faultproxy stands in tests between an SDK client and an account that
// behaves, and damages what one operation is answered: after the account has done
// what it was asked, as a broken proxy or a dying server would.
package faultproxy

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"
)

// A Proxy passes requests on to Target and damages some of the replies.
type Proxy struct {
	Target http.Handler

	mu    sync.Mutex
	fault Fault
	calls map[string]int // by operation, since Set
	hits  int
}

// A Fault says which replies are damaged, and how.
type Fault struct {
	Operation string // the service's name of it: "DescribeAlarms"; "" damages nothing
	Damage    Damage
	From      int // the first call that is damaged, 1-based; 0 is 1
	Times     int // how many are damaged; 0: all

	// Before is called before the first damaged request is passed on; may be nil.
	Before func()
}

// Set begins a new fault and forgets the calls so far.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.calls, p.hits = f, map[string]int{}, 0
}

// Hits returns how many replies were damaged since Set.
func (p *Proxy) Hits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits
}

// Calls returns the operations called since Set, with their number.
func (p *Proxy) Calls() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for op, n := range p.calls {
		out[op] = n
	}
	return out
}

// strikes counts a call and reports whether its reply is damaged.
func (p *Proxy) strikes(operation string) (f Fault, nth int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls == nil {
		p.calls = map[string]int{}
	}
	p.calls[operation]++
	f = p.fault
	from := max(f.From, 1)
	n := p.calls[operation]
	if operation != f.Operation || n < from || f.Times > 0 && n >= from+f.Times {
		return f, 0, false
	}
	p.hits++
	return f, p.hits, true
}

// maxRequest bounds the body of a request in bytes.
const maxRequest = 10 << 20

// ServeHTTP passes one request on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m := identify(r, body)
	f, nth, hit := p.strikes(m.operation)
	if hit && nth == 1 && f.Before != nil {
		f.Before()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !hit {
		p.Target.ServeHTTP(w, r)
		return
	}
	m.nth = nth
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	p.Target.ServeHTTP(rec, r)
	m.status, m.header, m.body = rec.status, rec.header, rec.body.Bytes()
	f.Damage(w, r, m)
}

// A protocol is one of AWS's.
type protocol int

const (
	json protocol = iota
	query
	cbor
)

// A message is the true reply to a call.
type message struct {
	operation string
	protocol  protocol
	nth       int // of the damaged replies, 1-based
	status    int
	header    http.Header
	body      []byte
}

// identify finds operation and protocol of a request.
func identify(r *http.Request, body []byte) message {
	switch target := r.Header.Get("X-Amz-Target"); {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return message{operation: path.Base(r.URL.Path), protocol: cbor}
	case target != "":
		return message{operation: target[strings.LastIndex(target, ".")+1:], protocol: json}
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		form, err := url.ParseQuery(string(body))
		if err == nil {
			return message{operation: form.Get("Action"), protocol: query}
		}
	}
	if strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request") {
		resource, _, _ := strings.Cut(r.URL.RawQuery, "&")
		return message{operation: r.Method + " " + strings.TrimSuffix("s3?"+resource, "?"), protocol: json} // "PUT s3?policy="
	}
	return message{operation: path.Base(r.URL.Path), protocol: json} // REST: "listRegions", "accounts"
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// drip is the pause between the bytes of a slow body.
const drip = 20 * time.Millisecond
