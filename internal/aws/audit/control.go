package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A controlJudge judges one control in one account: it builds the graph, solves
// what its matchers do, and puts the outcomes into words.
type controlJudge struct {
	ctx context.Context // ends the decisions on coverage
	*judge
	control   catalog.Control
	benchmark catalog.Benchmark

	// probes are what the control requires; beyond core operations that the version
	// does not. The graph numbers them in this order.
	probes, beyond []probe
	benign         []benign

	subject subject
	abouts  map[string]int // how far filters are about the condition, by key

	graph                  *chain.Graph
	forks                  []*chain.Node // the log groups, in the order of their ARNs
	nodes                  map[*filter]*chain.Node
	tripped                map[trip]bool
	noises                 map[*metric][]string // the everyday events that metrics count
	plain                  bool                 // its condition is, see memo
	shapes                 *shapes
	solved                 map[string]*solved       // what was decided of passages, by key
	joined                 map[string]*passage      // what joins several matchers, by key
	unions                 map[string]*union        // by the numbers of their passages, in the order of their texts
	listed                 map[string]*union        // by the numbers of their passages, as they were asked about
	decided                int                      // unions of patterns
	steps                  int                      // the bound on each of them
	conditions             map[string]cover.Matcher // of trails, by text
	metricRoots, ruleRoots []*chain.Node            // of the graph, by transport
	stray                  *rule                    // see strayRule
	narrowRules            int                      // rules on named events, of those looked at
}

func newControlJudge(ctx context.Context, j *judge, c catalog.Control, b catalog.Benchmark) (*controlJudge, error) {
	probes, err := probesOf(j.account, c, b)
	if err != nil {
		return nil, fmt.Errorf("reading the condition of control %s: %w", c.ID, err)
	}
	out := &controlJudge{
		ctx: ctx, judge: j, control: c, benchmark: b, probes: probes, beyond: beyondOf(j.account, c, b), benign: benignFor(c),
		subject: subjectOf(c, b, probes), abouts: map[string]int{},
		nodes: map[*filter]*chain.Node{}, tripped: map[trip]bool{}, noises: map[*metric][]string{},
		solved: map[string]*solved{}, joined: map[string]*passage{}, unions: map[string]*union{}, listed: map[string]*union{},
		conditions: map[string]cover.Matcher{}, plain: plainCondition(c.Condition),
		steps: j.steps(),
	}
	out.shapes = newShapes(j.isRegional, out.probes, out.beyond)
	out.graph = chain.NewGraph(out.roots(), out, out.elsewhere, out.unreadRegions, out.unreadRules)
	return out, nil
}

// controlSteps bounds the work on one control of one account. Every filter is
// looked at by itself, and then some unions.
const controlSteps = 1 << 25

// steps returns the share of one union of filters.
func (j *judge) steps() int {
	filters := 0
	for _, g := range j.groups {
		filters += len(g.filters)
	}
	return min(controlSteps/(filters+8), cover.DefaultSteps)
}

// regional reports whether some filter or trail may look at the region of a
// record.
func (j *judge) regional() bool {
	return slices.ContainsFunc(j.groups, func(g *group) bool {
		return slices.ContainsFunc(g.filters, func(f *filter) bool {
			return f.byText() || f.pattern != nil && strings.Contains(f.pattern.String(), "awsRegion")
		})
	}) || slices.ContainsFunc(j.trails, func(t *trail) bool {
		s, _ := t.Selectors.Got()
		return len(s.Advanced) > 0
	}) || slices.ContainsFunc(j.account.Regions, func(r account.Region) bool {
		rules, _ := r.Rules.Got()
		return slices.ContainsFunc(rules, func(x account.Rule) bool { return strings.Contains(x.Pattern, "egion") })
	})
}

// probe returns the probe of that number.
func (c *controlJudge) probe(p chain.Probe) probe {
	if int(p) < len(c.probes) {
		return c.probes[p]
	}
	return c.beyond[int(p)-len(c.probes)]
}

// elsewhere returns what may carry a probe outside of the graph.
func (c *controlJudge) elsewhere(p chain.Probe) []finding.Reason {
	if c.o.Transport == RuleTransport {
		return nil
	}
	return slices.Concat(c.logAlarms(p), c.centralized(p), c.telemetry(c.probe(p)))
}

// unreadRegions returns why a probe's region could not be looked at.
func (c *controlJudge) unreadRegions(p chain.Probe) []finding.Reason {
	region := c.probe(p).Region
	if f := c.unreadRegion(region); f != nil {
		return []finding.Reason{unreadable(finding.LinkTrail, region, f)}
	}
	return nil
}
