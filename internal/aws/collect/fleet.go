package collect

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Fleet makes the sessions of many accounts, which share clients, connections and the
// count of calls. Each session calls as its own account and never as another: a call whose
// context names nobody fails.
type Fleet struct {
	base   *Session
	shared *Session // what the sessions of accounts are copies of
}

// DefaultConnections is how many requests a Fleet has under way at once, and how many idle
// connections it keeps.
const DefaultConnections = 256

// NewFleet returns a fleet whose roles are assumed with the credentials of base.
// connections bounds the requests under way at once.
func NewFleet(base *Session, connections int) *Fleet {
	shared := &Session{
		cfg: base.cfg.Copy(), conf: base.conf, isAWS: base.isAWS, retries: base.retries,
		meter: base.meter, pacer: base.pacer, slots: make(chan struct{}, connections), regions: newRegionClients(),
	}
	shared.cfg.Credentials = perCall{}
	own := len(base.cfg.APIOptions) - 1 // base's own instruments are the last
	shared.cfg.APIOptions = append(slices.Clone(base.cfg.APIOptions[:own]), shared.instrument)
	shared.cfg.Retryer = func() aws.Retryer {
		fresh := func() aws.RetryerV2 { return newRetryer(shared.retries, shared.isAWS) }
		return perAccount{fresh(), fresh}
	}
	return &Fleet{base: base, shared: shared}
}

// session returns the session of an account.
func (f *Fleet) session(c Caller, provider aws.CredentialsProvider) *Session {
	s := f.shared
	return &Session{
		cfg: s.cfg, conf: s.conf, isAWS: s.isAWS, retries: s.retries, meter: s.meter, pacer: s.pacer, slots: s.slots, regions: s.regions,
		caller: &c,
		as:     &identity{caller: c, credentials: provider, pacer: newPacer(s.pacer.share), retryers: map[string]aws.RetryerV2{}},
	}
}

// Base returns the session of the account whose credentials the fleet was made with.
func (f *Fleet) Base(ctx context.Context) (*Session, error) { return f.Of(ctx, f.base) }

// Of returns a session of the fleet that calls as another session's account.
func (f *Fleet) Of(ctx context.Context, s *Session) (*Session, error) {
	c, err := s.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return f.session(c, s.cfg.Credentials), nil
}

// Connect returns a session of the fleet that calls as the account of a profile. It makes
// one call.
func (f *Fleet) Connect(ctx context.Context, profile string) (*Session, error) {
	conf := f.base.conf
	conf.Profile, conf.RoleARN, conf.ExternalID, conf.Like = profile, "", "", f.shared
	s, err := Connect(ctx, conf)
	if err != nil {
		return nil, err
	}
	return f.Of(ctx, s)
}

// Stats returns how many calls all sessions of the fleet have made so far.
func (f *Fleet) Stats() Stats { return f.shared.meter.read() }

// Close gives the idle connections back.
func (f *Fleet) Close() {
	if c, ok := f.shared.cfg.HTTPClient.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// A Role says which role to assume, and how.
type Role struct {
	ARN        string
	ExternalID string

	// Policy is a session policy, which clips what the role may do; "" for none.
	Policy string
}

// sessionTime is how long a session of an assumed role lasts: AWS's least, because an
// account is read in seconds. Chained roles have an hour at most.
const sessionTime = 15 * time.Minute

var roleARN = regexp.MustCompile(`^arn:([a-z-]+):iam::([0-9]{12}):role/(.+)$`)

// RoleARN makes an ARN of what a person says: a name, a path, or an ARN in which {Id}, or
// c7n's {account_id}, stands for the account.
func RoleARN(role, partition, id string) (string, error) {
	text := strings.NewReplacer("{Id}", id, "{id}", id, "{account_id}", id).Replace(role)
	if !strings.HasPrefix(text, "arn:") {
		text = fmt.Sprintf("arn:%s:iam::%s:role/%s", partition, id, strings.TrimPrefix(strings.TrimPrefix(text, "/"), "role/"))
	}
	if !roleARN.MatchString(text) {
		return "", fmt.Errorf("role %q: expected a name, a path or an ARN such as arn:aws:iam::{Id}:role/audit", role)
	}
	return text, nil
}

// Assume returns the session of a role that a session of the fleet assumes: in one call,
// whose answer tells the account. The error is a *CallError unless ctx ended.
func (f *Fleet) Assume(ctx context.Context, by *Session, r Role) (*Session, error) {
	in := &sts.AssumeRoleInput{
		RoleArn: aws.String(r.ARN), RoleSessionName: aws.String(sessionName), DurationSeconds: aws.Int32(int32(sessionTime / time.Second)),
	}
	if r.ExternalID != "" {
		in.ExternalId = aws.String(r.ExternalID)
	}
	if r.Policy != "" {
		in.Policy = aws.String(r.Policy)
	}
	out, err := f.roles().AssumeRole(by.Bind(ctx), in)
	if err != nil {
		if ended := ended(ctx); ended != nil {
			return nil, ended
		}
		return nil, Explain("sts:AssumeRole", err)
	}
	c := Caller{ARN: aws.ToString(out.AssumedRoleUser.Arn)}
	if arn, ok := account.ParseARN(c.ARN); ok {
		c.Account, c.Partition = arn.Account, arn.Partition
	}
	if m := roleARN.FindStringSubmatch(r.ARN); m == nil || c.Account != m[2] {
		return nil, &CallError{Operation: "sts:AssumeRole", Code: CodeUnknown, Message: fmt.Sprintf("asked for %s but got the role of account %q", r.ARN, c.Account)}
	}
	k := out.Credentials
	provider := credentials.NewStaticCredentialsProvider(aws.ToString(k.AccessKeyId), aws.ToString(k.SecretAccessKey), aws.ToString(k.SessionToken))
	return f.session(c, provider), nil
}

// RolesAPI is the part of STS that a Fleet calls.
type RolesAPI interface {
	AssumeRole(context.Context, *sts.AssumeRoleInput, ...func(*sts.Options)) (*sts.AssumeRoleOutput, error)
}

var _ RolesAPI = (*sts.Client)(nil)

// roles returns the client that assumes roles, made once: the endpoint of the base region,
// whose tokens hold in every region.
func (f *Fleet) roles() RolesAPI {
	s := f.shared
	s.regions.mu.Lock()
	defer s.regions.mu.Unlock()
	if s.regions.sts == nil {
		s.regions.sts = sts.NewFromConfig(s.cfg)
	}
	return s.regions.sts
}
