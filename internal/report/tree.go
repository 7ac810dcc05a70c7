package report

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// stateWidth is the width of the widest state, "unknown", and two blanks.
const stateWidth = 9

// A branchStyle is what the lines of a tree are drawn with, each as wide as
// the others.
type branchStyle struct{ tee, corner, bar, gap string }

var (
	unicodeBranches = branchStyle{"├─ ", "└─ ", "│  ", "   "}
	asciiBranches   = branchStyle{"|- ", "`- ", "|  ", "   "}
)

// writeChain draws the links of a chain as a tree, the state of each link in a
// column of its own on the left, its detail on the line below it.
func writeChain(b *strings.Builder, chain []finding.Link, o Options) {
	style := unicodeBranches
	if o.ASCII {
		style = asciiBranches
	}
	var open []level // the links above the current one, root first
	for i, link := range chain {
		for len(open) > 0 && open[len(open)-1].depth >= link.Depth {
			open = open[:len(open)-1]
		}
		first, rest := indents(open, style)
		// The bar down to the first child starts under the link's name, beside
		// its detail.
		below := rest + style.gap
		if i+1 < len(chain) && chain[i+1].Depth > link.Depth {
			below = rest + style.bar
		}
		writeLink(b, link, first, below, o)
		if len(open) > 0 {
			open[len(open)-1].children--
		}
		open = append(open, level{link.Depth, childrenOf(chain, i)})
	}
}

// A level is a link whose subtree is being drawn.
type level struct {
	depth    int
	children int // how many of its children are still to come
}

// indents returns what stands before a link's first line and before the lines
// below it.
func indents(open []level, style branchStyle) (first, rest string) {
	for i, l := range open {
		last := i == len(open)-1
		switch {
		case last && l.children > 1:
			first, rest = first+style.tee, rest+style.bar
		case last:
			first, rest = first+style.corner, rest+style.gap
		case l.children > 0:
			first, rest = first+style.bar, rest+style.bar
		default:
			first, rest = first+style.gap, rest+style.gap
		}
	}
	return first, rest
}

// childrenOf counts the children of link i: the links behind it whose
// nearest earlier link of smaller depth it is.
func childrenOf(chain []finding.Link, i int) int {
	n := 0
	nearest := 0 // the smallest depth among the children so far
	for _, link := range chain[i+1:] {
		if link.Depth <= chain[i].Depth {
			break
		}
		if n == 0 || link.Depth <= nearest {
			n++
			nearest = link.Depth
		}
	}
	return n
}

// writeLink writes one link: state, kind and resource, and its detail.
func writeLink(b *strings.Builder, link finding.Link, first, below string, o Options) {
	state := painter{o.Color}.state(link.State)
	state += strings.Repeat(" ", max(stateWidth-twwidth.Width(state), 1))
	name := link.Kind.Name()
	if name == "" {
		name = Sanitize(string(link.Kind))
	}
	// Resources are not wrapped: a broken ARN cannot be copied.
	fmt.Fprintf(b, "%s%s%s", state, first, name)
	if link.Resource != "" {
		fmt.Fprintf(b, " %s", Sanitize(link.Resource))
	}
	b.WriteByte('\n')
	if link.Detail != "" {
		lead := strings.Repeat(" ", stateWidth) + below
		paragraph(b, lead, lead, Sanitize(link.Detail), o.Width)
	}
}
