package lint

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/cloudformation"
	"github.com/monitorctl/monitorctl/internal/iac/shape"
	"github.com/monitorctl/monitorctl/internal/iac/terraform"
	"github.com/monitorctl/monitorctl/internal/iac/text"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// A reading is what was read of one input.
type reading struct {
	input
	format Format
	src    *iac.Source // nil if it could not be read
	err    *Problem
	found  []iac.Found

	forced bool // the user says that it is a list of patterns

	// elsewhere says that its patterns are those of a module that reads it.
	elsewhere bool

	// skip says that the file has nothing to do with patterns; files that were
	// named are never skipped.
	skip bool
}

// readAll reads all inputs: files in HCL with their modules, all others each by
// itself.
func readAll(ctx context.Context, list []input, stdin io.Reader, o Options) []*reading {
	out := make([]*reading, len(list))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, in := range list {
		out[i] = &reading{input: in, format: formatOf(in.path)}
		if o.Format == FormatLines {
			out[i].format, out[i].forced = Lines, true
		}
		if out[i].format == Terraform && in.err == nil && in.rel != "" {
			continue
		}
		if in.path == Stdin {
			out[i].read(ctx, stdin) // before anything else asks for the terminal
			continue
		}
		g.Go(func() error {
			out[i].read(ctx, stdin)
			return nil
		})
	}
	_ = g.Wait() // readings keep their errors
	readProjects(ctx, out)
	withoutDoubles(out)
	return out
}

// read reads one file by itself.
func (r *reading) read(ctx context.Context, stdin io.Reader) {
	data, err := r.content(ctx, stdin)
	if err != nil {
		r.fail(err)
		r.skip = r.walked && errors.Is(err, errTooLarge) && r.format != Terraform && !r.mentions(ctx)
		return
	}
	r.parse(data)
}

// parse finds the patterns of a file's content.
func (r *reading) parse(data []byte) {
	src := iac.NewSource(r.path, data)
	if r.walked && r.format != Terraform && !iac.MayHold.Match(src.Data) {
		r.skip = true
		return
	}
	if err := iac.CheckText(src.Data); err != nil && (r.format != Lines || bytes.IndexByte(src.Data, 0) >= 0) {
		r.skip = r.walked && r.format != Terraform && !likelyText(r.path) && !holdsForm(src.Data)
		r.failAt(src, err)
		return
	}
	r.src = src
	whole := iac.Plain(src, string(src.Data), 0)
	holes := iac.NewHoles()
	switch {
	case r.format == Lines && r.isList(src):
		r.found = readLines(src)
	case r.format == Lines, r.format == Text:
		r.format = Text
		r.found = text.Read(whole, text.LanguageOf(filepath.Base(r.path)), holes)
	case r.format == Terraform: // a file outside of any root cannot be
		r.fail(errors.New("the file lies outside of what is checked"))
	default:
		r.document(whole, holes)
	}
	r.skip = r.walked && r.err == nil && len(r.found) == 0
}

// mentions reports whether a file that is too large may hold a pattern.
func (r *reading) mentions(ctx context.Context) bool {
	f, err := os.Open(r.path)
	if err != nil {
		return true
	}
	defer f.Close() //nolint:errcheck // only read from
	const block, most = 1 << 20, 1 << 30
	buffer := make([]byte, 0, 2*block)
	for read := 0; ctx.Err() == nil && read < most; read += block {
		keep := min(len(buffer), 256)
		copy(buffer, buffer[len(buffer)-keep:])
		n, err := f.Read(buffer[keep : keep+block])
		buffer = buffer[:keep+n]
		if iac.MayHold.Match(buffer) {
			return true
		}
		if err != nil {
			return false
		}
	}
	return true // what was not looked at may hold one
}

// tree reads the documents of a file by its name: TOML, JSON, or what of YAML and
// JSON it is.
func (r *reading) tree(t iac.Text) ([]*tree.Node, error) {
	if tree.IsTOML(r.path) {
		doc, err := tree.ReadTOML(t)
		return []*tree.Node{doc}, err
	}
	return tree.Read(t, strings.EqualFold(filepath.Ext(r.path), ".json"))
}

// document reads a document in YAML, JSON or TOML. What no parser takes is read as
// text, as is what template engines make of it later.
func (r *reading) document(whole iac.Text, holes iac.Holes) {
	docs, err := r.tree(whole)
	blanked := false
	if filled := iac.BlankPlaceholders(r.src.Data); err != nil && filled != nil {
		blank := iac.Plain(r.src, string(filled), 0)
		again, err2 := r.tree(blank)
		if err2 != nil && !tree.IsTOML(r.path) { // a word is no JSON, but it is YAML
			again, err2 = tree.ReadYAML(blank)
		}
		if err2 == nil {
			docs, err, blanked, whole = again, nil, true, blank
		}
	}
	if err != nil {
		r.found = text.Read(whole, text.Other, holes)
		r.format = Text
		if len(r.found) == 0 {
			r.format = NoFormat
			r.failAt(r.src, err)
		}
		return
	}
	r.format = NoFormat
	for _, doc := range docs {
		switch {
		case terraform.IsShown(doc):
			r.format = Terraform
			r.found = append(r.found, terraform.ReadShown(r.src, doc)...)
		default:
			if cloudformation.IsTemplate(doc) {
				r.format = CloudFormation
			}
			r.found = append(r.found, shape.Read(whole, doc, holes)...)
		}
	}
	if r.format == NoFormat && len(r.found) > 0 {
		r.format = Structured
	}
	for i, f := range r.found {
		if blanked {
			f.Text = iac.RestorePlaceholders(f.Text, f.Holes)
			r.found[i] = f.Settle()
		}
	}
	sortFound(r.found)
}

// holdsForm reports whether something in a file looks like a pattern or is called
// like one.
func holdsForm(data []byte) bool { return slices.ContainsFunc(iac.MayHold.FindAll(data, -1), isForm) }

// isForm reports whether a match of iac.MayHold is the form of a pattern or the
// key of one, not just what stands beside it.
func isForm(match []byte) bool {
	return bytes.HasPrefix(match, []byte("{")) || iac.KindOfKey(string(match)) == iac.StrongKey
}

func sortFound(found []iac.Found) {
	slices.SortStableFunc(found, func(a, b iac.Found) int { return a.Pos - b.Pos })
}

// likelyText reports whether a file is meant to be text.
func likelyText(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json", ".template", ".toml", ".md", ".txt", ".sh":
		return true
	}
	return false
}

// fail notes why a file could not be read.
func (r *reading) fail(err error) { r.err = &Problem{Message: reason(err)} }

// failAt notes why a file could not be read, with the place.
func (r *reading) failAt(src *iac.Source, err error) {
	r.fail(err)
	var at *iac.ReadError
	if errors.As(err, &at) && at.Pos >= 0 {
		r.err.Place = src.Place(at.Pos)
	}
}

// formatOf tells the format of a file by its name; documents are told apart when
// they are read.
func formatOf(path string) Format {
	name := strings.ToLower(filepath.Base(path))
	if path == Stdin {
		return Lines
	}
	if terraform.IsModuleFile(name) || terraform.IsLooseFile(name) {
		return Terraform
	}
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json", ".template", ".tfstate", ".toml":
		return NoFormat
	case ".txt", ".patterns":
		return Lines
	}
	return Text
}

// isList reports whether a file is a list of patterns, one a line. Standard
// input and .patterns are. In other files at least half of the lines must have
// the form of a pattern in brackets, of a regular expression, or of terms with a
// sign: of words alone any text is made.
func (r *reading) isList(src *iac.Source) bool {
	if r.path == Stdin || r.forced || strings.HasSuffix(strings.ToLower(r.path), ".patterns") {
		return true
	}
	list := readLines(src)
	forms := 0
	for _, f := range list {
		if listed.MatchString(f.Text.Value) {
			forms++
		}
	}
	return forms > 0 && 2*forms >= len(list)
}

// listed matches a line that has the form of a pattern.
var listed = regexp.MustCompile(`^[{\[%]|(?:^|\s)[?-][^\s?-]`)

// readLines takes each line of a text for a pattern, but for blank ones and
// those that begin with #.
func readLines(src *iac.Source) []iac.Found {
	var found []iac.Found
	for i, from := range src.Lines() {
		to := len(src.Data)
		if i+1 < len(src.Lines()) {
			to = src.Lines()[i+1]
		}
		t := iac.Plain(src, string(src.Data[from:to]), from).Trim()
		if t.Value == "" || strings.HasPrefix(t.Value, "#") {
			continue
		}
		_, pos := t.At(0)
		found = append(found, iac.Found{Kind: iac.Other, Source: src, Pos: pos, Text: t})
	}
	return found
}

// readProjects reads the files in HCL: those below one root together.
func readProjects(ctx context.Context, all []*reading) {
	byRoot := map[string][]*reading{}
	var roots []string
	for _, r := range all {
		if r.format == Terraform && r.src == nil && r.err == nil && r.in() {
			if byRoot[r.root] == nil {
				roots = append(roots, r.root)
			}
			byRoot[r.root] = append(byRoot[r.root], r)
		}
	}
	for _, root := range roots {
		if ctx.Err() == nil {
			readProject(ctx, root, byRoot[root])
		}
	}
}

// in reports whether the file can be read below its root.
func (r *reading) in() bool { return r.input.err == nil && r.rel != "" && r.path != Stdin }

// readProject reads the files below one root.
func readProject(ctx context.Context, root string, list []*reading) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		for _, r := range list {
			r.fail(err)
		}
		return
	}
	defer dir.Close() //nolint:errcheck // only read from
	shown := map[string]string{}
	var paths []string
	for _, r := range list {
		shown[r.rel] = r.path
		paths = append(paths, r.rel)
	}
	p := terraform.NewProject(terraform.Tree{FS: boundedFS{dir.FS(), ctx}, Name: func(rel string) string {
		if path, ok := shown[rel]; ok {
			return path
		}
		return display(filepath.Join(root, filepath.FromSlash(rel)))
	}})
	found := map[string][]iac.Found{}
	elsewhere := map[string]bool{}
	for _, f := range p.Read(paths) {
		found[f.Source.Path] = append(found[f.Source.Path], f)
		for _, src := range f.Text.Sources() {
			elsewhere[src.Path] = true
		}
	}
	for _, r := range list {
		r.found, r.elsewhere = found[r.path], elsewhere[r.path]
		if err := p.Err(r.rel); err != nil {
			r.failAt(p.Source(r.rel), err)
			r.found = nil
		}
		other := !terraform.IsModuleFile(r.rel) && !iac.MayHold.Match(p.Source(r.rel).Data) // Packer, Nomad, ...
		r.skip = r.walked && len(r.found) == 0 && (r.err == nil || other)
	}
}

// display shortens a path to one below the working directory.
func display(abs string) string {
	if work, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(work, abs); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return abs
}

// withoutDoubles drops what was found by its shape in a file that a module
// reads, too.
func withoutDoubles(all []*reading) {
	type key struct {
		path string
		pos  int
	}
	at := func(f iac.Found) key {
		src, pos := f.Where(0)
		return key{src.Path, pos}
	}
	seen := map[key]bool{}
	for _, r := range all {
		for _, f := range r.found {
			if src, _ := f.Where(0); r.format == Terraform && src != nil && src.Path != r.path {
				seen[at(f)] = true
			}
		}
	}
	for _, r := range all {
		if len(seen) > 0 && r.format != Terraform {
			had := len(r.found)
			r.found = slices.DeleteFunc(r.found, func(f iac.Found) bool { return seen[at(f)] })
			r.elsewhere = had > len(r.found)
			r.skip = r.skip || r.walked && r.err == nil && len(r.found) == 0
		}
	}
}
