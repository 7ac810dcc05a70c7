package awstest

// securityHubService is Security Hub, API 2018-10-26.
var securityHubService = &service{
	name: "securityhub", iam: "securityhub",
	errors: jsonFamily.with(family{
		denied: {Code: "AccessDeniedException", Status: 403}, throttled: {Code: "TooManyRequestsException", Status: 429},
		internal: {Code: "InternalException", Status: 500}, unknownKey: {Code: "UnrecognizedClientException", Status: 403},
		expired: {Code: "ExpiredTokenException", Status: 403},
	}),
	ops: map[string]handler{"DescribeHub": reads(describeHub)},
}

type describeHubOutput struct {
	HubArn                  string `json:"HubArn"`
	SubscribedAt            string `json:"SubscribedAt"` // RFC 3339
	AutoEnableControls      bool   `json:"AutoEnableControls"`
	ControlFindingGenerator string `json:"ControlFindingGenerator"`
}

// EnableSecurityHub subscribes the account to Security Hub in the region.
func (r *Region) EnableSecurityHub() {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	r.hub = r.cloud.now.Format("2006-01-02T15:04:05.000Z")
}

func describeHub(c *call, _ *none) (*describeHubOutput, error) {
	if c.region.hub == "" {
		return nil, errorWithStatus(401, "InvalidAccessException", "Account %s is not subscribed to AWS Security Hub", c.account.id)
	}
	return &describeHubOutput{c.region.arn("securityhub", "hub/default"), c.region.hub, true, "SECURITY_CONTROL"}, nil
}
