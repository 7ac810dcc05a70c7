package action

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// CreateBucket makes the bucket of a trail's log files with its tags, so that it is known
// as ours even if the run dies behind it, and then writes its settings, the policy last.
type CreateBucket struct {
	change.Meta
	Bucket account.Bucket // as it will be
}

func (CreateBucket) sealed() {}

// String returns "create bucket monitorctl-cloudtrail-111122223333-eu-central-1
// (eu-central-1)".
func (a CreateBucket) String() string {
	return fmt.Sprintf("create bucket %s (%s)", a.Bucket.Name, a.Region)
}

// Kind returns "create-bucket".
func (CreateBucket) Kind() string { return "create-bucket" }

// Name returns the bucket's name.
func (a CreateBucket) Name() string { return a.Bucket.Name }

// New returns true: a bucket that a run left unfinished counts as none.
func (CreateBucket) New() bool { return true }

// Place is before the trail.
func (CreateBucket) Place() Place { return createsBucket }

// Object returns the bucket.
func (a CreateBucket) Object() change.Object { return BucketObject(a.Region, a.Bucket.Name) }

// Closing sets the controls that the action helps.
func (a CreateBucket) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (CreateBucket) Calls() []string {
	calls := []string{"s3:CreateBucket", "s3:PutBucketTagging"}
	for p := range bucketParts {
		calls = append(calls, p.Call())
	}
	return calls
}

// Cost is by the gigabyte.
func (CreateBucket) Cost() change.Cost {
	return change.Cost{Usage: []string{"bucket: S3's price for storage; nothing is ever deleted from it"}}
}

// Fields has the policy in words unless all is asked for.
func (a CreateBucket) Fields(all bool) []change.Field {
	s := a.Bucket.Settings
	if !all {
		s.Policy = "CloudTrail may write this trail's log files; access needs TLS (--verbose shows the policy)"
	}
	return change.Created(bucketSettings(s, a.Bucket.Tags))
}

func bucketSettings(s account.BucketSettings, tags map[string]string) []change.Setting {
	block := "not blocked"
	if s.BlockPublic {
		block = "blocked"
	}
	return []change.Setting{
		{Name: "public access", Value: block},
		{Name: "ownership", Value: s.Ownership},
		{Name: "versioning", Value: s.Versioning},
		{Name: "encryption", Value: s.Encryption},
		{Name: "policy", Value: s.Policy},
		{Name: "tags", Value: pairs(tags)},
	}
}

// BucketWords are the settings of a bucket in words.
func BucketWords(b account.Bucket) []change.Setting { return bucketSettings(b.Settings, b.Tags) }

// Saved holds the whole bucket.
func (a CreateBucket) Saved() change.Saved {
	return change.Saved{Name: a.Bucket.Name, After: a.Bucket}
}

func (CreateBucket) simulate(*draft) {} // no audit looks at it

func (a CreateBucket) rests(b *basis) { b.bucket(a.Bucket.Name) }

func (a CreateBucket) limits() error { return within("tags", len(a.Bucket.Tags), maxTags) }

func (a CreateBucket) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a CreateBucket) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	var out Outcome
	write, cancel := change.Writing(ctx)
	defer cancel()
	if have == nil {
		out.Written = true
		if have, err = a.make(ctx, write, r); err != nil {
			return Outcome{}, err
		}
	}
	for part := range bucketParts {
		next := part.With(have.Settings, a.Bucket.Settings)
		if sameBucket(have.Settings, next) {
			continue
		}
		out.Written = true
		before := have.Settings
		e := change.Record[State]{Object: a.Object(), Before: &State{BucketSettings: &before}, After: &State{BucketSettings: &next}}
		err := r.write(e, func() (string, error) {
			return "", r.Calls.SetBucket(write, a.Region, a.Bucket.Name, a.Account, part, next)
		})
		var w *WriteError
		if errors.As(err, &w) {
			w.Before = "the bucket was created"
		}
		if err != nil {
			return Outcome{}, err
		}
		have.Settings = next
	}
	return out, nil
}

// make creates the bucket and returns it as it is then.
func (a CreateBucket) make(ctx, write context.Context, r *Run) (*account.Bucket, error) {
	e := change.Record[State]{Object: a.Object(), After: &State{Bucket: &Bucket{a.Bucket.Name}}}
	err := r.write(e, func() (string, error) { return "", r.Calls.CreateBucket(write, a.Region, a.Bucket.Name, a.Bucket.Tags) })
	taken := errors.Is(err, ErrTaken) // someone was faster: another run of ours, or a stranger
	if err != nil && !taken {
		return nil, err
	}
	if have, err := r.Calls.Bucket(write, a.Region, a.Bucket.Name, a.Account, false); err == nil && have != nil && a.lacksTags(have, taken) {
		e := change.Record[State]{Object: a.Object(), Before: &State{Tags: &map[string]string{}}, After: &State{Tags: &a.Bucket.Tags}}
		err := r.write(e, func() (string, error) {
			return "", r.Calls.TagBucket(write, a.Region, a.Bucket.Name, a.Account, a.Bucket.Tags)
		})
		if err != nil {
			return nil, err
		}
	}
	have, err := a.now(write, r.Calls)
	if err == nil && have == nil {
		err = a.changed("appeared and disappeared")
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return have, err
}

// lacksTags reports whether a bucket that was surely made by the call before has none of
// its tags: an endpoint may know the call without them. In us-east-1 a call that went well
// is no proof that it made the bucket.
func (a CreateBucket) lacksTags(have *account.Bucket, taken bool) bool {
	return !taken && a.Region != "us-east-1" && !have.Foreign && len(have.Tags) == 0 && have.Settings.Policy == ""
}

// now reads the bucket, nil for none. One that is not ours, or ours with a policy that
// someone edited, is an error.
func (a CreateBucket) now(ctx context.Context, c Calls) (*account.Bucket, error) {
	have, err := c.Bucket(ctx, a.Region, a.Bucket.Name, a.Account, false)
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for bucket %s: %w", a.Bucket.Name, err)
	case have == nil:
		return nil, nil //nolint:nilnil // there is none
	case have.Foreign:
		return nil, fmt.Errorf("bucket %s belongs to another account: choose another name with --bucket", a.Bucket.Name)
	case !desired.OwnerByTags(have.Tags).Ours():
		return nil, a.changed("appeared")
	case have.Settings.Policy != "" && !account.SameJSON(have.Settings.Policy, a.Bucket.Settings.Policy):
		return nil, a.changed("was given another policy")
	}
	return have, nil
}

func (a CreateBucket) changed(what string) error {
	return &ChangedError{Resource: fmt.Sprintf("bucket %q", a.Bucket.Name), Change: what}
}

// FinishedBucket reports whether a bucket has just the settings that are wanted; policies
// are compared as documents.
func FinishedBucket(have, want account.BucketSettings) bool { return sameBucket(have, want) }

// SamePolicy reports whether two documents say the same.
func SamePolicy(a, b string) bool { return a == b || account.SameJSON(a, b) }
