package permissions

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
)

// TestCallsOfActions holds the table against what each kind of action says that it
// calls: everything is in the table, for a command that makes such actions.
func TestCallsOfActions(t *testing.T) {
	kinds := map[string]struct {
		action action.Action
		from   Command // the first that makes it
	}{
		"CreateTopic":    {action.CreateTopic{}, Apply},
		"SetTopicPolicy": {action.SetTopicPolicy{}, Apply},
		"Subscribe":      {action.Subscribe{}, Apply},
		"PutFilter":      {action.PutFilter{}, Apply},
		"PutAlarm":       {action.PutAlarm{}, Apply},
		"CreateRole":     {action.CreateRole{}, Apply},
		"PutRule":        {action.PutRule{}, Apply},
		"PutTarget":      {action.PutTarget{}, Apply},
		"RemoveTarget":   {action.RemoveTarget{}, Undo},
		"DeleteRole":     {action.DeleteRole{}, Undo},
		"DeleteRule":     {action.DeleteRule{}, Undo},
		"DeleteAlarm":    {action.DeleteAlarm{}, Undo},
		"DeleteFilter":   {action.DeleteFilter{}, Undo},
		"Unsubscribe":    {action.Unsubscribe{}, Undo},
		"DeleteTopic":    {action.DeleteTopic{}, Undo},

		"PutChat":    {action.PutChat{}, Apply},
		"DeleteChat": {action.DeleteChat{}, Undo},

		"CreateConnection":  {action.CreateConnection{}, Apply},
		"CreateDestination": {action.CreateDestination{}, Apply},
		"DeleteConnection":  {action.DeleteConnection{}, Undo},
		"PutPermission":     {action.PutPermission{}, Apply},
		"RemovePermission":  {action.RemovePermission{}, Undo},
		"DeleteDestination": {action.DeleteDestination{}, Undo},

		"CreateLogGroup": {action.CreateLogGroup{}, Apply},
		"CreateBucket":   {action.CreateBucket{}, Apply},
		"CreateTrail":    {action.CreateTrail{}, Apply},
		"UpdateTrail": {action.UpdateTrail{After: account.OwnTrail{
			Delivery: account.TrailDelivery{RoleARN: "r"}, Selectors: account.AllManagement(), Logging: true,
		}}, Apply},
		"DeleteTrail":    {action.DeleteTrail{}, Undo},
		"DeleteBucket":   {action.DeleteBucket{}, Undo},
		"DeleteLogGroup": {action.DeleteLogGroup{}, Undo},
	}
	files, err := filepath.Glob("../action/*.go")
	if err != nil {
		t.Fatal(err)
	}
	sealed, found := regexp.MustCompile(`func \((\w+)\) sealed\(\)`), 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range sealed.FindAllStringSubmatch(string(src), -1) {
			found++
			if _, ok := kinds[m[1]]; !ok {
				t.Errorf("%s: this test does not know the action %s", file, m[1])
			}
		}
	}
	if found != len(kinds) {
		t.Errorf("%d kinds of actions in the source, want %d", found, len(kinds))
	}
	all := Table()
	for name, k := range kinds {
		for _, call := range k.action.Calls() {
			// Tags are removed only by undo, which restores an alarm that was replaced.
			from := k.from
			if call == "cloudwatch:UntagResource" {
				from = Undo
			}
			if i := slices.IndexFunc(all, func(o Operation) bool { return o.Name == call }); i < 0 || all[i].From > from {
				t.Errorf("%s calls %s, which the table does not have for %s", name, call, from)
			}
		}
	}
}
