package action

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// HoldsFiles says why a bucket stays.
const HoldsFiles = "it holds log files, which are evidence"

// DeleteBucket removes a bucket of ours while it is empty. No object is ever deleted.
type DeleteBucket struct {
	change.Meta
	Bucket account.Bucket // as it was read
}

func (DeleteBucket) sealed() {}

// String returns "delete bucket monitorctl-cloudtrail-111122223333-eu-central-1
// (eu-central-1)".
func (a DeleteBucket) String() string {
	return fmt.Sprintf("delete bucket %s (%s)", a.Bucket.Name, a.Region)
}

// Kind returns "delete-bucket".
func (DeleteBucket) Kind() string { return "delete-bucket" }

// Name returns the bucket's name.
func (a DeleteBucket) Name() string { return a.Bucket.Name }

// New returns false.
func (DeleteBucket) New() bool { return false }

// Place is behind the trail that writes into it.
func (DeleteBucket) Place() Place { return deletesBucket }

// Object returns the bucket.
func (a DeleteBucket) Object() change.Object { return BucketObject(a.Region, a.Bucket.Name) }

// Closing sets the controls that the action is about.
func (a DeleteBucket) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteBucket) Calls() []string { return []string{"s3:DeleteBucket"} }

// Cost is nothing.
func (DeleteBucket) Cost() change.Cost { return change.Cost{} }

// Fields has the settings.
func (a DeleteBucket) Fields(bool) []change.Field { return change.Gone(BucketWords(a.Bucket)) }

// Saved holds the whole bucket.
func (a DeleteBucket) Saved() change.Saved {
	return change.Saved{Name: a.Bucket.Name, Before: a.Bucket}
}

func (DeleteBucket) simulate(*draft) {}

func (a DeleteBucket) rests(b *basis) { b.bucket(a.Bucket.Name) }

func (DeleteBucket) limits() error { return nil }

func (a DeleteBucket) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a DeleteBucket) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	if have.Holds.Value {
		return Outcome{Kept: HoldsFiles}, nil
	}
	e := change.Record[State]{Object: a.Object(), Before: BucketState(*have)}
	out, err := r.remove(ctx, a.look, e, func(ctx context.Context) error {
		return r.Calls.DeleteBucket(ctx, a.Region, a.Bucket.Name, a.Account)
	})
	if errors.Is(err, ErrNotEmpty) { // CloudTrail was faster
		return Outcome{Kept: HoldsFiles}, nil
	}
	return out, err
}

func (a DeleteBucket) look(ctx context.Context, c Calls) (bool, error) {
	have, err := a.now(ctx, c)
	return have != nil && !have.Holds.Value, err
}

// now reads the bucket with what it holds, nil when it is gone; an error when it is not as
// the plan saw it.
func (a DeleteBucket) now(ctx context.Context, c Calls) (*account.Bucket, error) {
	have, err := c.Bucket(ctx, a.Region, a.Bucket.Name, a.Account, true)
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for bucket %s: %w", a.Bucket.Name, err)
	case have == nil:
		return nil, nil //nolint:nilnil // as wanted
	case have.Foreign || !sameBucket(have.Settings, a.Bucket.Settings) || !maps.Equal(have.Tags, a.Bucket.Tags):
		return nil, &ChangedError{Resource: fmt.Sprintf("bucket %q", a.Bucket.Name), Change: "was changed"}
	case have.Holds.Failed() != nil:
		return nil, fmt.Errorf("looking into bucket %s: %w", a.Bucket.Name, readFailed(have.Holds.Failed()))
	}
	return have, nil
}
