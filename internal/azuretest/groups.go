package azuretest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// resourceGroup answers for a resource group. Its removal takes what is in it along.
func (s *sub) resourceGroup(r *http.Request, name string) (any, error) {
	key := strings.ToLower(name)
	have := s.groups[key]
	id := "/subscriptions/" + s.ID + "/resourceGroups/" + name
	if r.Method != http.MethodGet && (s.State == "Disabled" || s.State == "Deleted") {
		return nil, refuse(http.StatusConflict, "ReadOnlyDisabledSubscription", "the subscription %s is disabled", s.ID)
	}
	switch r.Method {
	case http.MethodGet:
		if have == nil {
			return nil, refuse(http.StatusNotFound, "ResourceGroupNotFound", "resource group %q could not be found", name)
		}
		return s.describe(have), nil
	case http.MethodPut:
		var body struct {
			Location string `json:"location"`
			Tags     any    `json:"tags"`
		}
		if json.NewDecoder(r.Body).Decode(&body) != nil || body.Location == "" {
			return nil, refuse(http.StatusBadRequest, "LocationRequired", "the location property is required for this definition")
		}
		if e := s.locked(id, false); e != nil {
			return nil, e
		}
		if have != nil && !strings.EqualFold(have.Location, body.Location) {
			return nil, refuse(http.StatusConflict, "InvalidResourceGroupLocation", "resource group %q is in %s already", name, have.Location)
		}
		if have != nil {
			have.Tags = body.Tags
			return s.describe(have), nil
		}
		s.groups[key] = &resourceGroup{Name: name, Location: body.Location, Tags: body.Tags}
		return reply{status: http.StatusCreated, value: s.describe(s.groups[key])}, nil
	case http.MethodDelete:
		if have == nil {
			return nil, refuse(http.StatusNotFound, "ResourceGroupNotFound", "resource group %q could not be found", name)
		}
		if e := s.locked(id, true); e != nil {
			return nil, e
		}
		delete(s.groups, key)
		s.objects = slices.DeleteFunc(s.objects, func(o *object) bool { return strings.EqualFold(groupOf(o.id), name) })
		return reply{status: http.StatusAccepted}, nil
	}
	return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "%s is not known here", r.Method)
}

// groupOf returns the resource group in an id of an object.
func groupOf(id string) string { return strings.Split(id, "/")[4] }

func (s *sub) describe(g *resourceGroup) map[string]any {
	return map[string]any{
		"id": "/subscriptions/" + s.ID + "/resourceGroups/" + g.Name, "name": g.Name, "type": "Microsoft.Resources/resourceGroups",
		"location": g.Location, "tags": g.Tags, "properties": map[string]any{"provisioningState": "Succeeded"},
	}
}

// listResources lists what is in a resource group.
func (c *Cloud) listResources(r *http.Request, s *sub, group string) (any, error) {
	if s.groups[strings.ToLower(group)] == nil {
		return nil, refuse(http.StatusNotFound, "ResourceGroupNotFound", "resource group %q could not be found", group)
	}
	var all []any
	for _, o := range s.objects {
		if strings.EqualFold(groupOf(o.id), group) {
			all = append(all, map[string]any{"id": o.id, "name": o.value["name"], "type": o.kind})
		}
	}
	return c.page(r, all)
}

// listLocks lists the locks of a subscription and of all that is in it.
func (c *Cloud) listLocks(r *http.Request, s *sub) (any, error) {
	var all []any
	for _, l := range s.locks {
		all = append(all, map[string]any{
			"id": l.scope + "/providers/Microsoft.Authorization/locks/keep", "name": "keep", "type": "Microsoft.Authorization/locks",
			"properties": map[string]any{"level": l.level, "notes": nil},
		})
	}
	return c.page(r, all)
}

// callback tells the URL of a logic app's trigger.
func (s *sub) callback(path string) (any, error) {
	id, trigger, _ := strings.Cut(strings.ToLower(path), "/triggers/")
	url := s.logicApps[id]
	if url == "" || trigger != "manual/listcallbackurl" {
		return nil, refuse(http.StatusNotFound, "WorkflowTriggerNotFound", "the trigger of %s could not be found", path)
	}
	return map[string]any{"value": url, "method": "POST"}, nil
}

// provider answers for Microsoft.Insights: who asks a second time after its registration
// finds it done.
func (s *sub) provider(r *http.Request, parts []string) (any, error) {
	if !strings.EqualFold(parts[3], "Microsoft.Insights") || len(parts) == 5 && !strings.EqualFold(parts[4], "register") {
		return nil, refuse(http.StatusNotFound, "InvalidResourceNamespace", "the resource namespace %q is invalid", parts[3])
	}
	out := map[string]any{"id": "/subscriptions/" + s.ID + "/providers/Microsoft.Insights", "namespace": "Microsoft.Insights", "registrationState": s.registration}
	switch {
	case r.Method == http.MethodPost && s.registration == "NotRegistered":
		s.registration = "Registering"
		out["registrationState"] = s.registration
	case r.Method == http.MethodGet && s.registration == "Registering":
		s.registration = "Registered"
	}
	return out, nil
}
