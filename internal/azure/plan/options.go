package plan

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Options are the wishes of a plan.
type Options struct {
	Audit audit.Options

	// ResourceGroup is the name of the one that our objects stand in; "" for the one in
	// which our action group is already. CreateIn is the location in which it is made
	// if it is not there; "" for nowhere.
	ResourceGroup, CreateIn string

	// ActionGroup is the id of an action group that is used instead of our own; "" for
	// that.
	ActionGroup string

	// Receivers are added to our own action group.
	Receivers []desired.Receiver

	Complete bool // rules for what the controls do not require, too
	Once     bool // alert when a call succeeds only: one message for each change
	OneRule  bool // one rule for all operations of a control: other tools then fail it
	Register bool // register Microsoft.Insights where it is not

	NamePrefix string            // before the names of rules and of our action group
	Tags       map[string]string // besides desired.ManagedTag
	Replace    []string          // names of objects in the way, or edited, to be replaced by ours

	// Repair writes actions as code, for advice: what the plan that is proposed would do.
	// nil leaves it out.
	Repair func([]action.Action) (finding.Repair, error)
}

func (o *Options) names() desired.Names { return desired.Names{Prefix: o.NamePrefix} }

// Forms of names, of Azure's naming rules. Lengths are checked apart.
var (
	resourceGroupForm = regexp.MustCompile(`^[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$`)
	prefixForm        = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
	locationForm      = regexp.MustCompile(`^[a-z0-9]+$`)
	actionGroupForm   = regexp.MustCompile(`(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Insights/actionGroups/[^/]+$`)
)

// tagSigns are those that the name of a tag cannot have.
const tagSigns = `<>%&\?/`

// Check says what is wrong with wishes, before anything is read.
func Check(o Options) error {
	switch {
	case o.ResourceGroup != "" && (len(o.ResourceGroup) > 90 || !resourceGroupForm.MatchString(o.ResourceGroup)):
		return fmt.Errorf("resource group %q: letters, digits and _ - . ( ) are allowed, at most 90, no dot at the end", o.ResourceGroup)
	case o.CreateIn != "" && o.ResourceGroup == "":
		return errors.New("--create-resource-group is the location of the group that --resource-group names")
	case o.CreateIn != "" && !locationForm.MatchString(o.CreateIn):
		return fmt.Errorf("location %q is not one such as westeurope", o.CreateIn)
	case o.ActionGroup != "" && !actionGroupForm.MatchString(o.ActionGroup):
		return fmt.Errorf("action group %q is not an id such as /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.Insights/actionGroups/NAME", o.ActionGroup)
	case o.ActionGroup != "" && len(o.Receivers) > 0:
		return errors.New("--subscribe is for monitorctl's own action group, and --action-group names another: add the receiver there by hand")
	case len(o.NamePrefix) > 100 || !prefixForm.MatchString(o.NamePrefix):
		return fmt.Errorf("name prefix %q: only letters, digits, - and _ are allowed, at most 100", o.NamePrefix)
	}
	for name, value := range o.Tags {
		switch {
		case strings.EqualFold(name, desired.ManagedTag):
			return fmt.Errorf("tag %q is reserved", name)
		case name == "" || len(name) > 512 || len(value) > 256 || strings.ContainsAny(name, tagSigns):
			return fmt.Errorf("tag %q: a name has at most 512 characters and none of %s, a value at most 256", name, tagSigns)
		}
	}
	return nil
}

// A NoHomeError says that something is to be created, and nobody said where.
type NoHomeError struct{ Subscription string }

func (e *NoHomeError) Error() string {
	return "subscription " + e.Subscription + ": alert rules are to be created, but no resource group is named"
}

// Usage says that the command line is wrong.
func (e *NoHomeError) Usage() bool { return true }

// Hint says what to do about it.
func (e *NoHomeError) Hint() string {
	return "name one with --resource-group; --create-resource-group LOCATION creates it"
}

// A NoGroupError says that the action group of --action-group cannot be used.
type NoGroupError struct{ ID, Why string }

func (e *NoGroupError) Error() string {
	return "action group " + subscription.Name(e.ID) + " " + e.Why
}
