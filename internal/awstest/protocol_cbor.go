package awstest

import (
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// cborProtocol is Smithy RPC v2 CBOR.
type cborProtocol struct{ body []byte }

// cborReader refuses members that this package does not know.
var cborReader, _ = cbor.DecOptions{ExtraReturnErrors: cbor.ExtraDecErrorUnknownField}.DecMode()

// identifyCBOR reads /service/SHAPE/operation/NAME.
func identifyCBOR(path string, body []byte) *request {
	var shape, op string
	if p := strings.Split(strings.TrimPrefix(path, "/"), "/"); len(p) == 4 && p[0] == "service" && p[2] == "operation" {
		shape, op = p[1], p[3]
	}
	// Of the services here, AWS offers CBOR for CloudWatch only.
	svc := serviceBy(func(s *service) bool { return s == cloudwatchService && s.target == shape }, jsonFamily)
	return &request{svc: svc, op: op, proto: &cborProtocol{body: body}}
}

func (p *cborProtocol) decode(in any) error {
	if len(p.body) == 0 {
		return nil
	}
	if err := cborReader.Unmarshal(p.body, in); err != nil {
		return fmt.Errorf("reading input: %w", err)
	}
	return nil
}

func (p *cborProtocol) reply(req *request, out any) (reply, error) {
	h := req.header("application/cbor")
	h.Set("Smithy-Protocol", "rpc-v2-cbor")
	if _, ok := out.(*none); ok { // without output there is no body and no type of it
		h.Del("Content-Type")
		return reply{status: 200, header: h}, nil
	}
	body, err := cbor.Marshal(out)
	return reply{status: 200, header: h, body: body}, err
}

func (p *cborProtocol) fail(req *request, err *APIError) reply {
	h := req.header("application/cbor")
	h.Set("Smithy-Protocol", "rpc-v2-cbor")
	queryError(h, err)
	body, _ := cbor.Marshal(map[string]string{ // a map of strings cannot fail
		"__type":  req.svc.types + err.shape(),
		"message": err.Message,
	})
	return reply{status: err.Status, header: h, body: body}
}
