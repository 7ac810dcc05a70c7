package subscription

import (
	"encoding/json"

	"github.com/monitorctl/monitorctl/internal/azure/armjson"
)

// A Common is what every object of Azure Resource Manager has.
type Common struct {
	ID       string // as written
	Name     string
	Location string
	Tags     map[string]string

	// Problems are what this version did not understand about the object, by path;
	// nil when it understood all of it.
	Problems []string
}

// readCommon reads what every object has, and returns its properties; an object
// without any is a problem.
func readCommon(raw json.RawMessage, p *armjson.Problems) (Common, *armjson.Object) {
	o := armjson.Read(raw, "", p)
	c := Common{ID: o.Text("id"), Name: o.Text("name"), Location: o.Text("location"), Tags: o.Map("tags")}
	if c.Name == "" {
		c.Name = Name(c.ID)
	}
	properties := o.Object("properties")
	if properties == nil {
		p.Add("", "has no properties")
		properties = armjson.Read(json.RawMessage("{}"), "properties", p)
	}
	o.End("type", "kind", "etag", "identity", "systemData", "managedBy", "sku")
	return c, properties
}
