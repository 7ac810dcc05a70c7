package lint

import (
	"context"
	"io"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/iac"
)

// Options say what patterns are judged by.
type Options struct {
	Controls  []catalog.Control // whose coverage is told
	Benchmark catalog.Benchmark

	// Asked are the controls that all patterns together must cover; none by
	// default.
	Asked []catalog.Control

	// Azure is what alert rules of Azure are judged by.
	Azure AzureScope

	// Format says how files are read: FormatAuto, by their names and content, or
	// FormatLines, a pattern a line.
	Format string
}

// The values of Options.Format; "" is FormatAuto.
const (
	FormatAuto  = "auto"
	FormatLines = "lines"
)

// Place is a place in a file.
type Place = iac.Place

// Run finds and judges the patterns of files and directories; stdin is read
// where a path is Stdin. Files that cannot be read are part of the report; the
// error is about the controls, or says why ctx ended.
func Run(ctx context.Context, paths []string, stdin io.Reader, o Options) (Report, error) {
	j, err := newJudge(o.Controls, o.Benchmark)
	if err != nil {
		return Report{}, err
	}
	list := inputs(ctx, paths)
	all := readAll(ctx, list, stdin, o)
	if ctx.Err() != nil {
		return Report{}, context.Cause(ctx)
	}
	if err := j.answerAll(ctx, all); err != nil {
		return Report{}, err
	}
	report := Report{Benchmark: o.Benchmark, Files: j.files(all)}
	if len(o.Asked) > 0 {
		report.Asked, err = j.asked(ctx, all, o)
		report.withoutMet()
	}
	addAlerts(ctx, list, &report, o.Azure)
	if ctx.Err() != nil {
		return Report{}, context.Cause(ctx)
	}
	return report, err
}
