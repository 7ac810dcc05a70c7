// Package patterns embeds the catalog of controls: one YAML file per control,
// named after its id. Package catalog reads and checks them; docs/controls.md
// shows them as a table and explains the keys.
//
// catalog.json is the same catalog as it was read ('make generate' writes it, a test
// holds it): a run decodes that and leaves YAML alone.
package patterns

import "embed"

// JSON is the catalog as catalog.Encode writes it.
//
//go:embed catalog.json
var JSON string

// FS holds the files, all at its root.
//
//go:embed *.yaml
var FS embed.FS
