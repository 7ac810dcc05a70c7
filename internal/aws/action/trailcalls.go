package action

import (
	"context"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// TrailCalls are the calls by which a trail and its parts are made and removed. Errors are
// as those of Calls. The owner of a bucket is the account that has to own it.
type TrailCalls interface {
	// LogGroup reads a log group, nil for none; with contents also whether it has streams.
	LogGroup(ctx context.Context, region, name string, contents bool) (*account.TrailGroup, error)
	// CreateLogGroup makes a log group with its tags; the retention is not set. The error
	// is ErrTaken when there is one of that name.
	CreateLogGroup(ctx context.Context, region string, g account.TrailGroup) error
	PutRetention(ctx context.Context, region, name string, days int32) error
	// DeleteLogGroup deletes a log group with all that it holds.
	DeleteLogGroup(ctx context.Context, region, name string) error

	// Bucket reads a bucket, nil for none; with contents also whether it holds objects.
	Bucket(ctx context.Context, region, name, owner string, contents bool) (*account.Bucket, error)
	// CreateBucket makes a bucket with its tags. The error is ErrTaken when there is one of
	// that name; in us-east-1 there is none where the account has it already.
	CreateBucket(ctx context.Context, region, name string, tags map[string]string) error
	TagBucket(ctx context.Context, region, name, owner string, tags map[string]string) error
	// SetBucket writes one part of a bucket's settings.
	SetBucket(ctx context.Context, region, name, owner string, part BucketPart, to account.BucketSettings) error
	// DeleteBucket deletes an empty bucket. The error is ErrNotEmpty for another.
	DeleteBucket(ctx context.Context, region, name, owner string) error

	// Trail reads a trail at its home region, nil for none.
	Trail(ctx context.Context, region, arn string) (*account.OwnTrail, error)
	// CreateTrail makes a trail with its tags, which does not log yet. The error is
	// ErrTaken when there is one of that name, and ErrNotYet while CloudTrail does not see
	// what it needs, which may have been made a moment ago.
	CreateTrail(ctx context.Context, region string, t account.OwnTrail) error
	// SetDelivery changes where a trail delivers to. The error may be ErrNotYet.
	SetDelivery(ctx context.Context, region, arn string, d account.TrailDelivery) error
	// PutSelectors takes basic selectors only.
	PutSelectors(ctx context.Context, region, arn string, s account.Selectors) error
	StartLogging(ctx context.Context, region, arn string) error
	StopLogging(ctx context.Context, region, arn string) error
	DeleteTrail(ctx context.Context, region, arn string) error

	// Pause waits; its error says that ctx ended before.
	Pause(ctx context.Context, d time.Duration) error
}

// A BucketPart is a part of a bucket's settings that one call writes.
type BucketPart int

// Parts, in the order in which they are written: the policy is the last one.
const (
	PublicAccess BucketPart = iota
	Ownership
	Versioning
	Encryption
	BucketPolicy
	bucketParts // how many there are
)

// Call names the operation that writes the part.
func (p BucketPart) Call() string {
	return [...]string{"s3:PutPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutBucketVersioning", "s3:PutBucketEncryption", "s3:PutBucketPolicy"}[p]
}

// With returns settings with a part of others in place of their own.
func (p BucketPart) With(s, other account.BucketSettings) account.BucketSettings {
	switch p {
	case PublicAccess:
		s.BlockPublic = other.BlockPublic
	case Ownership:
		s.Ownership = other.Ownership
	case Versioning:
		s.Versioning = other.Versioning
	case Encryption:
		s.Encryption = other.Encryption
	case BucketPolicy:
		s.Policy = other.Policy
	}
	return s
}

// sameBucket compares settings; policies as documents.
func sameBucket(a, b account.BucketSettings) bool {
	if a.Policy != b.Policy && !account.SameJSON(a.Policy, b.Policy) {
		return false
	}
	a.Policy = b.Policy
	return a == b
}
