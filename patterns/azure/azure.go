// Package azure embeds the controls of Azure: one YAML file per control, named after
// its id. Package catalog reads and checks them; docs/controls.md shows them as a
// table and explains the keys. catalog.json is the same, as it was read.
package azure

import "embed"

// JSON is the catalog as catalog.Encode writes it.
//
//go:embed catalog.json
var JSON string

// FS holds the files, all at its root.
//
//go:embed *.yaml
var FS embed.FS
