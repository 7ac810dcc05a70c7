package run

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// profileNames are the profiles that fit the pattern, sorted.
func (q *FleetRequest) profileNames() ([]string, error) {
	var names []string
	for _, name := range collect.Profiles() {
		if ok, err := path.Match(q.Profiles, name); err != nil {
			return nil, exit.Usage(fmt.Errorf("--profiles %q: %w", q.Profiles, err))
		} else if ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, exit.Usage(fmt.Errorf("--profiles %q matches no profile of the shared AWS configuration", q.Profiles))
	}
	return names, nil
}

// firstProfile connects with the first of the profiles that works: whoever signs in by profiles
// may have no other credentials.
func (r *Runner) firstProfile(ctx context.Context, q *FleetRequest) (*collect.Session, error) {
	names, err := q.profileNames()
	if err != nil {
		return nil, err
	}
	var first error
	for _, name := range names {
		source := q.Source
		source.Profile, source.ExternalID = name, ""
		s, err := r.connect(ctx, &source, func(c *collect.Config) { c.Connections = q.Connections })
		if err == nil {
			_, err = s.Caller(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return s, err
		}
		if first == nil {
			first = fmt.Errorf("profile %s: %w", name, err)
		}
	}
	if len(names) == 1 {
		return nil, first
	}
	return nil, fmt.Errorf("signing in failed with each of %d profiles: %w", len(names), first)
}

// profiles returns the accounts of profiles. Several profiles of one account are one. Those
// that do not answer are the error that the stream ends with. One is asked after the other:
// a profile may want the code of an MFA device.
func (r *Runner) profiles(ctx context.Context, q *FleetRequest, f *fleet.Fleet) (targets.Stream, error) {
	names, err := q.profileNames()
	if err != nil {
		return nil, err
	}
	var list []targets.Target
	var failed error
	seen := map[string]bool{}
	for _, name := range names {
		id, err := f.AccountOf(ctx, name)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("profile %s: %w", name, err))
		case !seen[id]:
			seen[id] = true
			list = append(list, targets.Target{ID: id, Name: name, Profile: name})
		}
	}
	f.Know(list)
	if failed != nil {
		return endingWith(list, failed), nil
	}
	return targets.Of(list), nil
}
