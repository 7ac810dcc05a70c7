package terraform

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// A Tree is the files that a project may read. Paths are slash-separated and
// relative, as those of io/fs.
type Tree struct {
	FS fs.FS

	// Name returns the path of a file as reports show it; nil leaves it as it
	// is.
	Name func(path string) string
}

// A Project reads modules and files below one tree. It is not safe for use by
// several goroutines.
type Project struct {
	tree      Tree
	holes     iac.Holes
	sources   map[string]content
	files     map[string]*file
	modules   map[string]*module
	base      *session
	steps     int // what is left of the work, see maxSteps
	own       int // what is left of the work on one pattern
	templates int // that are being read

	// used are the literals that are part of a pattern of a resource.
	used map[*origin]bool
}

// NewProject returns a project that has read nothing yet.
func NewProject(tree Tree) *Project {
	if tree.Name == nil {
		tree.Name = func(path string) string { return path }
	}
	p := &Project{
		tree: tree, holes: iac.NewHoles(), sources: map[string]content{}, files: map[string]*file{}, modules: map[string]*module{},
		steps: maxSteps, used: map[*origin]bool{},
	}
	p.base = newSession(p, nil)
	return p
}

// A file is one file in HCL or Terraform's JSON syntax.
type file struct {
	path string
	src  *iac.Source // nil if it could not be read
	err  error
	decls
}

// IsModuleFile reports whether a name is that of a file of a module.
func IsModuleFile(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{".tf", ".tofu", ".tf.json", ".tofu.json"}, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

// IsLooseFile reports whether a name is that of another file that this package
// reads: values and Terragrunt.
func IsLooseFile(name string) bool {
	name = strings.ToLower(name)
	return isValuesFile(name) || strings.HasSuffix(name, ".hcl")
}

func isValuesFile(name string) bool {
	return strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json")
}

// Err returns why a file could not be read, nil if it could. It may be a
// *iac.ReadError.
func (p *Project) Err(path string) error { return p.file(path).err }

// source reads a file of the tree.
func (p *Project) source(name string) (*iac.Source, error) {
	if s, ok := p.sources[name]; ok {
		return s.src, s.err
	}
	var s content
	if s.err = errOutside; fs.ValidPath(name) {
		var data []byte
		if data, s.err = fs.ReadFile(p.tree.FS, name); s.err == nil {
			s.src = iac.NewSource(p.tree.Name(name), data)
			s.err = iac.CheckText(s.src.Data)
		}
	}
	p.sources[name] = s
	return s.src, s.err
}

var errOutside = errors.New("the file lies outside of what is checked")

// A content is a file as it was read.
type content struct {
	src *iac.Source // nil if it could not be read at all
	err error
}

// file reads and parses a file, once.
func (p *Project) file(name string) *file {
	f, ok := p.files[name]
	if ok {
		return f
	}
	f = &file{path: name}
	p.files[name] = f
	if f.src, f.err = p.source(name); f.err != nil {
		return f
	}
	if strings.HasSuffix(strings.ToLower(name), ".json") {
		f.err = p.readJSON(f)
	} else {
		f.err = p.readHCL(f)
	}
	return f
}

// A module is a directory.
type module struct {
	dir   string
	files []*file // of the module, by name
	decls         // of all files

	values []*file // values files that Terraform loads by itself, in its order
}

// module reads the directory of a module, once. A directory that is not there is
// a module without files.
func (p *Project) module(dir string) *module {
	m, ok := p.modules[dir]
	if ok {
		return m
	}
	m = &module{dir: dir}
	p.modules[dir] = m
	entries, _ := fs.ReadDir(p.tree.FS, dir) // sorted
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			continue
		}
		if IsModuleFile(name) {
			f := p.file(path.Join(dir, name))
			m.files = append(m.files, f)
			m.add(&f.decls)
		}
	}
	for _, first := range []bool{true, false} {
		for _, e := range entries {
			if plain := strings.TrimSuffix(e.Name(), ".json"); (plain == "terraform.tfvars") == first && (first || strings.HasSuffix(plain, ".auto.tfvars")) && !e.IsDir() {
				m.values = append(m.values, p.file(path.Join(dir, e.Name())))
			}
		}
	}
	return m
}

// parse parses a file in HCL. Recursion and heredocs, which cost the square of
// their lines, are bounded first. The error is a *iac.ReadError.
func parse(data []byte) (body *hclsyntax.Body, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = iac.Unreadable(-1, "the HCL parser gave up")
		}
	}()
	tokens, _ := hclsyntax.LexConfig(data, "", hcl.InitialPos) // what is wrong with them the parser says
	if err := checkHCL(tokens); err != nil {
		return nil, err
	}
	parsed, diags := hclsyntax.ParseConfig(data, "", hcl.InitialPos)
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		pos := -1
		if d.Subject != nil {
			pos = d.Subject.Start.Byte
		}
		return nil, iac.Unreadable(pos, "%s: %s", lowerFirst(d.Summary), lowerFirst(trimStop(d.Detail)))
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, iac.Unreadable(-1, "the HCL parser returned no body")
	}
	return body, nil
}

// parseTemplate parses a text as a template. The error is a *iac.ReadError.
func parseTemplate(text string) (e hclsyntax.Expression, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = iac.Unreadable(0, "the template cannot be read")
		}
	}()
	tokens, _ := hclsyntax.LexTemplate([]byte(text), "", hcl.InitialPos)
	if err := checkHCL(tokens); err != nil {
		return nil, err
	}
	e, diags := hclsyntax.ParseTemplate([]byte(text), "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, iac.Unreadable(0, "the template cannot be read")
	}
	return e, nil
}

// Source returns the content of a file that was read, for places; an empty one
// if it could not be read.
func (p *Project) Source(path string) *iac.Source {
	if s := p.sources[path]; s.src != nil {
		return s.src
	}
	return iac.NewSource(p.tree.Name(path), nil)
}
