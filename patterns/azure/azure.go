// Package azure embeds the controls of Azure: one YAML file per control, named after
// its id. Package catalog reads and checks them; docs/controls.md shows them as a
// table and explains the keys.
package azure

import "embed"

// FS holds the files, all at its root.
//
//go:embed *.yaml
var FS embed.FS
