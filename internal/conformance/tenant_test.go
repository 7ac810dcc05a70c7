package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

const (
	// The emulator takes any key for its own account. The id must look like one:
	// 20 capital letters or digits.
	keyID  = "AKIDTESTTESTTESTTEST"
	secret = "any"

	mainID  = "123456789012" // the emulator's own account
	otherID = "222222222222"

	group = "/aws/cloudtrail"
)

// role is the way into an account.
func role(account string) string { return "arn:aws:iam::" + account + ":role/any" }

// A tenant is an account of the emulator, seen through AWS's own SDK with none
// of the program's code in between.
type tenant struct {
	id  string
	cfg aws.Config
}

// main is the account that the emulator's credentials belong to.
func (l *lab) main() tenant {
	return tenant{mainID, aws.Config{
		Region: home, BaseEndpoint: aws.String(l.url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(keyID, secret, ""),
	}}
}

// other is a second account. Its credentials last until the emulator is
// emptied.
func (l *lab) other(t *testing.T) tenant {
	t.Helper()
	a := l.main()
	out, err := sts.NewFromConfig(a.cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(role(otherID)), RoleSessionName: aws.String("conformance"),
	})
	must(t, err)
	c := out.Credentials
	a.id = otherID
	a.cfg.Credentials = credentials.NewStaticCredentialsProvider(
		aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken))
	return a
}

// in is the account seen in another region.
func (a tenant) in(region string) tenant {
	a.cfg.Region = region
	return a
}

func (a tenant) logs() *cloudwatchlogs.Client { return cloudwatchlogs.NewFromConfig(a.cfg) }
func (a tenant) topics() *sns.Client          { return sns.NewFromConfig(a.cfg) }

// alarms is a CloudWatch client in the one protocol that this test reads in,
// whichever the program wrote in.
func (a tenant) alarms() *cloudwatch.Client {
	return cloudwatch.NewFromConfig(a.cfg, func(o *cloudwatch.Options) {
		o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
	})
}

// addTrail gives the account a log group and a multi-region trail that delivers
// every management event to it.
func (a tenant) addTrail(t *testing.T) {
	t.Helper()
	const name = "org-trail"
	bucket := "trail-of-" + a.id // the names of buckets are global
	a.addBucket(t, bucket)
	_, err := a.logs().CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)})
	must(t, err)
	trails := cloudtrail.NewFromConfig(a.cfg)
	_, err = trails.CreateTrail(t.Context(), &cloudtrail.CreateTrailInput{
		Name: aws.String(name), S3BucketName: aws.String(bucket),
		IsMultiRegionTrail: aws.Bool(true), IncludeGlobalServiceEvents: aws.Bool(true),
		CloudWatchLogsLogGroupArn: aws.String(fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s:*", home, a.id, group)),
		CloudWatchLogsRoleArn:     aws.String(fmt.Sprintf("arn:aws:iam::%s:role/to-logs", a.id)),
	})
	must(t, err)
	_, err = trails.PutEventSelectors(t.Context(), &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String(name),
		EventSelectors: []trailtypes.EventSelector{
			{ReadWriteType: trailtypes.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)},
		},
	})
	must(t, err)
	_, err = trails.StartLogging(t.Context(), &cloudtrail.StartLoggingInput{Name: aws.String(name)})
	must(t, err)
}

// addOrganization makes the account the management account of an organization.
func (a tenant) addOrganization(t *testing.T) {
	t.Helper()
	_, err := organizations.NewFromConfig(a.cfg).CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{})
	must(t, err)
}

// addMember creates an account in the organization and returns its id.
func (a tenant) addMember(t *testing.T) string {
	t.Helper()
	out, err := organizations.NewFromConfig(a.cfg).CreateAccount(t.Context(), &organizations.CreateAccountInput{
		AccountName: aws.String("member"), Email: aws.String("member@example.com"),
	})
	must(t, err)
	return aws.ToString(out.CreateAccountStatus.AccountId)
}

// addBucket makes the bucket without which the emulator creates no trail. One
// call is not worth the SDK's S3 client.
func (a tenant) addBucket(t *testing.T, name string) {
	t.Helper()
	const region = "us-east-1" // elsewhere the request needs a body
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, aws.ToString(a.cfg.BaseEndpoint)+"/"+name, http.NoBody)
	must(t, err)
	keys, err := a.cfg.Credentials.Retrieve(t.Context())
	must(t, err)
	nothing := sha256.Sum256(nil)
	must(t, v4.NewSigner().SignHTTP(t.Context(), keys, req, hex.EncodeToString(nothing[:]), "s3", region, time.Now()))
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("creating bucket %s: %s", name, resp.Status)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
