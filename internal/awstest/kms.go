package awstest

import (
	"fmt"
	"strings"
	"time"
)

// kmsService is the Key Management Service, API 2014-11-01.
var kmsService = &service{
	name: "kms", iam: "kms", target: "TrentService", errors: jsonFamily.with(family{internal: {Code: "KMSInternalException"}}),
	ops: map[string]handler{
		"DescribeKey":  reads(describeKey),
		"GetKeyPolicy": reads(getKeyPolicy),
	},
}

// A key is a KMS key.
type key struct {
	id      string
	arn     string
	manager string // CUSTOMER, AWS
	state   string // Enabled, Disabled, PendingDeletion
	policy  string
	created time.Time
}

// KeyOptions are the settings of a customer key.
type KeyOptions struct {
	Alias  string // "alias/NAME"; "" for none
	Policy string // "" is AWS's default: the account's root may do everything
	State  string // Enabled (also ""), Disabled, PendingDeletion
}

// CreateKey makes a customer key and returns its id and ARN.
func (r *Region) CreateKey(opts KeyOptions) (id, arn string) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	id = r.cloud.uuid()
	k := &key{
		id: id, arn: r.arn("kms", "key/"+id), manager: "CUSTOMER", state: opts.State, policy: opts.Policy, created: r.cloud.now,
	}
	if k.state == "" {
		k.state = "Enabled"
	}
	if k.policy == "" {
		k.policy = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:%s:iam::%s:root"},"Action":"kms:*","Resource":"*"}]}`,
			r.account.partition, r.account.id)
	}
	r.keys[id] = k
	if opts.Alias != "" {
		r.alias[opts.Alias] = id
	}
	return id, k.arn
}

// SetKey changes state and policy of a customer key; "" leaves one as it is.
func (r *Region) SetKey(id, state, policy string) error {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	old := r.keys[id]
	if old == nil {
		return fmt.Errorf("changing key %s: there is none", id)
	}
	k := *old
	if state != "" {
		k.state = state
	}
	if policy != "" {
		k.policy = policy
	}
	r.keys[id] = &k
	return nil
}

// findKey returns the key that a key id, key ARN, alias or alias ARN of this
// account and region names, nil if there is none. The keys that AWS manages
// ("alias/aws/sns") are always there.
func (r *Region) findKey(name string) *key {
	if p, ok := splitARN(name); ok {
		if p.service != "kms" || p.region != r.name || p.account != r.account.id {
			return nil
		}
		name = strings.TrimPrefix(p.resource, "key/")
	}
	if service, ok := strings.CutPrefix(name, "alias/aws/"); ok {
		id := "aws-managed-" + service
		return &key{id: id, arn: r.arn("kms", "key/"+id), manager: "AWS", state: "Enabled", policy: "{}"}
	}
	if id, ok := r.alias[name]; ok {
		name = id
	}
	return r.keys[name]
}

// keyAnywhere is findKey that also follows ARNs to other accounts.
func (c *Cloud) keyAnywhere(from *Region, name string) *key {
	if p, ok := splitARN(name); ok {
		r := c.locate(p)
		if r == nil {
			return nil
		}
		return r.findKey(name)
	}
	return from.findKey(name)
}

type describeKeyInput struct {
	KeyID       string   `json:"KeyId,omitempty" required:"" length:"1-2048"`
	GrantTokens []string `json:"GrantTokens,omitempty"`
}

type describeKeyOutput struct {
	KeyMetadata keyMetadata `json:"KeyMetadata"`
}

type keyMetadata struct {
	AWSAccountID string     `json:"AWSAccountId"`
	KeyID        string     `json:"KeyId"`
	ARN          string     `json:"Arn"`
	CreationDate *timestamp `json:"CreationDate,omitempty"`
	Enabled      bool       `json:"Enabled"`
	KeyUsage     string     `json:"KeyUsage"`
	KeyState     string     `json:"KeyState"`
	Origin       string     `json:"Origin"`
	KeyManager   string     `json:"KeyManager"`
	KeySpec      string     `json:"KeySpec"`
	MultiRegion  bool       `json:"MultiRegion"`
}

func describeKey(c *call, in *describeKeyInput) (*describeKeyOutput, error) {
	k, err := c.keyFor(in.KeyID)
	if err != nil {
		return nil, err
	}
	return &describeKeyOutput{keyMetadata{
		AWSAccountID: strings.Split(k.arn, ":")[4], KeyID: k.id, ARN: k.arn, CreationDate: at(k.created), Enabled: k.state == "Enabled",
		KeyUsage: "ENCRYPT_DECRYPT", KeyState: k.state, Origin: "AWS_KMS", KeyManager: k.manager, KeySpec: "SYMMETRIC_DEFAULT",
	}}, nil
}

// keyFor finds a key for the caller. Keys of other accounts need the key
// policy's leave, by name or asterisk.
func (c *call) keyFor(name string) (*key, error) {
	p, isARN := splitARN(name)
	if isARN && p.region != c.region.name {
		return nil, apiError("NotFoundException", "Invalid arn %s", p.region)
	}
	if strings.HasPrefix(name, "arn:") && !isARN {
		return nil, apiError("InvalidArnException", "%s is not a valid ARN", name)
	}
	k := c.region.findKey(name) // the region may be a stale view
	if isARN && p.account != c.account.id {
		k = c.keyAnywhere(c.region, name)
		if k == nil || !allowsAccount(k.policy, c.account.id, "kms:DescribeKey") {
			return nil, apiError("AccessDeniedException", "User: %s is not authorized to perform: kms:DescribeKey on this resource", c.by.arn)
		}
	}
	if k == nil {
		kind, where := "Key", c.region.arn("kms", "key/"+name)
		if strings.Contains(name, "alias/") {
			kind, where = "Alias", c.region.arn("kms", name)
		}
		if isARN {
			where = name
		}
		return nil, apiError("NotFoundException", "%s '%s' does not exist", kind, where)
	}
	return k, nil
}

type getKeyPolicyInput struct {
	KeyID      string `json:"KeyId,omitempty" required:"" length:"1-2048"`
	PolicyName string `json:"PolicyName,omitempty" length:"1-128"`
}

type getKeyPolicyOutput struct {
	Policy     string `json:"Policy"`
	PolicyName string `json:"PolicyName"`
}

func getKeyPolicy(c *call, in *getKeyPolicyInput) (*getKeyPolicyOutput, error) {
	if strings.Contains(in.KeyID, "alias/") { // takes ids and key ARNs only
		return nil, apiError("InvalidArnException", "Invalid keyId '%s'", in.KeyID)
	}
	k, err := c.keyFor(in.KeyID)
	if err != nil {
		return nil, err
	}
	return &getKeyPolicyOutput{Policy: k.policy, PolicyName: "default"}, nil
}
