package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/planfile"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// fixedByPlan are the flags that a saved plan has answered.
var fixedByPlan = []string{
	"set", "mapping", "benchmark", "region", "home-region", "topic-arn", "topic-name", "subscribe", "complete", "tag", "name-prefix", "replace", "extend-topic-policy", "kms-key",
	"resource-group", "create-resource-group", "action-group", "once", "one-rule", "register-provider",
}

// savePlan writes the file of plan --save, which only its owner can read.
func (e *env) savePlan(ctx context.Context, f *planFlags, j *planning) error {
	file, err := plan.Save(j.snap, j.plan, j.options, e.madeBy(), e.now())
	if err != nil {
		return err
	}
	if err := files.Write(ctx, f.save, files.Private, file.Encode); err != nil {
		return err
	}
	e.saidSaved(f, len(j.plan.Actions))
	return nil
}

// saidSaved says what to do with a saved plan.
func (e *env) saidSaved(f *planFlags, changes int) {
	if !f.quiet {
		fmt.Fprintf(e.err, "%s saved; 'monitorctl apply --plan %s' carries out exactly this plan\n", plural(changes, "change"), report.Sanitize(f.save))
	}
}

// madeBy is what a saved plan depends on beside the account and the wishes.
func (e *env) madeBy() planfile.MadeBy {
	m := planfile.MadeBy{Version: versionText()}
	if e.config != nil {
		m.Config = &planfile.Config{Path: e.config.Path, SHA256: e.config.SHA256}
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
		return usage(errors.New("the plan was saved without --config, and --config would change it"))
	case now == nil:
		return hinted(usage(fmt.Errorf("the plan was saved with the configuration %s", saved.Path)), "give it again with --config")
	}
	return usage(fmt.Errorf("the plan was saved with another configuration than %s: its SHA-256 was %s", now.Path, saved.SHA256))
}

// loadPlan reads the file of apply --plan and takes the wishes from it.
func (e *env) loadPlan(ctx context.Context, c *cobra.Command, f *planFlags, j *planning, names []string) error {
	if err := checkFixed(c, names); err != nil {
		return err
	}
	file, err := readPlan[plan.Wishes](ctx, f.planFile)
	if err != nil {
		return err
	}
	if err := expect(f.expectAccount, file.Account); err != nil {
		return err
	}
	if err := sameConfig(file.Config, e.madeBy().Config); err != nil {
		return err
	}
	f.expectAccount = file.Account
	f.benchmark = file.Wishes.Benchmark
	j.saved, j.options = &file, file.Wishes.Options()
	if len(j.options.Scope) > 0 {
		f.regions = j.options.Scope
	}
	j.controls, j.benchmark, err = f.selection(file.Wishes.Controls)
	return err
}

// checkFixed refuses flags and arguments that a saved plan has answered.
func checkFixed(c *cobra.Command, names []string) error {
	if len(names) > 0 {
		return usage(fmt.Errorf("--plan says which controls are meant; %q contradicts it", names[0]))
	}
	for _, flag := range fixedByPlan {
		if c.Flags().Changed(flag) {
			return hinted(usage(fmt.Errorf("--plan and --%s contradict each other: the saved plan has settled that", flag)),
				"save another plan with 'monitorctl plan --save'; also look at "+envName(flag))
		}
	}
	return nil
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
		return file, hinted(fmt.Errorf("reading the plan %s: %w", path, err), "'monitorctl plan --save FILE' writes one")
	}
	if err != nil {
		return file, fmt.Errorf("reading the plan %s: %w", path, err)
	}
	return file, nil
}

// comparePlan refuses a saved plan that is not what would be planned now.
func (e *env) comparePlan(j *planning) error {
	if j.saved == nil {
		return nil
	}
	now := planfile.File[plan.Wishes]{Account: j.plan.Before.Accounts[0].ID}
	if len(j.plan.Conflicts) == 0 {
		var err error
		if now, err = plan.Save(j.snap, j.plan, j.options, e.madeBy(), e.now()); err != nil {
			return err
		}
	}
	return e.differs(j.plan, planfile.Compare(*j.saved, now, action.Facts(j.snap)), j.saved.Tool.Version)
}

// differs refuses a plan that differs from the saved one, which a version of monitorctl
// made; nil when there is no difference.
func (e *env) differs(p change.Plan, diffs []planfile.Difference, version string) error {
	if len(diffs) == 0 {
		return nil
	}
	e.clearProgress()
	fmt.Fprintln(e.err, "The account is not as the plan was made for:")
	for _, x := range p.Conflicts {
		fmt.Fprintln(e.err, "  "+report.Sanitize(x.Resource+": "+x.Reason))
	}
	for _, d := range diffs {
		fmt.Fprintln(e.err, "  "+report.Sanitize(d.String()))
	}
	hint := "look at 'monitorctl plan' and save a new plan"
	if version != versionText() {
		hint += "; this one was saved by version " + version
	}
	return hinted(fmt.Errorf("the account has changed since the plan was saved (%s); nothing was written", plural(len(diffs), "difference")), hint)
}

// envName is the environment variable that stands for a flag.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
