package catalog

import "slices"

// A Cloud names whose events a control is about.
type Cloud string

// Clouds. What names none is AWS's.
const (
	AWS   Cloud = ""
	Azure Cloud = "azure"
)

// Of returns the part of the catalog that is about a cloud.
func (c *Catalog) Of(cloud Cloud) *Catalog {
	return &Catalog{Controls: slices.DeleteFunc(slices.Clone(c.Controls), func(control Control) bool { return control.Cloud != cloud })}
}
