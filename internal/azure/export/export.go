// Package export writes the actions of a plan for Azure as code to copy: commands of the az
// CLI, and Terraform for Microsoft's azapi provider. Both hold the objects as apply writes
// them, byte for byte as JSON: a rule for several operations has no form in the provider
// azurerm. Only new objects are written, and where something has their ids neither writes.
package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/shellword"
)

// An object is one that the code makes.
type object struct {
	id      string
	kind    string // its type, as ARM has it
	version string // of the API
	body    json.RawMessage
}

func (o object) url() string { return o.id + "?api-version=" + o.version }

// parent is the id of what the object stands in.
func (o object) parent() string {
	end := strings.Index(o.id, "/providers/")
	if end < 0 { // a resource group
		end = strings.LastIndex(o.id[:strings.LastIndex(o.id, "/")], "/")
	}
	return o.id[:end]
}

// openKinds are the receivers whose address may be read by whoever sees the code.
var openKinds = []subscription.ReceiverKind{subscription.Email, subscription.AppPush, subscription.Role}

// objects are what the actions make, in the order in which they are made. The error says
// which action has no code.
func objects(actions []action.Action) ([]object, error) {
	actions = slices.Clone(actions)
	slices.SortStableFunc(actions, func(a, b action.Action) int { return int(a.Place()) - int(b.Place()) })
	var list []object
	for _, a := range actions {
		if !a.New() {
			return nil, fmt.Errorf("only apply can %s: it exists", a)
		}
		switch a := a.(type) {
		case action.CreateResourceGroup:
			body, _ := a.Saved().After.(json.RawMessage)
			list = append(list, object{a.ID, "Microsoft.Resources/resourceGroups", "2021-04-01", body})
		case action.PutGroup:
			for _, r := range a.Add {
				if !slices.Contains(openKinds, r.Kind) {
					return nil, fmt.Errorf("only apply can %s: the address of %s may be a secret", a, r.Shown())
				}
			}
			list = append(list, object{a.ID, "Microsoft.Insights/actionGroups", "2023-01-01", desired.GroupBody(a.Add, a.Tags, nil)})
		case action.PutRule:
			list = append(list, object{a.ID, "Microsoft.Insights/activityLogAlerts", "2020-10-01", a.Body})
		case action.RegisterProvider, action.DeleteRule, action.DeleteGroup, action.DeleteResourceGroup:
			return nil, fmt.Errorf("only apply can %s", a)
		}
	}
	return list, nil
}

// Commands returns lines for a terminal with the az CLI that is signed in, in a subshell of
// their own. They end before the first write where an object has one of the ids, and where
// that cannot be found out. The error says which action has no code.
func Commands(actions []action.Action) (string, error) {
	list, err := objects(actions)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("(\nset -eu\nexport AZURE_CORE_ONLY_SHOW_ERRORS=true\n" +
		`refuse() { printf '%s\n' "$1; nothing was written" >&2; exit 1; }` + "\n" +
		`absent() { if said=$(az rest --method get --url "$1" --output none 2>&1); then refuse "$1 exists"; fi; case $said in *NotFound*) ;; *) refuse "$said" ;; esac; }` + "\n")
	for _, o := range list {
		fmt.Fprintf(&b, "absent %s\n", shellword.Quote(o.url()))
	}
	for _, o := range list {
		var body bytes.Buffer
		if err := json.Compact(&body, o.body); err != nil {
			return "", fmt.Errorf("writing %s: %w", o.id, err)
		}
		fmt.Fprintf(&b, "az rest --method put --url %s --output none --body %s\n", shellword.Quote(o.url()), shellword.Quote(body.String()))
	}
	b.WriteString(")\n")
	return b.String(), nil
}

// notLabel is what a name in Terraform's language cannot have.
var notLabel = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// Terraform returns one file for a root module that asks for the provider Azure/azapi. The
// provider refuses to make what is there. The error says which action has no code.
func Terraform(actions []action.Action) (string, error) {
	list, err := objects(actions)
	if err != nil {
		return "", err
	}
	file := hclwrite.NewEmptyFile()
	before := ""
	for i, o := range list {
		label := fmt.Sprintf("monitorctl_%d_%s", i+1, notLabel.ReplaceAllString(subscription.Name(o.id), "_"))
		if i > 0 {
			file.Body().AppendNewline()
		}
		r := file.Body().AppendNewBlock("resource", []string{"azapi_resource", label}).Body()
		r.SetAttributeValue("type", cty.StringVal(o.kind+"@"+o.version))
		r.SetAttributeValue("parent_id", cty.StringVal(o.parent()))
		r.SetAttributeValue("name", cty.StringVal(subscription.Name(o.id)))
		if err := write(r, o.body); err != nil {
			return "", fmt.Errorf("writing %s: %w", o.id, err)
		}
		if before != "" {
			r.SetAttributeRaw("depends_on", hclwrite.TokensForTuple([]hclwrite.Tokens{hclwrite.TokensForIdentifier("azapi_resource." + before)}))
		}
		before = label
	}
	return string(file.Bytes()), nil
}

// write sets the arguments that hold a body: location and tags have one each.
func write(r *hclwrite.Body, body json.RawMessage) error {
	kind, err := ctyjson.ImpliedType(body)
	if err != nil {
		return err
	}
	value, err := ctyjson.Unmarshal(body, kind)
	if err != nil {
		return err
	}
	rest := value.AsValueMap()
	for _, name := range []string{"location", "tags"} {
		if v, ok := rest[name]; ok {
			r.SetAttributeValue(name, v)
			delete(rest, name)
		}
	}
	if len(rest) > 0 {
		r.SetAttributeValue("body", cty.ObjectVal(rest))
	}
	return nil
}
