package collect

import (
	"io"
	"net/http"
)

// A plainBodies is a transport that hides the WriteTo of request bodies. The SDK closes a
// body as soon as the head of the reply is there, and its WriteTo then answers with io.EOF,
// where its Read would have ended well. A transport that still looks for the body's end
// takes that for a failed write, closes the connection, and the rest of a reply that was
// fine is lost: seen as "use of closed network connection" and a call made twice.
type plainBodies struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t plainBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, ok := r.Body.(io.WriterTo); ok {
		plain := *r // the caller's own is not to be changed
		plain.Body = struct{ io.ReadCloser }{r.Body}
		r = &plain
	}
	return t.Transport.RoundTrip(r)
}
