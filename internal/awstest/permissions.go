package awstest

import "fmt"

// Allow limits the account's callers to these IAM actions ("logs:Describe*",
// "cloudwatch:PutMetricAlarm"): everything else is denied. Further calls add
// actions. Without Allow everything is allowed.
func (c *Cloud) Allow(account string, actions ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.accounts[account]; a != nil {
		a.allowed = append(append([]string{}, a.allowed...), actions...)
	}
}

// Deny denies these IAM actions to the callers of every account, until AllowAll
// is called.
func (c *Cloud) Deny(actions ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.denied = append(c.denied, actions...)
}

// AllowAll takes back every Allow, AllowPolicy and Deny.
func (c *Cloud) AllowAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.denied = nil
	for _, a := range c.accounts {
		a.allowed, a.policy = nil, nil
	}
}

// permit returns the service's AccessDenied error if the caller must not do
// that.
func (c *Cloud) permit(req *request, action string) error {
	if action == "sts:GetCallerIdentity" { // needs no permission
		return nil
	}
	a := req.principal.account
	if c.forbidden(req, action) {
		return errForbidden(req, action)
	}
	if !req.principal.within(c, req, action) {
		return req.svc.errors.err(denied, fmt.Sprintf("User: %s is not authorized to perform: %s because no session policy allows the %s action", req.principal.arn, action, action))
	}
	if !matchesAny(c.denied, action) && (a.allowed == nil || matchesAny(a.allowed, action)) && (a.policy == nil || a.policy.allowedBy(c, req, action)) {
		return nil
	}
	return req.svc.errors.err(denied, fmt.Sprintf("User: %s is not authorized to perform: %s because no identity-based policy allows the %s action", req.principal.arn, action, action))
}

func matchesAny(patterns []string, action string) bool {
	for _, p := range patterns {
		if matchesAction(p, action) {
			return true
		}
	}
	return false
}
