package azuretest

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ServeHTTP answers a request to ARM or to the token endpoint.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isEntra(r.URL.Path) {
		c.entra(w, r)
		return
	}
	token := c.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	c.requests = append(c.requests, Request{r.Method, r.URL.Path, token})
	if !token {
		w.Header().Set("WWW-Authenticate", `Bearer authorization_uri="https://`+r.Host+`/common", error="invalid_token"`)
		answer(w, nil, refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "the access token is missing or invalid"))
		return
	}
	if e := c.fault(r.Method, r.URL.Path); e != nil {
		answer(w, nil, e)
		return
	}
	if r.URL.Query().Get("api-version") == "" {
		answer(w, nil, refuse(http.StatusBadRequest, "MissingApiVersionParameter", "the api-version query parameter is required"))
		return
	}
	value, err := c.route(r)
	answer(w, value, err)
}

// answer writes a value, or an error as ARM does.
func answer(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	var e *Error
	if errors.As(err, &e) {
		status = e.Status
		value = map[string]any{"error": map[string]any{"code": e.Code, "message": e.Message}}
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if value == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // who does not read the answer does not want it
}

// route finds what a path is about.
func (c *Cloud) route(r *http.Request) (any, error) {
	c.keep(r)
	path := strings.TrimRight(r.URL.Path, "/")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if !strings.EqualFold(parts[0], "subscriptions") {
		return nil, refuse(http.StatusNotFound, "NotFound", "there is no %s", path)
	}
	if len(parts) == 1 {
		return c.listSubscriptions(r)
	}
	s := c.subs[strings.ToLower(parts[1])]
	if s == nil {
		return nil, refuse(http.StatusNotFound, "SubscriptionNotFound", "the subscription %q could not be found", parts[1])
	}
	switch {
	case len(parts) == 2:
		return s.answer(), nil
	case len(parts) == 5 && strings.EqualFold(parts[2], "providers"):
		return c.list(r, s, parts[3]+"/"+parts[4])
	case len(parts) == 4 && strings.EqualFold(parts[2], "resourceGroups"):
		return s.resourceGroup(r, parts[3])
	case len(parts) == 8:
		return c.object(r, path)
	}
	return nil, refuse(http.StatusNotFound, "NotFound", "there is no %s", path)
}

func (s *sub) answer() map[string]any {
	return map[string]any{"id": "/subscriptions/" + s.ID, "subscriptionId": s.ID, "displayName": s.Name, "tenantId": s.Tenant, "state": s.State, "authorizationSource": "RoleBased"}
}

func (c *Cloud) listSubscriptions(r *http.Request) (any, error) {
	var ids []string
	for id := range c.subs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var all []any
	for _, id := range ids {
		all = append(all, c.subs[id].answer())
	}
	return c.page(r, all)
}

// list lists the objects of one kind in a subscription. Types are written in any case.
func (c *Cloud) list(r *http.Request, s *sub, kind string) (any, error) {
	i := slices.IndexFunc(kinds, func(k string) bool { return strings.EqualFold(k, kind) })
	switch {
	case i < 0:
		return nil, refuse(http.StatusNotFound, "InvalidResourceType", "the resource type %q is not known", kind)
	case s.unregistered:
		return nil, refuse(http.StatusConflict, "MissingSubscriptionRegistration", "the subscription is not registered to use namespace %q", kind[:strings.IndexByte(kind, '/')])
	}
	return c.page(r, c.listed(s, kinds[i]))
}

// page cuts a list and links to its next page.
func (c *Cloud) page(r *http.Request, all []any) (any, error) {
	query := r.URL.Query()
	from, _ := strconv.Atoi(query.Get("$skiptoken"))
	to := len(all)
	if c.PageSize > 0 {
		to = min(to, from+c.PageSize)
	}
	out := map[string]any{"value": append([]any{}, all[min(from, to):to]...)}
	if to < len(all) {
		host := r.Host
		if c.NextLinkHost != "" {
			host = c.NextLinkHost
		}
		query.Set("$skiptoken", strconv.Itoa(to))
		out["nextLink"] = "https://" + host + r.URL.Path + "?" + query.Encode()
	}
	return out, nil
}

func (s *sub) resourceGroup(r *http.Request, name string) (any, error) {
	key := strings.ToLower(name)
	switch r.Method {
	case http.MethodPut:
		s.groups[key] = true
	case http.MethodGet:
	default:
		return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "%s is not known here", r.Method)
	}
	if !s.groups[key] {
		return nil, refuse(http.StatusNotFound, "ResourceGroupNotFound", "resource group %q could not be found", name)
	}
	return map[string]any{"id": "/subscriptions/" + s.ID + "/resourceGroups/" + name, "name": name, "location": "westeurope"}, nil
}

// object answers for one object: PUT replaces it whole, PATCH takes enabled and tags.
func (c *Cloud) object(r *http.Request, id string) (any, error) {
	if _, _, err := c.place(id); err != nil {
		return nil, err
	}
	have := c.find(id)
	var body map[string]any
	if r.Method == http.MethodPut || r.Method == http.MethodPatch {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, refuse(http.StatusBadRequest, "InvalidRequestContent", "the request content is no JSON: %v", err)
		}
	}
	if have == nil && r.Method != http.MethodPut && r.Method != http.MethodDelete {
		return nil, refuse(http.StatusNotFound, "ResourceNotFound", "the resource %s was not found", id)
	}
	switch r.Method {
	case http.MethodGet:
		return have.value, nil
	case http.MethodPut:
		if _, err := c.put(id, body); err != nil {
			return nil, err
		}
		c.askForVerification(id)
		return c.find(id).value, nil
	case http.MethodPatch:
		patch(have, body)
		return have.value, nil
	case http.MethodDelete:
		s := c.subs[strings.ToLower(subscriptionOf(id))]
		if s.locked {
			return nil, refuse(http.StatusConflict, "ScopeLocked", "the scope of %s is locked", id)
		}
		s.objects = slices.DeleteFunc(s.objects, func(o *object) bool { return o == have })
		return nil, nil
	}
	return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "%s is not known here", r.Method)
}

// askForVerification gives new addresses of an action group the status that they have
// before their owner entered the code; clients cannot set a status.
func (c *Cloud) askForVerification(id string) {
	o := c.find(id)
	if o == nil || o.kind != ActionGroups {
		return
	}
	for _, key := range []string{"emailReceivers", "smsReceivers"} {
		for _, r := range objectsOf(o.properties()[key]) {
			r["status"] = "NotSpecified"
		}
	}
}

func patch(o *object, body map[string]any) {
	if tags, ok := body["tags"]; ok {
		o.value["tags"] = tags
	}
	properties, _ := body["properties"].(map[string]any)
	if enabled, ok := properties["enabled"].(bool); ok {
		o.properties()["enabled"] = enabled
	}
}
