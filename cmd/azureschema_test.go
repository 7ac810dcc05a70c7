package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestAzureSchemas holds what is written about a subscription to the published schemas.
func TestAzureSchemas(t *testing.T) {
	var out, errs bytes.Buffer
	d, err := newAzureDemo(testEnv(&out, &errs), true)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	run := func(want int, args ...string) {
		t.Helper()
		root := newRoot(d.env)
		root.SetArgs(append(args, "-o", "json="+file(args[0]+".json")))
		if err := root.ExecuteContext(context.Background()); exit.Code(err) != want {
			t.Fatalf("%v: exit code %d, want %d: %v", args, exit.Code(err), want, err)
		}
	}
	wishes := []string{"--subscription", demoSubscriptionName, "--resource-group", "alerts", "--create-resource-group", "westeurope", "--subscribe", "email:security@example.com", "--complete"}
	run(exit.Done, append([]string{"plan", "--save", file("saved-plan.json")}, wishes...)...)
	run(exit.Done, append([]string{"apply", "--yes", "--journal", file("journal.jsonl")}, wishes...)...)
	run(exit.ControlsFailed, "drill", "--subscription", demoSubscriptionName, "--notify", "--yes")
	run(exit.Done, "undo", "--yes", file("journal.jsonl"))
	journal, err := os.ReadFile(file("journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string][]string{"journal": strings.Split(strings.TrimSpace(string(journal)), "\n")}
	for schema, name := range map[string]string{"plan": "plan.json", "saved-plan": "saved-plan.json", "drill": "drill.json", "removal": "undo.json"} {
		text, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		documents[schema] = []string{string(text)}
	}
	_, changed := realDrillAt(t, "yes\n", func(f *drillFlags) { f.yes, f.out.outputs = true, []string{"json"} })
	documents["drill"] = append(documents["drill"], changed.out)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, schema := range []string{"audit", "plan"} { // that others refer to by their ids
		text, err := os.ReadFile("../docs/schema/" + schema + "-v1.schema.json")
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("urn:monitorctl:schema:"+schema+":v1", v); err != nil {
			t.Fatal(err)
		}
	}
	for schema, texts := range documents {
		compiled, err := c.Compile("../docs/schema/" + schema + "-v1.schema.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := compiled.Validate(v); err != nil {
				t.Errorf("%s: %v\n%s", schema, err, text)
			}
		}
	}
}
