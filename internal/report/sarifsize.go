package report

import (
	"cmp"
	"compress/gzip"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// What GitHub takes of a SARIF file. Source: GitHub's documentation, "SARIF support for
// code scanning", limits: 25,000 results in a run, of which it keeps the 5,000 gravest, and
// 10 MB packed by gzip.
const (
	sarifResults = 5000
	sarifPacked  = 10_000_000 // bytes
)

// gravest orders findings for a file that cannot hold all: failures first, the most severe
// of them first. Others keep the order of the report.
func gravest(findings []finding.Finding, o Options) []finding.Finding {
	rank := func(f finding.Finding) int {
		return slices.Index([]string{"error", "warning", "note"}, sarifLevel(counted(f), o))
	}
	return slices.SortedStableFunc(slices.Values(findings), func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Severity, a.Severity))
	})
}

// fit leaves out the last results of a log of one run until it has at most so many bytes
// when it is packed. Those and left, the results that are not in it already, are counted in
// the run's properties.
func (l sarifLog) fit(left, packed int) (sarifLog, error) {
	run := l.Runs[0]
	for {
		if left > 0 {
			properties := sarifRunProperties{}
			if run.Properties != nil {
				properties = *run.Properties
			}
			properties.Left = left
			run.Properties = &properties
		}
		l.Runs = []sarifRun{run}
		n, err := packedSize(l)
		if err != nil || n <= packed || len(run.Results) == 0 {
			return l, err
		}
		kept := len(run.Results) * 3 / 4
		left += len(run.Results) - kept
		run.Results = run.Results[:kept]
	}
}

// packedSize is the size in bytes of a log that is packed by gzip, at its fastest: at
// least what an upload has.
func packedSize(l sarifLog) (int, error) {
	var n counter
	z, err := gzip.NewWriterLevel(&n, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	if err := encodeJSON(z, l); err != nil {
		return 0, err
	}
	err = z.Close()
	return int(n), err
}

// A counter counts the bytes that are written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
