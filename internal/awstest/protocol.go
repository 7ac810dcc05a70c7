package awstest

import "net/http"

// A protocol reads the input of a request and writes its output or error. The
// structs of the operations carry the member names in their json tags, for
// every protocol.
type protocol interface {
	// decode fills in, a pointer to struct; an unknown member is an error.
	decode(in any) error
	reply(req *request, out any) (reply, error)
	fail(req *request, err *APIError) reply
}

// header makes the headers that all replies have.
func (req *request) header(contentType string) http.Header {
	h := http.Header{}
	h.Set("Content-Type", contentType)
	h.Set("X-Amzn-RequestId", req.id)
	return h
}

// queryError is the header by which services that once spoke Query tell the
// codes of that time.
func queryError(h http.Header, err *APIError) {
	fault := "Receiver"
	if err.sender() {
		fault = "Sender"
	}
	h.Set("X-Amzn-Query-Error", err.Code+";"+fault)
}
