package azuretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A test is a test notification under way.
type test struct {
	asked   bool // its status, once: it is done the second time
	details []any
}

// mechanisms are how the status of a test notification calls kinds of receivers.
var mechanisms = map[string]string{
	"email": "Email", "sms": "Sms", "voice": "Voice", "azureAppPush": "AzureAppPush", "webhook": "Webhook", "armRole": "Arm", "logicApp": "LogicApp",
	"azureFunction": "AzureFunction", "automationRunbook": "AutomationRunbook", "eventHub": "EventHub", "itsm": "ITSM",
}

// testLimits are how many test notifications a minute take, by kind of receiver.
var testLimits = map[string]int{"email": 2, "sms": 1, "voice": 1}

// testNotification sends a message to each receiver of the body, which need not be one of
// the group.
func (c *Cloud) testNotification(r *http.Request, path string) (any, error) {
	group := c.find(path[:strings.LastIndexByte(path, '/')])
	if group == nil || group.kind != ActionGroups {
		return nil, refuse(http.StatusNotFound, "ResourceNotFound", "the action group of %s was not found", path)
	}
	var body map[string]any
	if json.NewDecoder(r.Body).Decode(&body) != nil || text(body["alertType"]) == "" {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "the alertType is required")
	}
	if text(body["alertType"]) != "activitylog" {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "the alert type %q is not known here", text(body["alertType"]))
	}
	if err := checkReceivers(body); err != nil {
		return nil, err
	}
	t := &test{}
	for _, key := range receiverKinds {
		kind := strings.TrimSuffix(key, "Receivers")
		for _, receiver := range objectsOf(body[key]) {
			if limit := testLimits[kind]; limit > 0 && !c.within("test "+kind, subscriptionOf(path), limit, time.Minute) {
				return nil, &Error{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "too many test notifications", RetryAfter: 60}
			}
			t.details = append(t.details, c.deliverTest(group, kind, receiver))
		}
	}
	id := fmt.Sprintf("%011d", len(c.tests)+1)
	c.tests[id] = t
	location := "https://" + r.Host + path[:strings.LastIndexByte(path, '/')] + "/notificationStatus/" + id + "?api-version=2023-01-01"
	return reply{status: http.StatusAccepted, header: map[string]string{"Location": location}}, nil
}

// deliverTest sends one message and says what came of it.
func (c *Cloud) deliverTest(group *object, kind string, r map[string]any) map[string]any {
	if known := c.statuses[c.statusKey(group, kind, r)]; kind == "email" || kind == "sms" {
		r["status"] = known
	}
	address, read, ok := c.reach(kind, r)
	detail := map[string]any{"MechanismType": mechanisms[kind], "Name": r["name"], "Status": "Completed", "SubState": "Default", "SendTime": c.now.Format(time.RFC3339), "Detail": nil}
	switch {
	case !ok:
		detail["Status"], detail["SubState"], detail["Detail"] = "Failed", "NotSent", "the address is not verified, or its owner unsubscribed"
	case !read && kind == "webhook":
		detail["Status"], detail["SubState"], detail["Detail"] = "Failed", "Default", "HTTP 400"
	default:
		c.inboxes[address] = append(c.inboxes[address], Message{At: c.now, To: kind + " " + text(r["name"]), Rule: "Test", Read: read})
	}
	return detail
}

// testStatus says how far a test notification is.
func (c *Cloud) testStatus(id string) (any, error) {
	t := c.tests[id]
	if t == nil {
		return nil, refuse(http.StatusNotFound, "NotFound", "there is no test notification %q", id)
	}
	out := map[string]any{"context": nil, "state": "Running", "createdTime": c.now.Format(time.RFC3339), "completedTime": nil, "actionDetails": nil}
	if t.asked {
		out["state"], out["actionDetails"] = "Complete", t.details
	}
	t.asked = true
	return out, nil
}
