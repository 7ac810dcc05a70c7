package lint

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	azurelint "github.com/monitorctl/monitorctl/internal/azure/lint"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/armtemplate"
	"github.com/monitorctl/monitorctl/internal/iac/terraform"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// The formats of Azure's files.
const (
	ARM   Format = "arm" // templates of Azure Resource Manager, policies
	Bicep Format = "bicep"
)

// An AzureScope is what alert rules of Azure are judged by; the zero value leaves them
// alone.
type AzureScope struct {
	Controls  []catalog.Control
	Benchmark catalog.Benchmark
	Asked     []catalog.Control // as Options.Asked
}

// mayHoldAlerts matches what a file must have for a resource of Azure's alerts to be in
// it.
var mayHoldAlerts = regexp.MustCompile(`(?i)activity_?log_?alert|action_?groups?\b|alert_processing_rule|actionRules`)

// An azureFile is a file with resources of Azure's alerts.
type azureFile struct {
	format   Format
	err      *Problem // why it could not be read; nil if it could
	patterns []Pattern
}

// addAlerts adds the alert rules, action groups and alert processing rules of the files to a
// report.
func addAlerts(ctx context.Context, list []input, report *Report, s AzureScope) {
	if len(s.Controls) == 0 {
		return
	}
	files := map[string]*azureFile{}
	groups, formats := azureResources(ctx, list, files)
	said := map[Finding]bool{} // members of one block say the same
	for _, group := range groups {
		for _, r := range azurelint.Judge(group, s.Controls) {
			f := files[r.Source.Path]
			if f == nil {
				f = &azureFile{format: formats[r.Source.Path]}
				files[r.Source.Path] = f
			}
			p := azurePattern(r, s)
			again := func(x Finding) bool { was := said[x]; said[x] = true; return was }
			p.Findings, p.Notes = slices.DeleteFunc(p.Findings, again), slices.DeleteFunc(p.Notes, again)
			f.patterns = append(f.patterns, p)
		}
	}
	report.merge(list, files)
	for _, a := range azurelint.Ask(groups, s.Asked) {
		report.Asked = append(report.Asked, azureAsked(a, s))
	}
}

// azureResources reads the resources that belong together, and the formats of the files
// in which they stand. Files that could not be read it adds to files.
func azureResources(ctx context.Context, list []input, files map[string]*azureFile) ([][]iac.Resource, map[string]Format) {
	var groups [][]iac.Resource
	formats := map[string]Format{}
	modules := map[string][]input{} // by root
	var roots []string
	var bicepFiles []input
	for _, in := range list {
		if ctx.Err() != nil || in.err != nil || in.path == Stdin {
			continue
		}
		switch formatOf(in.path) {
		case Terraform:
			if in.rel != "" && terraform.IsModuleFile(in.rel) {
				if modules[in.root] == nil {
					roots = append(roots, in.root)
				}
				modules[in.root] = append(modules[in.root], in)
				formats[in.path] = Terraform
			}
		case Text:
			if isBicep(in.path) {
				bicepFiles = append(bicepFiles, in)
			}
		case NoFormat:
			data, err := in.content(ctx, nil)
			if err != nil || !mayHoldAlerts.Match(data) {
				continue
			}
			if group, format := azureDocument(in, data); len(group) > 0 {
				groups = append(groups, group)
				formats[in.path] = format
			}
		}
	}
	groups = append(groups, bicepResources(ctx, bicepFiles, files, formats)...)
	for _, root := range roots {
		if ctx.Err() == nil && slices.ContainsFunc(modules[root], func(in input) bool { return in.mentionsAlerts(ctx) }) {
			groups = append(groups, azureModules(ctx, root, modules[root])...)
		}
	}
	return groups, formats
}

func (in input) mentionsAlerts(ctx context.Context) bool {
	data, err := in.content(ctx, nil)
	return err == nil && mayHoldAlerts.Match(data)
}

// azureDocument reads the resources of a template, a plan or a state.
func azureDocument(in input, data []byte) ([]iac.Resource, Format) {
	if !strings.EqualFold(filepath.Ext(in.path), ".json") && !strings.EqualFold(filepath.Ext(in.path), ".tfstate") {
		return nil, NoFormat
	}
	src := iac.NewSource(in.path, data)
	doc, err := tree.ReadJSON(iac.Plain(src, string(src.Data), 0))
	switch {
	case err != nil || doc == nil:
		return nil, NoFormat
	case terraform.IsShown(doc):
		return withAzapi(terraform.ShownBodies(src, doc)), Terraform
	}
	return armtemplate.Read(src, doc, azurelint.Types()), ARM
}

// azureModules reads the resources of the modules below a root.
func azureModules(ctx context.Context, root string, list []input) [][]iac.Resource {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil // the patterns of these files say so
	}
	defer dir.Close() //nolint:errcheck // only read from
	shown := map[string]string{}
	var paths []string
	for _, in := range list {
		shown[in.rel] = in.path
		paths = append(paths, in.rel)
	}
	p := terraform.NewProject(terraform.Tree{FS: boundedFS{dir.FS(), ctx}, Name: func(rel string) string {
		if path, ok := shown[rel]; ok {
			return path
		}
		return display(filepath.Join(root, filepath.FromSlash(rel)))
	}})
	groups := p.Bodies(paths)
	for i := range groups {
		groups[i] = withAzapi(groups[i])
	}
	return groups
}

// withAzapi puts what an azapi_resource writes in its place, and drops those of other
// types.
func withAzapi(list []iac.Resource) []iac.Resource {
	var out []iac.Resource
	for _, r := range list {
		if r.Type != "azapi_resource" {
			out = append(out, r)
		} else if r, ok := azurelint.FromAzapi(r, r.Body.Get("body")); ok {
			out = append(out, r)
		}
	}
	return out
}

// azurePattern is a resource as reports have it.
func azurePattern(r *azurelint.Result, s AzureScope) Pattern {
	at := r.Source.Place(r.Pos)
	p := Pattern{Place: at, TextPath: r.Source.Path, TextPlace: at, Name: r.Name, Use: r.Use, Text: r.Text, Unknown: r.Unknown}
	if r.NotJudged() {
		p.NotJudged = iac.Interpolation(strings.Join(r.Unknown, ", "))
	}
	for _, f := range r.Findings {
		p.Findings = append(p.Findings, azureFinding(f))
	}
	for _, f := range r.Notes {
		p.Notes = append(p.Notes, azureFinding(f))
	}
	sortFindings(p.Findings)
	sortFindings(p.Notes)
	for _, id := range r.Covers {
		c := Coverage{Control: id}
		if i := slices.IndexFunc(s.Controls, func(c catalog.Control) bool { return c.ID == id }); i >= 0 {
			c.Number, _ = s.Controls[i].Number(s.Benchmark)
			c.Events = len(s.Controls[i].RequiredOperations())
		}
		p.Covers = append(p.Covers, c)
	}
	return p
}

func azureFinding(f azurelint.Finding) Finding {
	return Finding{Path: f.At.Source.Path, Place: f.At.Source.Place(f.At.Pos), Code: f.Code, Message: f.Message}
}

// azureAsked is how a control that was asked for stands.
func azureAsked(a azurelint.Answer, s AzureScope) Asked {
	out := Asked{Control: a.Control, Verdict: cover.Covered}
	if i := slices.IndexFunc(s.Controls, func(c catalog.Control) bool { return c.ID == a.Control }); i >= 0 {
		out.Number, _ = s.Controls[i].Number(s.Benchmark)
	}
	for _, name := range a.Missed {
		provider, _, _ := strings.Cut(name, "/")
		out.Missed = append(out.Missed, Event{provider, name})
	}
	switch {
	case len(a.Missed) > 0:
		out.Verdict = cover.Missed
	case len(a.Unsure) > 0:
		out.Verdict = cover.Unresolved
		out.Rules = []string{"what the files do not say of " + strings.Join(a.Unsure, ", ")}
	}
	return out
}

// merge adds patterns to the files of a report, and the files that it left out, in the
// order of the inputs.
func (r *Report) merge(list []input, files map[string]*azureFile) {
	have := map[string]File{}
	for _, f := range r.Files {
		have[f.Path] = f
	}
	var out []File
	for _, in := range list {
		f, known := have[in.path]
		if own := files[in.path]; own != nil && f.Err == nil {
			f.Path, f.Empty, f.Err = in.path, false, own.err
			if len(f.Patterns) == 0 {
				f.Format = own.format
			}
			f.Patterns = append(f.Patterns, own.patterns...)
			slices.SortStableFunc(f.Patterns, func(a, b Pattern) int {
				if a.Line != b.Line {
					return a.Line - b.Line
				}
				return a.Column - b.Column
			})
			known = true
			delete(files, in.path)
		}
		if known {
			out = append(out, f)
			delete(have, in.path)
		}
	}
	r.Files = out
	for _, path := range slices.Sorted(maps.Keys(files)) { // of modules that were not named
		r.Files = append(r.Files, File{Path: path, Format: files[path].format, Patterns: files[path].patterns})
	}
}
