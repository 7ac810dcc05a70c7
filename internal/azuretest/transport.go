package azuretest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Token gives out a token of a tenant, as signing in there does.
func (c *Cloud) Token(tenant string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newToken(tenant)
}

func (c *Cloud) newToken(tenant string) string {
	token := fmt.Sprintf("token-%d", len(c.tokens)+1)
	c.tokens[token] = tenant
	return token
}

// RoundTrip implements http.RoundTripper: the endpoint without a network, whatever host is
// asked.
func (c *Cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	c.ServeHTTP(w, r)
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, r.Body.Close()
}

// A recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

// Story says in words what a message is about, for people who read along.
func (m Message) Story() string {
	return fmt.Sprintf("alert rule %s: %s by %s", m.Rule[strings.LastIndexByte(m.Rule, '/')+1:], m.Operation, m.Caller)
}
