package awstest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of metric filters. Source: "CloudWatch Logs quotas".
const (
	maxFiltersPerGroup = 100
	maxRegexFilters    = 5
	maxDimensions      = 3
)

// A metricFilter is a metric filter of a log group.
type metricFilter struct {
	PutMetricFilterInput
	pattern  matcher
	criteria criteria
	created  time.Time
}

// PutMetricFilterInput is the input of logs:PutMetricFilter.
type PutMetricFilterInput struct {
	LogGroupName              string                 `json:"logGroupName,omitempty" required:"" length:"1-512" pattern:"[\\.\\-_/#A-Za-z0-9]+"`
	FilterName                string                 `json:"filterName,omitempty" required:"" length:"1-512" pattern:"[^:*]*"`
	FilterPattern             string                 `json:"filterPattern" length:"0-1024"`
	MetricTransformations     []MetricTransformation `json:"metricTransformations,omitempty" required:"" length:"1-1"`
	ApplyOnTransformedLogs    bool                   `json:"applyOnTransformedLogs,omitempty"`
	FieldSelectionCriteria    string                 `json:"fieldSelectionCriteria,omitempty" length:"0-2000"`
	EmitSystemFieldDimensions []string               `json:"emitSystemFieldDimensions,omitempty" enum:"@aws.account|@aws.region"`
}

// A MetricTransformation says what a metric filter publishes.
type MetricTransformation struct {
	MetricName      string            `json:"metricName,omitempty" required:"" length:"1-255" pattern:"[^:*$]*"`
	MetricNamespace string            `json:"metricNamespace,omitempty" required:"" length:"1-255" pattern:"[^:*$]*"`
	MetricValue     string            `json:"metricValue,omitempty" required:"" length:"1-100"`
	DefaultValue    *float64          `json:"defaultValue,omitempty"`
	Dimensions      map[string]string `json:"dimensions,omitempty"`
	Unit            string            `json:"unit,omitempty"`
}

// PutMetricFilter creates a metric filter or replaces the one of that name.
func (r *Region) PutMetricFilter(in PutMetricFilterInput) error {
	return seedOnly[none](r, logsService, "PutMetricFilter", &in)
}

func putMetricFilter(c *call, in *PutMetricFilterInput) (*none, error) {
	group := c.region.groups[in.LogGroupName]
	if group == nil {
		return nil, errNoLogGroup()
	}
	if group.class != "STANDARD" {
		// Which code AWS gives here is undocumented; the model lists this one.
		return nil, apiError("InvalidOperationException", "Metric filters are not supported for log groups of the class %s", group.class)
	}
	f := &metricFilter{PutMetricFilterInput: *in, created: c.now}
	var err error
	if f.pattern, err = compilePattern(in.FilterPattern); err != nil {
		return nil, apiError("InvalidParameterException", "%v", err)
	}
	if f.criteria, err = parseCriteria(in.FieldSelectionCriteria); err != nil {
		return nil, apiError("InvalidParameterException", "%v", err)
	}
	if err := in.checkTransformation(group); err != nil {
		return nil, err
	}
	if err := group.room(in); err != nil {
		return nil, err
	}
	changed := *group
	changed.filters = maps.Clone(group.filters)
	changed.filters[in.FilterName] = f
	c.region.groups[group.name] = &changed
	return &none{}, nil
}

func (in *PutMetricFilterInput) checkTransformation(group *logGroup) error {
	t := in.MetricTransformations[0]
	wrong := func(reason string) error {
		return apiError("InvalidParameterException", "Invalid metric transformation: %s", reason)
	}
	switch structured := strings.ContainsAny(firstRune(in.FilterPattern), "{["); {
	case in.ApplyOnTransformedLogs && group.transformer.IsZero():
		return apiError("InvalidParameterException", "The log group has no active transformer, which applyOnTransformedLogs needs")
	case !isMetricValue(t.MetricValue):
		return wrong("metricValue must be a number or a reference such as $.field")
	case t.Unit != "" && !units[t.Unit]:
		return wrong("unit " + t.Unit + " is not a standard unit")
	case len(t.Dimensions) > 0 && t.DefaultValue != nil:
		return wrong("dimensions and default value are mutually exclusive properties.")
	case len(t.Dimensions)+len(in.EmitSystemFieldDimensions) > maxDimensions:
		return wrong("at most 3 dimensions are allowed")
	case len(t.Dimensions) > 0 && !structured:
		return wrong("dimensions need a JSON or space-delimited filter pattern")
	}
	for name, value := range t.Dimensions {
		if name == "" || !strings.HasPrefix(value, "$") {
			return wrong("the value of dimension " + name + " must be a reference such as $.field")
		}
	}
	return nil
}

func firstRune(text string) string {
	text = strings.TrimLeft(text, " \t\r\n")
	return text[:min(1, len(text))]
}

func isMetricValue(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil || (strings.HasPrefix(text, "$") && len(text) > 1)
}

// room reports whether the group takes the filter within its quotas.
func (g *logGroup) room(in *PutMetricFilterInput) error {
	if g.filters[in.FilterName] == nil && len(g.filters) >= maxFiltersPerGroup {
		return apiError("LimitExceededException", "Resource limit exceeded.")
	}
	regexes := 0
	for name, f := range g.filters {
		if name != in.FilterName && hasRegex(f.FilterPattern) {
			regexes++
		}
	}
	if regexes >= maxRegexFilters && hasRegex(in.FilterPattern) {
		return apiError("LimitExceededException", "Resource limit exceeded.")
	}
	return nil
}

// hasRegex reports whether a valid pattern contains a regular expression: a
// percent sign outside quotes.
func hasRegex(pattern string) bool {
	quoted := false
	for i := 0; i < len(pattern); i++ {
		switch {
		case quoted && pattern[i] == '\\':
			i++
		case pattern[i] == '"':
			quoted = !quoted
		case pattern[i] == '%' && !quoted:
			return true
		}
	}
	return false
}

type filterName struct {
	LogGroupName string `json:"logGroupName,omitempty" required:"" length:"1-512" pattern:"[\\.\\-_/#A-Za-z0-9]+"`
	FilterName   string `json:"filterName,omitempty" required:"" length:"1-512" pattern:"[^:*]*"`
}

// DeleteMetricFilter deletes a metric filter.
func (r *Region) DeleteMetricFilter(group, name string) error {
	return seedOnly[none](r, logsService, "DeleteMetricFilter", &filterName{group, name})
}

func deleteMetricFilter(c *call, in *filterName) (*none, error) {
	group := c.region.groups[in.LogGroupName]
	if group == nil {
		return nil, errNoLogGroup()
	}
	if group.filters[in.FilterName] == nil {
		return nil, apiError("ResourceNotFoundException", "The specified metric filter does not exist.")
	}
	changed := *group
	changed.filters = maps.Clone(group.filters)
	delete(changed.filters, in.FilterName)
	c.region.groups[group.name] = &changed
	return &none{}, nil
}

type describeMetricFiltersInput struct {
	LogGroupName     string `json:"logGroupName,omitempty" length:"1-512" pattern:"[\\.\\-_/#A-Za-z0-9]+"`
	FilterNamePrefix string `json:"filterNamePrefix,omitempty" length:"1-512" pattern:"[^:*]*"`
	NextToken        string `json:"nextToken,omitempty"`
	Limit            int32  `json:"limit,omitempty" range:"1-50"`
	MetricName       string `json:"metricName,omitempty" length:"1-255" pattern:"[^:*$]*"`
	MetricNamespace  string `json:"metricNamespace,omitempty" length:"1-255" pattern:"[^:*$]*"`
}

type describeMetricFiltersOutput struct {
	MetricFilters []metricFilterDescription `json:"metricFilters"`
	NextToken     string                    `json:"nextToken,omitempty"`
}

type metricFilterDescription struct {
	FilterName                string                 `json:"filterName"`
	FilterPattern             string                 `json:"filterPattern"`
	MetricTransformations     []MetricTransformation `json:"metricTransformations"`
	CreationTime              int64                  `json:"creationTime"` // milliseconds
	LogGroupName              string                 `json:"logGroupName"`
	ApplyOnTransformedLogs    bool                   `json:"applyOnTransformedLogs"` // sent even if unset
	FieldSelectionCriteria    string                 `json:"fieldSelectionCriteria,omitempty"`
	EmitSystemFieldDimensions []string               `json:"emitSystemFieldDimensions,omitempty"`
}

func describeMetricFilters(c *call, in *describeMetricFiltersInput) (*describeMetricFiltersOutput, error) {
	if in.LogGroupName != "" && c.region.groups[in.LogGroupName] == nil {
		return nil, errNoLogGroup()
	}
	if (in.MetricName == "") != (in.MetricNamespace == "") {
		return nil, apiError("InvalidParameterException", "metricName and metricNamespace must be given together")
	}
	after, ok := readToken("DescribeMetricFilters", in.NextToken)
	if !ok {
		return nil, errBadLogsToken()
	}
	cut, next := page(c.Cloud, in.selected(c.region), (*metricFilter).key, after, cmp.Or(int(in.Limit), 50))
	out := &describeMetricFiltersOutput{MetricFilters: []metricFilterDescription{}, NextToken: newToken("DescribeMetricFilters", next)}
	for _, f := range cut {
		out.MetricFilters = append(out.MetricFilters, f.describe())
	}
	return out, nil
}

// selected returns the filters asked for, by name and then group.
func (in *describeMetricFiltersInput) selected(r *Region) []*metricFilter {
	var list []*metricFilter
	for _, g := range r.groups {
		for _, f := range g.filters {
			if in.selects(f) {
				list = append(list, f)
			}
		}
	}
	slices.SortFunc(list, func(a, b *metricFilter) int { return strings.Compare(a.key(), b.key()) })
	return list
}

func (in *describeMetricFiltersInput) selects(f *metricFilter) bool {
	if in.LogGroupName != "" {
		// The prefix is honoured only together with the group.
		if f.LogGroupName != in.LogGroupName || !strings.HasPrefix(f.FilterName, in.FilterNamePrefix) {
			return false
		}
	}
	t := f.MetricTransformations[0]
	return in.MetricName == "" || (t.MetricName == in.MetricName && t.MetricNamespace == in.MetricNamespace)
}

// key orders filters by name, then group.
func (f *metricFilter) key() string { return f.FilterName + "\x00" + f.LogGroupName }

func (f *metricFilter) describe() metricFilterDescription {
	return metricFilterDescription{
		FilterName: f.FilterName, FilterPattern: f.FilterPattern, MetricTransformations: f.MetricTransformations,
		CreationTime: f.created.UnixMilli(), LogGroupName: f.LogGroupName,
		ApplyOnTransformedLogs: f.ApplyOnTransformedLogs, FieldSelectionCriteria: f.FieldSelectionCriteria,
		EmitSystemFieldDimensions: f.EmitSystemFieldDimensions,
	}
}

type testMetricFilterInput struct {
	FilterPattern    string   `json:"filterPattern" length:"0-1024"`
	LogEventMessages []string `json:"logEventMessages,omitempty" required:"" length:"1-50"`
}

type testMetricFilterOutput struct {
	Matches []metricFilterMatch `json:"matches"`
}

type metricFilterMatch struct {
	EventNumber     int64             `json:"eventNumber"` // 1-based, as observed
	EventMessage    string            `json:"eventMessage"`
	ExtractedValues map[string]string `json:"extractedValues"`
}

// testMetricFilter does not extract the values of space-delimited patterns.
func testMetricFilter(_ *call, in *testMetricFilterInput) (*testMetricFilterOutput, error) {
	compiled, err := compilePattern(in.FilterPattern)
	if err != nil {
		return nil, apiError("InvalidParameterException", "%v", err)
	}
	out := &testMetricFilterOutput{Matches: []metricFilterMatch{}}
	for i, message := range in.LogEventMessages {
		if message == "" {
			return nil, apiError("InvalidParameterException", "1 validation error detected: Value '' at 'logEventMessages.%d.member' failed to satisfy constraint: Member must have length greater than or equal to 1", i+1)
		}
		if matches, _ := compiled.matches([]byte(message)); matches {
			out.Matches = append(out.Matches, metricFilterMatch{int64(i + 1), message, map[string]string{}})
		}
	}
	return out, nil
}

// units are the units of metrics. Source: MetricTransformation of the Logs API.
var units = map[string]bool{
	"Seconds": true, "Microseconds": true, "Milliseconds": true, "Bytes": true, "Kilobytes": true, "Megabytes": true,
	"Gigabytes": true, "Terabytes": true, "Bits": true, "Kilobits": true, "Megabits": true, "Gigabits": true, "Terabits": true,
	"Percent": true, "Count": true, "Bytes/Second": true, "Kilobytes/Second": true, "Megabytes/Second": true,
	"Gigabytes/Second": true, "Terabytes/Second": true, "Bits/Second": true, "Kilobits/Second": true, "Megabits/Second": true,
	"Gigabits/Second": true, "Terabits/Second": true, "Count/Second": true, "None": true,
}
