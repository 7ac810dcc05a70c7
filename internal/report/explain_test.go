package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

func TestTreeGolden(t *testing.T) {
	every := everyStatus()
	tests := []struct {
		name string
		r    finding.Report
		f    finding.Finding
		o    Options
	}{
		{name: "tree-gap.txt", r: every, f: gapInFilter()},
		{name: "tree-gap-80.txt", r: every, f: gapInFilter(), o: Options{Width: 80}},
		{name: "tree-gap-ascii.txt", r: every, f: gapInFilter(), o: Options{ASCII: true}},
		{name: "tree-color.txt", r: every, f: noFilter(), o: Options{Color: true}},
		{name: "tree-pass.txt", r: every, f: plainPass()},
		{name: "tree-unknown.txt", r: every, f: every.Findings[5]},
		{name: "tree-not-applicable.txt", r: every, f: every.Findings[7]},
		{name: "tree-waived.txt", r: every, f: every.Findings[6]},
		{name: "tree-waived-shown.txt", r: every, f: every.Findings[6], o: Options{ShowWaived: true}},
		{name: "tree-pending.txt", r: every, f: pendingSubscriber(), o: Options{Width: 100}},
		{name: "tree-hostile.txt", r: hostile(), f: hostile().Findings[1]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Tree(&b, tt.r, tt.f, tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
		})
	}
}

// TestTreeShape draws trees whose shape is all that matters.
func TestTreeShape(t *testing.T) {
	tests := []struct {
		name   string
		depths []int
		want   string
	}{
		{name: "one", depths: []int{0}, want: "" +
			"ok       trail 0\n"},
		{name: "two trails", depths: []int{0, 1, 0, 1}, want: "" +
			"ok       trail 0\n" +
			"ok       `- trail 1\n" +
			"ok       trail 2\n" +
			"ok       `- trail 3\n"},
		{name: "siblings with children", depths: []int{0, 1, 2, 2, 1, 2}, want: "" +
			"ok       trail 0\n" +
			"ok       |- trail 1\n" +
			"ok       |  |- trail 2\n" +
			"ok       |  `- trail 3\n" +
			"ok       `- trail 4\n" +
			"ok          `- trail 5\n"},
		// The parent is the nearest earlier link of smaller depth.
		{name: "a depth is left out", depths: []int{0, 3, 2, 3, 1}, want: "" +
			"ok       trail 0\n" +
			"ok       |- trail 1\n" +
			"ok       |- trail 2\n" +
			"ok       |  `- trail 3\n" +
			"ok       `- trail 4\n"},
		{name: "the first is deep", depths: []int{2, 1, 0}, want: "" +
			"ok       trail 0\n" +
			"ok       trail 1\n" +
			"ok       trail 2\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var chain []finding.Link
			for i, d := range tt.depths {
				chain = append(chain, link(d, finding.LinkTrail, finding.StateOK, string(rune('0'+i)), ""))
			}
			var b strings.Builder
			writeChain(&b, chain, Options{ASCII: true})
			if b.String() != tt.want {
				t.Errorf("got\n%swant\n%s", b.String(), tt.want)
			}
		})
	}
}
