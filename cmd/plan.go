package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/planfile"
	"github.com/monitorctl/monitorctl/internal/report"
)

// wishFlags are the wishes of plan and apply.
type wishFlags struct {
	nameFlags
	topicARN  string
	subscribe []string
	complete  bool
	tags      []string

	replace      []string
	extendPolicy bool
	kmsKey       string
}

func (f *wishFlags) add(c *cobra.Command) {
	f.nameFlags.add(c)
	fl := c.Flags()
	fl.StringVar(&f.topicARN, "topic-arn", "", "existing topic for our alarms, checked before it is used")
	fl.StringArrayVar(&f.subscribe, "subscribe", nil, "who to notify, repeatable: email:a@b, sms:+49..., https://..., pagerduty:env:NAME, ... (monitorctl channels lists the forms)")
	fl.BoolVar(&f.complete, "complete", false, "add supplements for the operations that the benchmark does not require")
	fl.StringArrayVar(&f.replace, "replace", nil, "NAME of a filter or alarm that stands in the way or was edited, to be replaced by ours; repeatable")
	fl.BoolVar(&f.extendPolicy, "extend-topic-policy", false, "add the statement that CloudWatch needs to the policy of a topic that lacks it")
	fl.StringVar(&f.kmsKey, "kms-key", "", "ARN of the KMS key that encrypts our topic, checked before it is used")
	fl.StringArrayVar(&f.tags, "tag", nil, "KEY=VALUE for our alarms and topic, repeatable")
}

// options turns the flags into the options of a plan.
func (f *wishFlags) options(conf config.File) (plan.Options, error) {
	o := plan.Options{TopicARN: f.topicARN, TopicName: f.topicName, Complete: f.complete, NamePrefix: f.prefix,
		Replace: f.replace, ExtendTopicPolicy: f.extendPolicy, KeyARN: f.kmsKey}
	if f.kmsKey != "" && f.topicARN != "" {
		return o, usage(errors.New("--kms-key is for our own topic, and --topic-arn names another"))
	}
	for _, text := range f.subscribe {
		s, err := readSubscriber(text)
		if err != nil {
			return o, usage(err)
		}
		o.Subscribers = append(o.Subscribers, s)
	}
	var err error
	if o.Routes, err = routesOf(&conf); err != nil {
		return o, usage(err)
	}
	if o.Tags, err = tagsOf(conf, f.tags); err != nil {
		return o, err
	}
	if err := plan.CheckNames(o); err != nil {
		return o, usage(err)
	}
	return o, nil
}

// planFlags are all flags of plan.
type planFlags struct {
	judgeFlags
	wishFlags
	homeRegion string
	exitCode   bool
	save       string // plan --save
	planFile   string // apply --plan
	journal    string // apply --journal
}

func (f *planFlags) add(c *cobra.Command) {
	f.wishFlags.add(c)
	c.Flags().StringSliceVar(&f.regions, "region", nil, "regions to probe, repeatable or comma-separated (default all enabled ones)")
	c.Flags().StringVar(&f.homeRegion, "home-region", "", "home region of the trail that is to carry the chain (default: the plan chooses)")
	completeRegions(c, "region", "home-region")
}

// newPlan builds "monitorctl plan".
func newPlan(e *env) *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan [CONTROL...]",
		Short: "Show what apply would do, and the verdict after it",
		Long: `plan audits an account (or a saved snapshot) and shows what apply would add to it,
field by field, why, and what the audit would say afterwards. It writes nothing.

It exits with 0, and with 1 when something foreign stands in the way. With
--exit-code it exits with 3 when there are changes, and with 1 when there are
none but something could not be checked.`,
		Example: `  monitorctl plan
  monitorctl plan --home-region eu-central-1 --subscribe email:security@example.com
  monitorctl plan --save plan.json && monitorctl apply --plan plan.json
  monitorctl plan --snapshot account.json --complete -o json`,
		PreRunE:           e.configured(&f.controlFlags, &f.source),
		ValidArgsFunction: completeControls(&f.controlFlags),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := f.sinks(planFormats); err != nil {
				return err
			}
			j, err := e.planning(c, &f, args)
			if err != nil {
				return err
			}
			if f.verbose {
				defer e.calls(j.session, j.started)
			}
			if err := e.showPlan(c.Context(), &f.outputFlags, j.plan); err != nil {
				return err
			}
			if f.save != "" && len(j.plan.Conflicts) == 0 {
				if err := e.savePlan(c.Context(), &f, j); err != nil {
					return err
				}
			}
			return planVerdict(j.plan, f.exitCode)
		},
	}
	f.judgeFlags.add(c, planFormats)
	f.add(c)
	c.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit with 3 when there are changes, with 1 when something is unknown")
	c.Flags().StringVar(&f.save, "save", "", "file for apply --plan, which carries out exactly this plan")
	return c
}

var planFormats = []string{"text", "json"}

// planVerdict is the error of a plan that cannot be carried out, and with
// exitCode of one that finds something to do, or could not check everything.
func planVerdict(p change.Plan, exitCode bool) error {
	switch {
	case len(p.Conflicts) > 0:
		return &codeError{code: exitFailed, err: conflictError(p), hint: conflictHint(p)}
	case exitCode:
		return gate{changes: true}.verdict(p.Before, p.Actions)
	}
	return nil
}

// conflictHint says what resolves the conflicts: other names, unless it is not a name
// that is in the way of any.
func conflictHint(p change.Plan) string {
	name := func(x change.Conflict) bool { return !x.NoRoom && !x.Unread }
	if !slices.ContainsFunc(p.Conflicts, name) {
		return p.Conflicts[0].WayOut(true)
	}
	hint := "choose other names with --name-prefix, or remove what is in the way"
	for _, x := range p.Conflicts {
		if x.Replaceable {
			return hint + ", or replace it: --replace " + x.Name
		}
	}
	return hint
}

func conflictError(p change.Plan) error {
	if len(p.Conflicts) == 1 {
		c := p.Conflicts[0]
		return fmt.Errorf("%s: %s; nothing was written", c.Resource, c.Reason)
	}
	return fmt.Errorf("%d objects are in the way, the first of them %s: %s; nothing was written", len(p.Conflicts), p.Conflicts[0].Resource, p.Conflicts[0].Reason)
}

// A planning is a plan with what it was made from.
type planning struct {
	plan      change.Plan
	options   plan.Options
	snap      account.Snapshot
	session   *collect.Session // nil for a saved snapshot
	controls  []catalog.Control
	benchmark catalog.Benchmark
	request   request
	saved     *planfile.File[plan.Wishes] // apply --plan; nil otherwise
	started   time.Time
}

// planning reads the account or snapshot and plans its repair.
func (e *env) planning(c *cobra.Command, f *planFlags, names []string) (*planning, error) {
	j := &planning{started: e.now()}
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	if err := e.wish(ctx, c, f, j, names); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if j.options.Region != "" {
		if err := checkRegion("--home-region", j.options.Region); err != nil {
			return nil, err
		}
	}
	own := nameFlags{prefix: j.options.NamePrefix, topicName: j.options.TopicName}
	j.request = request{controls: j.controls, own: own.own(j.controls), quiet: f.quiet}
	j.request.topics, j.request.own.Topics = j.options.Topics()
	if j.options.KeyARN != "" {
		j.request.keys = []string{j.options.KeyARN}
	}
	snaps, session, err := e.snapshots(ctx, &f.source, j.request)
	if err != nil {
		return nil, err
	}
	if len(snaps) > 1 && f.save != "" {
		return nil, usage(errors.New("a saved plan is for one snapshot"))
	}
	j.snap, j.session = snaps[0], session
	j.options.Namespace = f.config.conf.Names.Namespace
	for i, snap := range snaps {
		j.options.Audit = f.auditOptions(j.benchmark, j.controls, snap)
		j.options.Audit.Central = slices.Concat(j.options.Audit.Central, others(snaps, i))
		var p change.Plan
		p, err = await(ctx, func() (change.Plan, error) { return plan.For(ctx, snap, j.controls, j.options) })
		if err != nil {
			break
		}
		j.plan.Join(p)
	}
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	if err != nil {
		return nil, e.lacking(err)
	}
	return j, e.comparePlan(j)
}

// lacking prints the statement that a key's policy lacks: no permission of ours
// would be small enough to add it.
func (e *env) lacking(err error) error {
	var key *plan.KeyError
	if !errors.As(err, &key) || key.Statement == "" {
		return err
	}
	e.clearProgress()
	fmt.Fprintln(e.out, key.Statement)
	return hinted(err, "nothing was written; add the statement above to the policy of the key")
}

// wish fills in what the plan is asked for, from the flags or the saved plan.
func (e *env) wish(ctx context.Context, c *cobra.Command, f *planFlags, j *planning, names []string) (err error) {
	if f.planFile != "" {
		return e.loadPlan(ctx, c, f, j, names)
	}
	if j.controls, j.benchmark, err = f.selection(names); err != nil {
		return err
	}
	j.options, err = f.options(f.config.conf)
	j.options.Region, j.options.Scope = f.homeRegion, f.regions
	return err
}

// showPlan writes a plan in every format asked for.
func (e *env) showPlan(ctx context.Context, f *outputFlags, p change.Plan) error {
	sinks, err := f.sinks(planFormats)
	if err != nil {
		return err
	}
	for _, s := range sinks {
		o := e.options(f, s)
		o.CanReplace = true
		writer := report.PlanText
		if s.format == "json" {
			writer = report.PlanJSON
		}
		if err := e.write(ctx, s, func(w io.Writer) error { return writer(w, p, o) }); err != nil {
			return err
		}
	}
	return nil
}
