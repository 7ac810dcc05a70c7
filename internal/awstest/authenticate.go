package awstest

import (
	"net/http"
	"strings"
)

// authenticate finds the caller by access key and the region by the credential
// scope of the Authorization header. The signature is not verified.
func (c *Cloud) authenticate(header http.Header, req *request) error {
	errs := req.svc.errors
	scope, ok := credentialScope(header.Get("Authorization"))
	if !ok {
		return errs.err(missingToken, "")
	}
	if req.svc.name != "unknown" && scope.service != req.svc.name {
		return errs.err(wrongScope, "Credential should be scoped to correct service: '"+req.svc.name+"'.")
	}
	p, ok := c.keys[scope.accessKey]
	if !ok || p.token != header.Get("X-Amz-Security-Token") {
		return errs.err(unknownKey, "")
	}
	if !p.expires.IsZero() && !c.now.Before(p.expires) {
		return errs.err(expired, "")
	}
	req.principal, req.region = p, p.account.regions[scope.region]
	if req.region == nil && req.svc.global {
		req.region = newRegion(p.account, scope.region)
	}
	if req.region == nil {
		// A region that the account has not opted into does not know its keys.
		return errs.err(unknownKey, "")
	}
	return nil
}

type scope struct{ accessKey, region, service string }

// credentialScope reads "AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...".
func credentialScope(authorization string) (scope, bool) {
	_, rest, ok := strings.Cut(authorization, "Credential=")
	if !ok {
		return scope{}, false
	}
	credential, _, _ := strings.Cut(rest, ",")
	p := strings.Split(strings.TrimSpace(credential), "/")
	if len(p) != 5 || p[4] != "aws4_request" {
		return scope{}, false
	}
	return scope{p[0], p[2], p[3]}, true
}
