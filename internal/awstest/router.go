package awstest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 10 << 20

// A request is what the wire said, before anything is done.
type request struct {
	svc       *service
	op        string
	proto     protocol
	id        string
	agent     string // user agent
	principal principal
	region    *Region
	input     any
}

// A reply is what goes out.
type reply struct {
	status int
	header http.Header
	body   []byte
	strike *Fault // what befalls the reply on its way; nil: nothing
}

// ServeHTTP answers one request of an SDK client.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "reading request: "+err.Error(), http.StatusBadRequest)
		return
	}
	c.deliverReply(w, r, c.serve(r, body))
}

// serve carries out the request.
func (c *Cloud) serve(r *http.Request, body []byte) reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	req := identify(r, body)
	req.id, req.agent = c.uuid(), r.UserAgent()
	in, err := c.admit(r, req)
	if err != nil {
		return req.fail(err)
	}
	out, strike, err := c.execute(req, in)
	if err != nil {
		rep := req.fail(err)
		rep.strike = strike
		return rep
	}
	rep, err := req.proto.reply(req, out)
	if err != nil {
		return req.fail(fmt.Errorf("writing reply: %w", err))
	}
	rep.strike = strike
	return rep
}

// admit finds the caller and reads the input.
func (c *Cloud) admit(r *http.Request, req *request) (any, error) {
	if err := c.authenticate(r.Header, req); err != nil {
		return nil, err
	}
	h, ok := req.svc.ops[req.op]
	if !ok {
		return nil, req.svc.errors.err(unknownOperation, "awstest does not know the operation "+req.svc.iam+":"+req.op)
	}
	in := h.newInput()
	if err := req.proto.decode(in); err != nil {
		return nil, req.svc.errors.err(badInput, err.Error())
	}
	req.input = in
	return in, nil
}

// execute logs the call and runs the operation, unless a fault prevents it.
func (c *Cloud) execute(req *request, in any) (out any, strike *Fault, err error) {
	logged := c.logCall(req, in)
	strike = c.strike(logged)
	switch {
	case strike == nil:
		out, err = c.run(req, logged, in, 0)
		logged.fail(err)
	case strike.spoils():
		err = strike.err(req.svc)
		logged.fail(err)
	default:
		out, err = c.run(req, logged, in, strike.Stale)
		logged.fail(err)
		if err == nil && strike.loses() {
			lost := strike.err(req.svc)
			logged.fail(lost)
			if strike.Kind != Reset && strike.Kind != Truncate { // these break the true reply
				err = lost
			}
		}
	}
	return out, strike, err
}

// run applies quotas and permissions and runs the operation; stale is how many
// of the last writes a read does not see.
func (c *Cloud) run(req *request, logged loggedCall, in any, stale int) (any, error) {
	if err := c.throttleByQuota(logged, req.svc); err != nil {
		return nil, err
	}
	if err := c.permit(req, req.action()); err != nil {
		return nil, err
	}
	h, region := req.svc.ops[req.op], req.region
	if h.read {
		region = region.before(stale)
	}
	out, err := perform(c.callFor(req, region), req.svc, h, in)
	if err == nil && !h.read {
		region.note(req, in, c.now)
	}
	return out, err
}

// s3Actions are the IAM actions of S3's operations that are called otherwise. Source:
// Service Authorization Reference, "Amazon S3".
var s3Actions = map[string]string{
	"ListObjectsV2": "s3:ListBucket", "HeadBucket": "s3:ListBucket", "ListObjectVersions": "s3:ListBucketVersions",
	"GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
	"GetBucketEncryption": "s3:GetEncryptionConfiguration", "PutBucketEncryption": "s3:PutEncryptionConfiguration",
}

// action is the IAM action of an operation.
func (req *request) action() string {
	if action := s3Actions[req.op]; req.svc == s3Service && action != "" {
		return action
	}
	return req.svc.iam + ":" + req.op
}

// callFor makes the call that a handler sees.
func (c *Cloud) callFor(req *request, region *Region) *call {
	return &call{
		Cloud: c, account: req.principal.account, region: region, by: req.principal, now: c.now,
		allows: func(action string) bool { return c.permit(req, action) == nil },
	}
}

// fail writes the error in the protocol's form. What is not an APIError is a
// bug of this package and comes out as the service's internal error.
func (req *request) fail(err error) reply {
	var api *APIError
	if !errors.As(err, &api) {
		api = req.svc.errors.err(internal, err.Error())
	}
	return req.proto.fail(req, api)
}

// identify finds protocol, service and operation.
func identify(r *http.Request, body []byte) *request {
	caller, _ := credentialScope(r.Header.Get("Authorization"))
	switch target := r.Header.Get("X-Amz-Target"); {
	case caller.service == s3Service.name:
		return identifyS3(r, body)
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return identifyCBOR(r.URL.Path, body)
	case target != "":
		return identifyJSON(target, r.Header.Get("Content-Type"), body)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return identifyQuery(body)
	default:
		return identifyREST(r.Method, r.URL.Path, body)
	}
}

// serviceBy returns the service for which match holds, else a service without
// operations that has the given error codes.
func serviceBy(match func(*service) bool, errors family) *service {
	for _, s := range services() {
		if match(s) {
			return s
		}
	}
	return &service{name: "unknown", iam: "unknown", errors: errors}
}
