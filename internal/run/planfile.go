package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/planfile"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// SavePlan writes a plan for one account into a file that apply --plan carries out, which only its owner can read.
func (r *Runner) SavePlan(ctx context.Context, path string, p *Planning) error {
	file, err := plan.Save(p.snap, p.Plan, p.options, r.madeBy(&p.Scope.Config), r.Now())
	if err != nil {
		return err
	}
	return writePlan(ctx, r, &p.Request, path, file)
}

// writePlan writes a saved plan and shows what to do with it.
func writePlan[W planfile.Wishes](ctx context.Context, r *Runner, q *Request, path string, file planfile.File[W]) error {
	if err := files.Write(ctx, path, files.Private, file.Encode); err != nil {
		return err
	}
	if !q.Quiet {
		r.Console.Say("%s saved; 'monitorctl apply --plan %s' carries out exactly this plan", Plural(len(file.Actions), "change"), path)
	}
	return nil
}

// madeBy is what a saved plan depends on beside the account and the wishes.
func (r *Runner) madeBy(conf *Config) planfile.MadeBy {
	m := planfile.MadeBy{Version: r.Version}
	if c := conf.Identity(); c != nil {
		m.Config = &planfile.Config{Path: c.Path, SHA256: c.SHA256}
	}
	return m
}

// sameConfig demands the configuration that the plan was made with: names and
// waivers come from there.
func sameConfig(saved, now *planfile.Config) error {
	switch {
	case saved == nil && now == nil, saved != nil && now != nil && saved.SHA256 == now.SHA256:
		return nil
	case saved == nil:
		return exit.Usage(errors.New("the plan was saved without --config: leave it out"))
	case now == nil:
		return exit.Hinted(exit.Usage(fmt.Errorf("the plan was saved with the configuration %s", saved.Path)), "give it again with --config")
	}
	return exit.Usage(fmt.Errorf("the plan was saved with a different configuration than %s: its SHA-256 was %s", now.Path, saved.SHA256))
}

// LoadPlan reads a saved plan, which must have been made with the same configuration
// and for the expected account ("" for any).
func (r *Runner) LoadPlan(ctx context.Context, path, expectAccount string, conf *Config) (*planfile.File[plan.Wishes], error) {
	file, err := readPlan[plan.Wishes](ctx, path)
	if err != nil {
		return nil, err
	}
	if err := expect(expectAccount, file.Account); err != nil {
		return nil, err
	}
	return &file, sameConfig(file.Config, r.madeBy(conf).Config)
}

func readPlan[W planfile.Wishes](ctx context.Context, path string) (planfile.File[W], error) {
	in, err := files.Open(ctx, path)
	if err != nil {
		return planfile.File[W]{}, fmt.Errorf("reading the plan: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read from
	file, err := planfile.Decode[W](in)
	var bad *strictjson.Error
	if errors.As(err, &bad) {
		return file, exit.Hinted(fmt.Errorf("reading the plan %s: %w", path, err), "'monitorctl plan --save FILE' writes one")
	}
	if err != nil {
		return file, fmt.Errorf("reading the plan %s: %w", path, err)
	}
	return file, nil
}

// comparePlan refuses a saved plan that is not what would be planned now.
func (r *Runner) comparePlan(p *Planning) error {
	if p.Saved == nil {
		return nil
	}
	now := planfile.File[plan.Wishes]{Account: p.Plan.Before.Accounts[0].ID}
	if len(p.Plan.Conflicts) == 0 {
		var err error
		if now, err = plan.Save(p.snap, p.Plan, p.options, r.madeBy(&p.Scope.Config), r.Now()); err != nil {
			return err
		}
	}
	return r.differs(p.Plan, planfile.Compare(*p.Saved, now, action.Facts(p.snap)), p.Saved.Tool.Version)
}

// differs refuses a plan that differs from the saved one, which a version of monitorctl
// made; nil when there is no difference.
func (r *Runner) differs(p change.Plan, diffs []planfile.Difference, version string) error {
	if len(diffs) == 0 {
		return nil
	}
	r.Console.Say("The account has changed since the plan was made:")
	for _, x := range p.Conflicts {
		r.Console.Say("  %s: %s", x.Resource, x.Reason)
	}
	for _, d := range diffs {
		r.Console.Say("  %s", d)
	}
	hint := "look at 'monitorctl plan' and save a new plan"
	if version != r.Version {
		hint += "; this one was saved by version " + version
	}
	return exit.Hinted(fmt.Errorf("the account has changed since the plan was saved (%s); nothing was written", Plural(len(diffs), "difference")), hint)
}
