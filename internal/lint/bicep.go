package lint

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	azurelint "github.com/monitorctl/monitorctl/internal/azure/lint"
	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/bicep"
)

func isBicep(name string) bool { return strings.EqualFold(filepath.Ext(name), ".bicep") }

// callsModules matches a file of Bicep that calls a module.
var callsModules = regexp.MustCompile(`(?m)^\s*module\s+\w+\s+'`)

// bicepResources reads files of Bicep with the modules that they call: the resources of a
// file and its modules belong together. A file that another one calls is not read by
// itself, too: its parameters would be unknown. Files that could not be read it adds to
// files, the formats of the others to formats.
func bicepResources(ctx context.Context, list []input, files map[string]*azureFile, formats map[string]Format) [][]iac.Resource {
	m := &bicepModules{ctx: ctx, shown: map[[2]string]string{}, called: map[string]bool{}}
	for _, in := range list {
		if in.rel != "" {
			m.shown[[2]string{in.root, in.rel}] = in.path
		}
	}
	type one struct {
		path  string
		group []iac.Resource
	}
	var read []one
	for _, in := range list {
		data, err := in.content(ctx, nil)
		if err != nil || !mayHoldAlerts.Match(data) && !callsModules.Match(data) {
			continue
		}
		src := iac.NewSource(in.path, data)
		group, err := bicep.Read(src, azurelint.Types(), m.of(in))
		switch {
		case err != nil:
			problem := &Problem{Message: err.Error()}
			var at *iac.ReadError
			if errors.As(err, &at) && at.Pos >= 0 {
				problem.Place = src.Place(at.Pos)
			}
			files[in.path] = &azureFile{format: Bicep, err: problem}
		case len(group) > 0:
			read = append(read, one{in.path, group})
		}
	}
	var out [][]iac.Resource
	for _, called := range []bool{false, true} {
		for _, o := range read {
			// Files that call each other are read all the same.
			if m.called[o.path] != called || called && formats[o.path] == Bicep {
				continue
			}
			out = append(out, o.group)
			for _, r := range o.group {
				formats[r.Source.Path] = Bicep
			}
		}
	}
	return out
}

// bicepModules opens the files of modules.
type bicepModules struct {
	ctx    context.Context
	shown  map[[2]string]string // the path that a report shows, by root and path below it
	called map[string]bool      // files that a module call names, by that path
}

// of returns what opens the modules that an input calls: files below its root.
func (m *bicepModules) of(in input) bicep.Open {
	if in.rel == "" {
		return nil
	}
	below := map[string]string{in.path: in.rel} // of what was opened
	return func(from *iac.Source, name string) *iac.Source {
		rel := path.Join(path.Dir(below[from.Path]), name)
		if below[from.Path] == "" || !isBicep(rel) || !fs.ValidPath(rel) {
			return nil
		}
		data, err := m.content(in.root, rel)
		if err != nil {
			return nil
		}
		shown, ok := m.shown[[2]string{in.root, rel}]
		if !ok {
			shown = display(filepath.Join(in.root, filepath.FromSlash(rel)))
		}
		below[shown], m.called[shown] = rel, true
		return iac.NewSource(shown, data)
	}
}

func (m *bicepModules) content(root, rel string) ([]byte, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // only read from
	return boundedFS{dir.FS(), m.ctx}.ReadFile(rel)
}
