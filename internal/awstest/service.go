package awstest

import "time"

// A service is one AWS service as its clients see it.
type service struct {
	name    string // in the credential scope
	iam     string // in IAM actions and in Call.Operation
	global  bool   // one endpoint for all regions
	errors  family
	types   string // namespace of error types on the wire, with its "#"
	target  string // last part of X-Amz-Target before the operation; "" without AWS JSON
	version string // API version; "" without Query
	xmlns   string
	ops     map[string]handler
}

// A handler runs one operation.
type handler struct {
	read     bool // changes nothing
	newInput func() any
	run      func(c *call, in any) (any, error)
}

// A call is one request, or one step of seeding, while it runs. The Cloud is
// locked.
type call struct {
	*Cloud
	account *Account
	region  *Region
	by      principal
	now     time.Time
	allows  func(action string) bool // may the caller do this too?
	seeding bool                     // a step of a test's preparation: what stands around need not exist
}

// none is the output of operations that the API model gives no output, and the
// input of those without input.
type none struct{}

// empty is the output of operations whose output has no members: they reply
// with an empty object or element, those without output with nothing.
type empty struct{}

// reads makes the handler of an operation that changes nothing.
func reads[In, Out any](run func(*call, *In) (*Out, error)) handler {
	h := writes(run)
	h.read = true
	return h
}

// writes makes the handler of an operation that changes state.
func writes[In, Out any](run func(*call, *In) (*Out, error)) handler {
	return handler{
		newInput: func() any { return new(In) },
		run: func(c *call, in any) (any, error) {
			out, err := run(c, in.(*In))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// perform validates the input and runs the operation. It is the only way in
// which operations and seeding change state.
func perform(c *call, svc *service, h handler, in any) (any, error) {
	if violation := validate(in); violation != "" {
		return nil, svc.errors.err(invalid, violation)
	}
	if h.read {
		return h.run(c, in)
	}
	before := c.region.state.clone()
	out, err := h.run(c, in)
	if err == nil {
		c.region.remember(before)
	}
	return out, err
}

// seed runs an operation on behalf of the account itself: without wire, faults,
// permissions and call log, but with the same code and checks as a request.
func seed[Out any](r *Region, svc *service, op string, in any) (Out, error) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	c := &call{Cloud: r.cloud, account: r.account, region: r, now: r.cloud.now, allows: func(string) bool { return true }, seeding: true}
	c.by = principal{account: r.account, arn: "arn:" + r.account.partition + ":iam::" + r.account.id + ":root"}
	out, err := perform(c, svc, svc.ops[op], in)
	if err != nil {
		var zero Out
		return zero, err
	}
	return *out.(*Out), nil
}

// seedOnly is seed for operations whose output is of no interest.
func seedOnly[Out any](r *Region, svc *service, op string, in any) error {
	_, err := seed[Out](r, svc, op, in)
	return err
}

// services are all services, in no order.
func services() []*service {
	return []*service{
		logsService, cloudtrailService, cloudwatchService, snsService, kmsService,
		stsService, iamService, ec2Service, organizationsService, accountService, securityHubService, oamService,
		eventsService, s3Service, chatbotService,
	}
}
