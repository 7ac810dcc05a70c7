package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/aws/export/cloudformation"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A FleetExport is what an export of stack sets wrote.
type FleetExport struct {
	Files  []string // paths, in order
	Groups []StackSetGroup
	Left   []StackSetLeft // accounts that get no stack, sorted
}

// A StackSetGroup is the accounts that get the same stack: those with the same home region
// and log group, and the same objects missing.
type StackSetGroup struct {
	Template string   `json:"template"` // name of the file
	Region   string   `json:"region"`
	LogGroup string   `json:"logGroup"`
	Accounts []string `json:"accounts"` // sorted
}

// A StackSetLeft is an account that gets no stack.
type StackSetLeft struct {
	report.FleetRef
	Why string `json:"why"`
}

// ExportFleet plans many accounts, and writes a template for each group of them that lacks
// the same, with the accounts and the commands that make a stack set of it. It writes nothing
// to AWS.
func (r *Runner) ExportFleet(ctx context.Context, q FleetPlanRequest, e ExportRequest) (FleetExport, error) {
	if e.Dir == "" {
		return FleetExport{}, exit.Hinted(exit.Usage(errors.New("--dir is missing")), "--dir NAME writes the files into a new directory")
	}
	x := &stackSets{ctx: ctx, q: &q, template: e.Template, groups: map[string]*stackSet{}}
	q.Each = x.add
	p, err := r.PlanFleet(ctx, q)
	if err != nil {
		return FleetExport{}, err
	}
	defer p.Close()
	x.conflicts(p)
	if len(x.groups) == 0 {
		return FleetExport{Left: x.left}, &exit.Error{
			Code: exit.Failed, Err: fmt.Errorf("%s: nothing to export: no account would get a stack", CodeExportNothing),
			Hint: "'monitorctl plan --org' shows what the accounts lack; what the owner of the log group lacks, 'monitorctl apply --org' adds",
		}
	}
	out, list, err := x.files()
	if err != nil {
		return out, err
	}
	if err := writeDir(e.Dir, list, e.Force); err != nil {
		return out, err
	}
	for _, f := range list {
		out.Files = append(out.Files, filepath.Join(e.Dir, f.Name))
	}
	return out, nil
}

// stackSets groups accounts by the stack that they get.
type stackSets struct {
	ctx      context.Context //nolint:containedctx // of the one export
	q        *FleetPlanRequest
	template cloudformation.Options

	mu     sync.Mutex
	groups map[string]*stackSet
	left   []StackSetLeft
	roots  []string
}

type stackSet struct {
	StackSetGroup
	list  desired.List // of the first account
	files []export.File
}

// add puts an account with a plan into its group.
func (x *stackSets) add(c FleetChange) error {
	w, err := plan.WholeOf(x.ctx, c.Snap, x.q.Selection.Controls, c.Options)
	if err != nil { // it is about this account, and the others go on
		x.leave(c.Ref, err.Error())
		return nil
	}
	if why := unfit(&w); why != "" {
		x.leave(c.Ref, why)
		return nil
	}
	files, err := cloudformation.Files(w.List, cloudformation.Options{YAML: x.template.YAML, StackSet: true})
	if err != nil {
		x.leave(c.Ref, err.Error())
		return nil
	}
	key := w.List.Home.Region + "\n" + w.List.LogGroup + "\n" + string(files[0].Data)
	x.mu.Lock()
	defer x.mu.Unlock()
	g := x.groups[key]
	if g == nil {
		g = &stackSet{StackSetGroup: StackSetGroup{Region: w.List.Home.Region, LogGroup: w.List.LogGroup}, list: w.List, files: files}
		x.groups[key] = g
	}
	g.Accounts = append(g.Accounts, c.Ref.ID)
	if parts := strings.Split(c.Ref.OUPath, "/"); len(parts) > 1 && !slices.Contains(x.roots, parts[1]) {
		x.roots = append(x.roots, parts[1])
	}
	return nil
}

// unfit says why an account gets no stack; "" when it does. A stack that finds an object with
// a name of its own fails.
func unfit(w *plan.Whole) string {
	l := &w.List
	there := func(s desired.State) bool { return s != desired.New }
	switch {
	case len(w.Plan.Conflicts) > 0:
		return w.Plan.Conflicts[0].Resource + ": " + w.Plan.Conflicts[0].Reason
	case slices.ContainsFunc(l.Filters, func(o desired.Filter) bool { return there(o.State) }),
		slices.ContainsFunc(l.Alarms, func(o desired.Alarm) bool { return there(o.State) }),
		slices.ContainsFunc(l.Topics, func(o desired.Topic) bool { return there(o.State) }):
		return "objects created by monitorctl already exist there: 'monitorctl apply --plan DIR --write-accounts' completes them"
	case l.IsEmpty():
		return "a stack cannot add what it lacks"
	}
	return ""
}

func (x *stackSets) leave(ref report.FleetRef, why string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.left = append(x.left, StackSetLeft{ref, why})
}

// conflicts leaves out the accounts whose plan has a conflict, and the management account,
// which stack sets do not reach.
func (x *stackSets) conflicts(p *FleetPlanning) {
	refs := map[string]report.FleetRef{}
	for _, m := range p.Plan.Members {
		for _, ref := range m.Accounts {
			refs[ref.ID] = ref
			if len(m.Plan.Conflicts) > 0 {
				c := m.Plan.Conflicts[0]
				x.leave(ref, strings.ReplaceAll(c.Resource, m.Accounts[0].ID, ref.ID)+": "+strings.ReplaceAll(c.Reason, m.Accounts[0].ID, ref.ID))
			}
		}
	}
	management := p.Plan.Header.Management
	for key, g := range x.groups {
		if i := slices.Index(g.Accounts, management); i >= 0 {
			g.Accounts = slices.Delete(g.Accounts, i, i+1)
			x.leave(refs[management], "a stack set does not reach the management account: 'monitorctl apply --plan DIR --write-accounts' does")
		}
		if slices.Sort(g.Accounts); len(g.Accounts) == 0 {
			delete(x.groups, key)
		}
	}
	slices.SortFunc(x.left, func(a, b StackSetLeft) int { return byID(a.FleetRef, b.FleetRef) })
}

// files writes the groups, the largest first.
func (x *stackSets) files() (FleetExport, []export.File, error) {
	if len(x.roots) != 1 {
		return FleetExport{}, nil, exit.Hinted(exit.Usage(errors.New("the list of accounts does not tell which root they belong to, which a stack set needs")), "list them with --org or --ou")
	}
	keys := slices.SortedFunc(maps.Keys(x.groups), func(a, b string) int {
		if n := len(x.groups[b].Accounts) - len(x.groups[a].Accounts); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	out := FleetExport{Left: x.left}
	var list []export.File
	for i, key := range keys {
		g := x.groups[key]
		number := fmt.Sprintf("-%d", i+1)
		extension := filepath.Ext(g.files[0].Name)
		g.Template = "template" + number + extension
		list = append(list, export.File{Name: g.Template, Data: g.files[0].Data})
		set, err := cloudformation.StackSet(g.list, cloudformation.Deployment{Number: i + 1, Template: g.Template, Root: x.roots[0], Accounts: g.Accounts})
		if err != nil {
			return out, nil, err
		}
		list = append(list, set...)
		out.Groups = append(out.Groups, g.StackSetGroup)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		Export string          `json:"export"`
		Groups []StackSetGroup `json:"groups"`
		Left   []StackSetLeft  `json:"leftOut"`
	}{export.Mark, out.Groups, append([]StackSetLeft{}, x.left...)})
	return out, append(list, export.File{Name: "accounts.json", Data: b.Bytes()}), err
}
