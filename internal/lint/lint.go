package lint

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Options say what patterns are judged by.
type Options struct {
	Controls  []catalog.Control // whose coverage is told
	Benchmark catalog.Benchmark
}

// Run finds and judges the patterns of files and directories; stdin is read
// where a path is Stdin. Files that cannot be read are part of the report; the
// error is about the controls, or says why ctx ended.
func Run(ctx context.Context, paths []string, stdin io.Reader, o Options) (Report, error) {
	j, err := newJudge(o.Controls, o.Benchmark)
	if err != nil {
		return Report{}, err
	}
	report := Report{Benchmark: o.Benchmark}
	inputs(ctx, paths, stdin, func(in input) bool {
		f, relevant := j.look(in)
		if relevant {
			report.Files = append(report.Files, f)
		}
		return relevant
	})
	if ctx.Err() != nil {
		return Report{}, context.Cause(ctx)
	}
	return report, nil
}

// look reads and judges one file. Not relevant are files of a directory that
// turn out to be no templates.
func (j *judge) look(in input) (f File, relevant bool) {
	f = File{Path: in.path, Format: formatOf(in.path)}
	if in.err != nil {
		f.Err = &Problem{Message: reason(in.err)}
		return f, !in.walked || f.Format == Terraform || !errors.Is(in.err, errTooLarge)
	}
	if in.walked && f.Format == CloudFormation && !bytes.Contains(in.data, []byte(metricFilter)) {
		return f, false
	}
	src := newSource(in.data)
	found, format, err := read(src, f.Format, strings.EqualFold(filepath.Ext(in.path), ".json"))
	f.Format = format
	var failed *readError
	if errors.As(err, &failed) {
		f.Err = &Problem{Message: failed.msg}
		if failed.pos >= 0 {
			f.Err.Place = src.place(failed.pos)
		}
		return f, true
	}
	f.Patterns = j.file(src, found)
	return f, !in.walked || format != NoFormat
}

// read finds the patterns of a file; isJSON tells the two syntaxes of Terraform
// apart, and of templates. The format is what the file turns out to be. The
// error is a *readError.
func read(src *source, format Format, isJSON bool) ([]candidate, Format, error) {
	if bytes.IndexByte(src.data, 0) >= 0 {
		return nil, format, unreadable(-1, "it is a binary file")
	}
	if format == Text {
		return readLines(src), format, nil
	}
	if err := checkEncoding(src); err != nil {
		return nil, format, err
	}
	switch {
	case format == CloudFormation:
		found, isTemplate, err := readTemplate(src, isJSON)
		if !isTemplate {
			return nil, NoFormat, nil
		}
		return found, format, err
	case isJSON:
		found, err := readTerraformJSON(src)
		return found, format, err
	default:
		found, err := readTerraform(src)
		return found, format, err
	}
}

// readLines takes each line of a text for a pattern, but for blank ones and
// those that begin with #.
func readLines(src *source) []candidate {
	var found []candidate
	for i, from := range src.lines {
		to := len(src.data)
		if i+1 < len(src.lines) {
			to = src.lines[i+1]
		}
		t := plain(string(src.data[from:to]), from).trim()
		if t.value == "" || strings.HasPrefix(t.value, "#") {
			continue
		}
		found = append(found, candidate{pos: t.pos(0), text: t})
	}
	return found
}
