package awstest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/url"
)

// queryProtocol is Query: a form goes in, XML comes out. EC2 has its own
// variety.
type queryProtocol struct {
	form url.Values
	bad  error // why the form could not be read
}

func identifyQuery(body []byte) *request {
	form, err := url.ParseQuery(string(body))
	version := form.Get("Version")
	svc := serviceBy(func(s *service) bool { return s.version != "" && s.version == version }, queryFamily)
	return &request{svc: svc, op: form.Get("Action"), proto: &queryProtocol{form: form, bad: err}}
}

func (p *queryProtocol) decode(in any) error {
	if p.bad != nil {
		return fmt.Errorf("reading input: %w", p.bad)
	}
	return decodeForm(p.form, in)
}

func (p *queryProtocol) reply(req *request, out any) (reply, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%sResponse xmlns=%q>", req.op, req.svc.xmlns)
	if req.svc == ec2Service {
		fmt.Fprintf(&b, "<requestId>%s</requestId>", req.id)
		writeMembers(&b, out, "item")
	} else {
		if _, empty := out.(*none); !empty {
			fmt.Fprintf(&b, "<%sResult>", req.op)
			writeMembers(&b, out, "member")
			fmt.Fprintf(&b, "</%sResult>", req.op)
		}
		fmt.Fprintf(&b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>", req.id)
	}
	fmt.Fprintf(&b, "</%sResponse>", req.op)
	return reply{status: 200, header: req.header("text/xml"), body: b.Bytes()}, nil
}

func (p *queryProtocol) fail(req *request, err *APIError) reply {
	var b bytes.Buffer
	code, message := escape(err.Code), escape(err.Message)
	if req.svc == ec2Service {
		fmt.Fprintf(&b, "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>%s</RequestID></Response>", code, message, req.id)
	} else {
		fault := "Receiver"
		if err.sender() {
			fault = "Sender"
		}
		fmt.Fprintf(&b, "<ErrorResponse xmlns=%q><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>",
			req.svc.xmlns, fault, code, message, req.id)
	}
	return reply{status: err.Status, header: req.header("text/xml"), body: b.Bytes()}
}

func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}
