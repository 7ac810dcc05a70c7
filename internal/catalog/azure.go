package catalog

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// numberSeparator stands between the numbers of a control of Azure.
const numberSeparator = ", "

// An Operation is something that a control of Azure watches for: an operation of
// Azure Resource Manager, or a type of incident of Service Health.
type Operation struct {
	Name     string // Microsoft.Network/networkSecurityGroups/write; "" for an incident
	Incident string // Incident, Maintenance, Informational, ActionRequired, Security; "" for an operation

	// Required says that the control demands it, whatever the benchmark version; the
	// others are blind spots.
	Required bool

	// Rule is the name of the alert rule that apply creates for it, Description its
	// text; "" for blind spots. Spelling is the operation as apply writes it: Azure
	// compares without case, other tools do not.
	Rule, Description, Spelling string

	Risk string // of a blind spot: low, medium, high
	Why  string // of a blind spot: what a change that nobody sees can do; may be empty

	// Numbers is its place in each benchmark version that has it.
	Numbers map[Benchmark]Number
}

// Label returns the operation's name, or "Service Health: Incident".
func (o Operation) Label() string {
	if o.Incident != "" {
		return "Service Health: " + o.Incident
	}
	return o.Name
}

// Namespace returns the provider of an operation, "Microsoft.Network", or
// "ServiceHealth".
func (o Operation) Namespace() string {
	if o.Incident != "" {
		return "ServiceHealth"
	}
	provider, _, _ := strings.Cut(o.Name, "/")
	return provider
}

// RequiredOperations returns what the control of Azure demands, in catalog order.
func (c Control) RequiredOperations() []Operation {
	return slices.DeleteFunc(slices.Clone(c.Operations), func(o Operation) bool { return !o.Required })
}

// OtherOperations returns the blind spots of the control of Azure, in catalog order.
func (c Control) OtherOperations() []Operation {
	return slices.DeleteFunc(slices.Clone(c.Operations), func(o Operation) bool { return o.Required })
}

// isAzure reports whether a file says that its control is one of Azure.
func isAzure(n ast.Node) bool {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return false
	}
	return slices.ContainsFunc(m.Values, func(v *ast.MappingValueNode) bool {
		return v.Key.GetToken().Value == "cloud" && v.Value.GetToken().Value == string(Azure)
	})
}

var (
	operationForm   = regexp.MustCompile(`^Microsoft\.[A-Za-z]+(/[A-Za-z]+)+/(write|delete|action)$`)
	azureNumberForm = regexp.MustCompile(`^[1-9][0-9]*(\.[1-9][0-9]*)+$`)
	ruleForm        = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,127}$`)
	incidents       = []string{"Incident", "Maintenance", "Informational", "ActionRequired", "Security"}
)

// azure reads a control of Azure.
func (r reader) azure(n ast.Node, e *entry) {
	m := r.mapping(n, "the control", "cloud", "id", "title", "why", "severity", "severityReason", "sets", "mappings", "operations", "blindSpots")
	r.head(m, e)
	c := &e.Control
	c.Cloud, c.Type = Azure, Events
	c.Sets = m.words("sets", knownSets)
	c.Mappings = r.mappings(m)
	for _, n := range m.List("operations") {
		r.operation(r.mapping(n, "an operation", "name", "incident", "rule", "description", "spelling", "benchmarks"), e)
	}
	if r.OK() && len(c.Operations) == 0 {
		r.Fail(m.At, "", "the control lacks \"operations\"")
	}
	for _, n := range m.List("blindSpots") {
		b := r.mapping(n, "a blind spot", "name", "incident", "risk", "why")
		r.addOperation(b, c, Operation{Risk: b.Word("risk", "low", "medium", "high"), Why: b.Optional("why")})
	}
	r.sumNumbers(c)
}

// operation reads an operation that is required.
func (r reader) operation(m mapping, e *entry) {
	o := Operation{Required: true, Rule: m.Text("rule"), Description: m.Text("description"), Spelling: m.Optional("spelling")}
	if r.OK() && !ruleForm.MatchString(o.Rule) {
		r.Fail(m.PlaceOfKey("rule"), "", "rule %q is not made of letters and digits, 128 at most", o.Rule)
	}
	e.places[ruleClaim(o.Rule)] = m.PlaceOfKey("rule")
	if m.Has("benchmarks") {
		o.Numbers = r.azureNumbers(m, e)
	}
	r.addOperation(m, &e.Control, o)
}

// addOperation reads what an operation is, and adds it.
func (r reader) addOperation(m mapping, c *Control, o Operation) {
	if m.Has("incident") {
		o.Incident = m.Word("incident", incidents...)
	} else {
		o.Name = m.Text("name")
	}
	if !r.OK() {
		return
	}
	switch {
	case m.Has("incident") && m.Has("name"):
		r.Fail(m.PlaceOfKey("incident"), "", "an operation has a name or an incident, not both")
	case o.Incident == "" && !operationForm.MatchString(o.Name):
		r.Fail(m.PlaceOfKey("name"), "", "%q is not an operation such as Microsoft.Network/networkSecurityGroups/write", o.Name)
	case o.Spelling != "" && !strings.EqualFold(o.Spelling, o.Name):
		r.Fail(m.PlaceOfKey("spelling"), "", "the spelling %q differs from %s by more than its case", o.Spelling, o.Name)
	case slices.ContainsFunc(c.Operations, func(other Operation) bool { return strings.EqualFold(other.Label(), o.Label()) }):
		r.Fail(m.At, "", "operation %s is given twice", o.Label())
	}
	if o.Spelling == "" {
		o.Spelling = o.Name
	}
	c.Operations = append(c.Operations, o)
}

// azureNumbers reads the place of an operation in the benchmark versions.
func (r reader) azureNumbers(m mapping, e *entry) map[Benchmark]Number {
	numbers := map[Benchmark]Number{}
	for _, item := range r.Entries(m.Values["benchmarks"], "benchmarks") {
		v := r.mapping(item.Value, "a benchmark", "number", "level", "title")
		if !r.OK() {
			return nil
		}
		n := Number{Number: v.Text("number"), Title: v.Text("title"), Level: v.level()}
		if r.OK() && !azureNumberForm.MatchString(n.Number) {
			r.Fail(v.PlaceOfKey("number"), "", "number %q is not of the form 6.1.2.3", n.Number)
		}
		for _, b := range r.spanOf(Azure, item.Key, item.Key.GetToken().Value) {
			if _, ok := numbers[b]; ok {
				r.Fail(yamlfile.PlaceOf(item.Key), "", "benchmark %s is given twice", b.Version())
			}
			numbers[b] = n
			e.places[numberClaim(b, n.Number)] = v.PlaceOfKey("number")
		}
	}
	return numbers
}

// sumNumbers gives the control the numbers of its operations, each once, in their
// order, with the title of the first.
func (r reader) sumNumbers(c *Control) {
	if !r.OK() {
		return
	}
	for _, o := range c.Operations {
		for b, n := range o.Numbers {
			if c.Numbers == nil {
				c.Numbers = map[Benchmark]Number{}
			}
			sum, ok := c.Numbers[b]
			switch {
			case !ok:
				sum = n
			case !slices.Contains(strings.Split(sum.Number, numberSeparator), n.Number):
				sum.Number += numberSeparator + n.Number
			}
			c.Numbers[b] = sum
		}
	}
}
