package collect

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// An endedBody is a body as the SDK makes it, when the reply was faster than the look at its
// end: Read says so well, WriteTo as an error.
type endedBody struct{ io.Reader }

func (endedBody) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }
func (endedBody) Close() error                     { return nil }

// TestBodiesAreRead checks that a body's WriteTo, which breaks the connection of a reply
// that is still read, is not used.
func TestBodiesAreRead(t *testing.T) {
	const text = "a question"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body) //nolint:errcheck // the client sees it
	}))
	defer server.Close()
	body := endedBody{strings.NewReader(text)}
	request, err := http.NewRequest(http.MethodPost, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = int64(len(text))
	reply, err := settled(awshttp.NewBuildableClient()).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if got, err := io.ReadAll(reply.Body); err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
	if request.Body != body {
		t.Error("the request of the caller was changed")
	}
}
