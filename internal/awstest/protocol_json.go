package awstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// jsonProtocol is AWS JSON 1.0 and 1.1, and REST JSON for the operations here,
// which have no members in path, query or header.
type jsonProtocol struct {
	contentType string
	body        []byte
	queryMode   bool // the service also names the error codes of Query
	rest        bool
}

func identifyJSON(target, contentType string, body []byte) *request {
	prefix, op, _ := cutLast(target, ".")
	if _, short, ok := cutLast(prefix, "."); ok {
		prefix = short // com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101
	}
	svc := serviceBy(func(s *service) bool { return s.target != "" && s.target == prefix }, jsonFamily)
	return &request{svc: svc, op: op, proto: &jsonProtocol{contentType: contentType, body: body, queryMode: svc.version != ""}}
}

// identifyREST knows the REST JSON operations by their path: "/listRegions" is
// ListRegions of Account Management, GET of "/accounts" DescribeHub of Security
// Hub, "/ListLinks" that of Observability Access Manager; chatPaths are those of Amazon Q
// Developer.
func identifyREST(method, path string, body []byte) *request {
	if method == "GET" && path == "/accounts" {
		return &request{svc: securityHubService, op: "DescribeHub", proto: &jsonProtocol{contentType: "application/json", rest: true}}
	}
	op := strings.TrimPrefix(path, "/")
	if _, known := oamService.ops[op]; known && method == "POST" {
		return &request{svc: oamService, op: op, proto: &jsonProtocol{contentType: "application/json", body: body, rest: true}}
	}
	if chat := chatPaths[op]; chat != "" && method == "POST" {
		return &request{svc: chatbotService, op: chat, proto: &jsonProtocol{contentType: "application/json", body: body, rest: true}}
	}
	if op != "" {
		op = strings.ToUpper(op[:1]) + op[1:]
	}
	_, known := accountService.ops[op]
	svc := serviceBy(func(s *service) bool { return s == accountService && known && method == "POST" }, jsonFamily)
	return &request{svc: svc, op: op, proto: &jsonProtocol{contentType: "application/json", body: body, rest: true}}
}

func (p *jsonProtocol) decode(in any) error {
	if len(bytes.TrimSpace(p.body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(p.body))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return fmt.Errorf("reading input: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("reading input: data after the object")
	}
	return nil
}

func (p *jsonProtocol) reply(req *request, out any) (reply, error) {
	if _, ok := out.(*none); ok {
		return reply{status: 200, header: req.header(p.contentType)}, nil
	}
	body, err := json.Marshal(out)
	return reply{status: 200, header: req.header(p.contentType), body: body}, err
}

func (p *jsonProtocol) fail(req *request, err *APIError) reply {
	h := req.header(p.contentType)
	fields := map[string]string{"message": err.Message}
	if p.rest {
		h.Set("X-Amzn-ErrorType", err.shape())
	} else {
		fields["__type"] = req.svc.types + err.shape()
	}
	if p.queryMode {
		queryError(h, err)
	}
	body, _ := json.Marshal(fields) // a map of strings cannot fail
	return reply{status: err.Status, header: h, body: body}
}

// cutLast is strings.Cut at the last separator; everything is in after when
// there is none.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}
