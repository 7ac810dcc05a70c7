package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version, commit and date are set by the release build: the tag without its v, the
// commit's hash, and its time in RFC 3339.
var version, commit, date = "", "", ""

// versionText is the release, or the module version of a build by go install.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// A build is what a binary was made of. Without a release's stamps commit and date come
// from Go, which knows them when it builds in a checkout.
type build struct {
	Version  string   `json:"version"`
	Commit   string   `json:"commit"` // "" when it is not known
	Date     string   `json:"date"`   // of the commit, RFC 3339; "" when it is not known
	Modified bool     `json:"modified"`
	Go       string   `json:"go"`
	Platform string   `json:"platform"`
	Modules  []module `json:"modules"` // what is linked, by path
}

type module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum"`
}

// thisBuild describes the running binary.
func thisBuild() build {
	b := build{Version: versionText(), Commit: commit, Date: date, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Modules: []module{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = cmp.Or(b.Commit, s.Value)
		case "vcs.time":
			b.Date = cmp.Or(b.Date, s.Value)
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	for _, m := range info.Deps {
		b.Modules = append(b.Modules, module{m.Path, m.Version, m.Sum})
	}
	return b
}

// newVersion builds "monitorctl version".
func newVersion(e *env) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "version prints the version; as JSON with the commit, its date and the linked modules.",
		Example: "  monitorctl version\n  monitorctl version -o json",
		Args:    noArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(*cobra.Command, []string) error {
			switch output {
			case "text":
				_, err := fmt.Fprintf(e.Out, "monitorctl %s %s %s/%s\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			case "json":
				enc := json.NewEncoder(e.Out)
				enc.SetIndent("", "  ")
				return enc.Encode(thisBuild())
			}
			return unknownFormat(output, textFormats)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json")
	return c
}
