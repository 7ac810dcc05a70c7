package awstest

import (
	"fmt"
	"slices"
)

// ServiceControlPolicy sets the service control policy of an account: what its
// statements deny is denied to the callers of the account, in the words that AWS uses for
// it. The condition keys are aws:RequestedRegion and aws:PrincipalArn. As in AWS the
// management account of an organization is not bound by any.
func (a *Account) ServiceControlPolicy(document string) error {
	p, err := parsePolicy(document)
	if err != nil {
		return err
	}
	for i := range p.Statement {
		p.Statement[i].Principal = &principals{everyone: true} // whoever is in the account
	}
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	a.scp = p
	return nil
}

// forbidden reports whether the account's service control policy denies an action.
func (c *Cloud) forbidden(req *request, action string) bool {
	a := req.principal.account
	if a.scp == nil {
		return false
	}
	if org := c.organizationOf(a.id); org == nil || org.management == a.id {
		return false
	}
	asked := access{
		arn: req.principal.arn, action: action, resource: "*",
		context: map[string]string{"aws:requestedregion": req.region.name, "aws:principalarn": req.principal.arn},
	}
	return slices.ContainsFunc(a.scp.Statement, func(s statement) bool { return s.Effect == "Deny" && s.applies(asked) })
}

// errForbidden is the error of a call that a service control policy denies.
func errForbidden(req *request, action string) error {
	return req.svc.errors.err(denied, fmt.Sprintf("User: %s is not authorized to perform: %s with an explicit deny in a service control policy", req.principal.arn, action))
}

// within reports whether the session policies of the caller allow an action: a session
// may do what its role may do and each of them allows.
// Source: IAM user guide, "Session policies".
func (p principal) within(c *Cloud, req *request, action string) bool {
	return p.session == nil || p.session.allowedBy(c, req, action)
}
