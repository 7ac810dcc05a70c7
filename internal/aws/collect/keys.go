package collect

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// KeysAPI is the part of KMS that this package calls.
type KeysAPI interface {
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
	GetKeyPolicy(context.Context, *kms.GetKeyPolicyInput, ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error)
}

var _ KeysAPI = (*kms.Client)(nil)

// managedAlias is SNS's own key. Its policy cannot be edited, so alarms can
// never use it, and nothing need be asked about it.
const managedAlias = "alias/aws/sns"

func isManagedAlias(key string) bool {
	return key == managedAlias || strings.HasSuffix(key, ":"+managedAlias)
}

// qualifyKey makes the key of another account's topic findable: KMS looks a bare
// id or alias up in the caller's account, an ARN where it says.
func qualifyKey(t *account.Topic, own string) {
	attributes, _ := t.Attributes.Got()
	arn, ok := account.ParseARN(t.ARN)
	if attributes == nil || !ok || arn.Account == own {
		return
	}
	name := attributes.KeyID
	if name == "" || strings.HasPrefix(name, "arn:") {
		return
	}
	if !strings.HasPrefix(name, "alias/") {
		name = "key/" + name
	}
	arn.Service, arn.Resource = "kms", name
	attributes.KeyID = arn.String()
}

// key asks about a KMS key by id, alias or ARN. The policy is read when asked
// for and when it can matter: for a customer's key that is enabled.
func key(ctx context.Context, api KeysAPI, name string, withPolicy bool) *account.Key {
	k := &account.Key{Metadata: keyMetadata(ctx, api, name)}
	if m, ok := k.Metadata.Got(); withPolicy && ok && m != nil && isUsable(m) {
		k.Policy = keyPolicy(ctx, api, m.ARN)
	}
	return k
}

func isUsable(m *account.KeyMetadata) bool {
	return m.Manager != string(types.KeyManagerTypeAws) && m.State == string(types.KeyStateEnabled)
}

func keyMetadata(ctx context.Context, api KeysAPI, name string) *account.Read[*account.KeyMetadata] {
	const operation = "kms:DescribeKey"
	out, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(name)})
	if err != nil || out.KeyMetadata == nil {
		return found[account.KeyMetadata](operation, nil, err)
	}
	m := out.KeyMetadata
	return found(operation, &account.KeyMetadata{
		ARN:     aws.ToString(m.Arn),
		Manager: string(m.KeyManager),
		State:   string(m.KeyState),
	}, nil)
}

// keyPolicy takes the key's ARN: GetKeyPolicy knows no aliases. A key has one
// policy, and its name is "default".
func keyPolicy(ctx context.Context, api KeysAPI, arn string) *account.Read[string] {
	out, err := api.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String(arn), PolicyName: aws.String("default")})
	var policy string
	if err == nil {
		policy = aws.ToString(out.Policy)
	}
	return answer("kms:GetKeyPolicy", policy, err)
}
