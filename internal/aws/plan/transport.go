package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// BothTransports asks for each of the transports by itself: metric filters with
// alarms, and rules.
const BothTransports = "both"

// Transports are the values of Options.Transport that ask for something.
func Transports() []string {
	return []string{audit.MetricTransport, audit.RuleTransport, BothTransports}
}

// ways are the transports that must each be good, in the order in which they are
// planned. Where no transport is asked for, the options of the audit decide.
func (o *Options) ways() []string {
	switch o.Transport {
	case BothTransports:
		return []string{audit.MetricTransport, audit.RuleTransport}
	case "":
		return []string{o.Audit.Transport}
	}
	return []string{o.Transport}
}

// byRules reports whether rules are asked for.
func (o *Options) byRules() bool { return slices.Contains(o.ways(), audit.RuleTransport) }

// publishers are the services that must be able to publish to our topic.
func (o *Options) publishers() policy.Publishers {
	var by policy.Publishers
	for _, way := range o.ways() {
		if way == audit.RuleTransport {
			by |= policy.Rules
		} else {
			by |= policy.Alarms
		}
	}
	return by
}

// along returns the options of an audit by one transport.
func (o *Options) along(way string) audit.Options {
	a := o.Audit
	a.Transport = way
	return a
}

// judge judges an account by each transport that is asked for.
func judge(ctx context.Context, w *audit.World, a *account.Account, controls []catalog.Control, o *Options) ([]audit.Result, error) {
	var results []audit.Result
	for _, way := range o.ways() {
		r, err := w.Judge(ctx, a, controls, o.along(way))
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// judgeAll does so for several accounts, in their order.
func judgeAll(ctx context.Context, w *audit.World, accounts []account.Account, controls []catalog.Control, o *Options) ([][]audit.Result, error) {
	out := make([][]audit.Result, len(accounts))
	for _, way := range o.ways() {
		results, err := w.JudgeAll(ctx, accounts, controls, o.along(way))
		if err != nil {
			return nil, err
		}
		for i, r := range results {
			out[i] = append(out[i], r)
		}
	}
	return out, nil
}

// worst returns for each control the worst of the findings by transport, the first of
// equals: where each transport must be good, the worst one counts.
func worst(results []audit.Result) []finding.Finding {
	out := slices.Clone(results[0].Findings)
	for _, r := range results[1:] {
		for i, f := range r.Findings {
			switch {
			case worth(f) < worth(out[i]):
				out[i] = f
			case worth(f) == worth(out[i]) && f.Transport != "" && out[i].Transport != "":
				out[i].Transport = finding.Both
			}
		}
	}
	return out
}

// run audits a snapshot by each transport that is asked for.
func run(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o *Options) (finding.Report, error) {
	r := audit.NewReport(controls, o.Audit)
	w := audit.NewWorld(snap.Accounts, o.Audit.Central)
	for i := range snap.Accounts {
		results, err := judge(ctx, w, &snap.Accounts[i], controls, o)
		if err != nil {
			return finding.Report{}, err
		}
		r.Add(results[0].Account, snap.Accounts[i].Scope, worst(results))
	}
	return r, nil
}

// checkTransport says what is wrong with the wishes about transports.
func (o *Options) checkTransport() error {
	switch {
	case o.Transport != "" && !slices.Contains(Transports(), o.Transport):
		return fmt.Errorf("transport %q: expected metric, eventbridge or both", o.Transport)
	case o.PerRegion && !o.byRules():
		return fmt.Errorf("rules in every region are for the transports eventbridge and both")
	case o.RoleARN != "" && !o.byRules():
		return fmt.Errorf("a role of forwarders is for the transports eventbridge and both")
	case o.HeartbeatHours > 0 && o.Transport == audit.RuleTransport:
		return fmt.Errorf("a heartbeat is an alarm on the log group, and the transport eventbridge uses no alarms")
	case o.CentralBus != "" && !o.byRules():
		return fmt.Errorf("a central event bus is for the transports eventbridge and both")
	case o.CentralBus != "" && o.PerRegion:
		return fmt.Errorf("rules in every region need no central event bus")
	case o.RoleARN != "" && o.PerRegion:
		return fmt.Errorf("rules in every region need no role")
	case (o.byRules() || o.Calls()) && !rulePrefixes.MatchString(o.NamePrefix):
		return fmt.Errorf("name prefix %q: rule names can have only letters, digits and . _ -", o.NamePrefix)
	}
	if _, ok := desired.CentralHome(o.CentralBus); !ok && o.CentralBus != "" {
		return fmt.Errorf("%q is not the ARN of an event bus, such as arn:aws:events:eu-central-1:111122223333:event-bus/default", o.CentralBus)
	}
	if o.RoleARN != "" {
		if arn, ok := account.ParseARN(o.RoleARN); !ok || arn.Service != "iam" || len(arn.Resource) < len("role/x") || arn.Resource[:len("role/")] != "role/" {
			return fmt.Errorf("%q is not the ARN of an IAM role", o.RoleARN)
		}
	}
	return nil
}
