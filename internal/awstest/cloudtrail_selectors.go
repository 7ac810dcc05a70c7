package awstest

import "slices"

// eventSelectors are the selectors of a trail: one kind or the other.
type eventSelectors struct {
	basic    []EventSelector
	advanced []AdvancedEventSelector
}

// An EventSelector is a basic event selector.
type EventSelector struct {
	ReadWriteType                 string         `json:"ReadWriteType,omitempty" enum:"All|ReadOnly|WriteOnly"` // default All
	IncludeManagementEvents       *bool          `json:"IncludeManagementEvents,omitempty"`                     // default true
	DataResources                 []DataResource `json:"DataResources"`
	ExcludeManagementEventSources []string       `json:"ExcludeManagementEventSources"`
}

// A DataResource selects data events, which awstest keeps but does not deliver.
type DataResource struct {
	Type   string   `json:"Type"`
	Values []string `json:"Values"`
}

// An AdvancedEventSelector is a conjunction of field conditions.
type AdvancedEventSelector struct {
	Name           string                  `json:"Name,omitempty" length:"0-1000"`
	FieldSelectors []AdvancedFieldSelector `json:"FieldSelectors" required:""`
}

// An AdvancedFieldSelector is a condition on one field: the values of an
// operator are alternatives, several operators must all hold.
type AdvancedFieldSelector struct {
	Field         string   `json:"Field" required:"" length:"1-1000"`
	Equals        []string `json:"Equals,omitempty"`
	StartsWith    []string `json:"StartsWith,omitempty"`
	EndsWith      []string `json:"EndsWith,omitempty"`
	NotEquals     []string `json:"NotEquals,omitempty"`
	NotStartsWith []string `json:"NotStartsWith,omitempty"`
	NotEndsWith   []string `json:"NotEndsWith,omitempty"`
}

// defaultSelectors is what a new trail has: all management events.
func defaultSelectors() eventSelectors {
	return eventSelectors{basic: []EventSelector{{
		ReadWriteType: "All", IncludeManagementEvents: new(true), DataResources: []DataResource{}, ExcludeManagementEventSources: []string{},
	}}}
}

// PutEventSelectorsInput is the input of cloudtrail:PutEventSelectors.
type PutEventSelectorsInput struct {
	TrailName              string                  `json:"TrailName,omitempty" required:""`
	EventSelectors         []EventSelector         `json:"EventSelectors,omitempty"`
	AdvancedEventSelectors []AdvancedEventSelector `json:"AdvancedEventSelectors,omitempty"`
}

type eventSelectorsOutput struct {
	TrailARN               string                  `json:"TrailARN"`
	EventSelectors         []EventSelector         `json:"EventSelectors,omitempty"`
	AdvancedEventSelectors []AdvancedEventSelector `json:"AdvancedEventSelectors,omitempty"`
}

// PutEventSelectors replaces the selectors of a trail.
func (r *Region) PutEventSelectors(in PutEventSelectorsInput) error {
	return seedOnly[eventSelectorsOutput](r, cloudtrailService, "PutEventSelectors", &in)
}

func putEventSelectors(c *call, in *PutEventSelectorsInput) (*eventSelectorsOutput, error) {
	old, err := c.findHome(in.TrailName)
	if err != nil {
		return nil, err
	}
	if (len(in.EventSelectors) == 0) == (len(in.AdvancedEventSelectors) == 0) {
		return nil, apiError("InvalidEventSelectorsException", "Specify either event selectors or advanced event selectors")
	}
	if len(in.EventSelectors) > 5 {
		return nil, apiError("InvalidEventSelectorsException", "A trail has at most 5 event selectors")
	}
	for _, s := range in.AdvancedEventSelectors {
		if err := s.check(); err != nil {
			return nil, err
		}
	}
	t := *old
	t.HasCustomEventSelectors = true
	t.selectors = eventSelectors{advanced: in.AdvancedEventSelectors}
	for _, s := range in.EventSelectors {
		t.selectors.basic = append(t.selectors.basic, s.filled())
	}
	c.region.trails[t.Name] = &t
	return t.selectorsOutput(), nil
}

// filled returns the selector with AWS's defaults.
func (s EventSelector) filled() EventSelector {
	if s.ReadWriteType == "" {
		s.ReadWriteType = "All"
	}
	if s.IncludeManagementEvents == nil {
		s.IncludeManagementEvents = new(true)
	}
	if s.DataResources == nil {
		s.DataResources = []DataResource{}
	}
	if s.ExcludeManagementEventSources == nil {
		s.ExcludeManagementEventSources = []string{}
	}
	return s
}

// selectorFields are the fields that advanced selectors may name.
// Source: AdvancedFieldSelector of the CloudTrail API.
var selectorFields = []string{
	"readOnly", "eventSource", "eventName", "eventCategory", "eventType", "errorCode", "resources.type", "resources.ARN",
	"sessionCredentialFromConsole", "userIdentity.arn", "vpcEndpointId",
}

func (s AdvancedEventSelector) check() error {
	category := false
	for _, f := range s.FieldSelectors {
		if !slices.Contains(selectorFields, f.Field) {
			return apiError("InvalidEventSelectorsException", "Field %s is not a valid field selector", f.Field)
		}
		if len(f.Equals)+len(f.StartsWith)+len(f.EndsWith)+len(f.NotEquals)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0 {
			return apiError("InvalidEventSelectorsException", "Field %s has no operator", f.Field)
		}
		category = category || (f.Field == "eventCategory" && len(f.Equals) == 1)
	}
	if !category {
		return apiError("InvalidEventSelectorsException", "Each advanced event selector must have eventCategory with one value of Equals")
	}
	return nil
}

type trailNameForSelectors struct {
	TrailName string `json:"TrailName,omitempty" required:""`
}

func getEventSelectors(c *call, in *trailNameForSelectors) (*eventSelectorsOutput, error) {
	t, err := c.find(in.TrailName)
	if err != nil {
		return nil, err
	}
	return t.selectorsOutput(), nil
}

func (t *trail) selectorsOutput() *eventSelectorsOutput {
	return &eventSelectorsOutput{TrailARN: t.TrailARN, EventSelectors: t.selectors.basic, AdvancedEventSelectors: t.selectors.advanced}
}
