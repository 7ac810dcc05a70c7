package azuretest

import (
	"encoding/json"
	"errors"
	"io"
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
	tenant, token := c.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	c.requests = append(c.requests, Request{r.Method, r.URL.Path, token})
	if !token {
		w.Header().Set("WWW-Authenticate", `Bearer authorization_uri="https://`+r.Host+`/common", error="invalid_token"`)
		answer(w, nil, refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "the access token is missing or invalid"))
		return
	}
	f := c.fault(r.Method, r.URL.Path)
	if f == nil {
		value, err := c.serve(r, tenant)
		answer(w, value, err)
		return
	}
	if f.Applied {
		_, _ = c.serve(r, tenant) // its answer does not arrive
	}
	if f.Do != nil {
		f.Do()
	}
	if f.Answer.Code != "" {
		answer(w, nil, &f.Answer)
		return
	}
	c.mu.Unlock()
	_, _ = io.Copy(io.Discard, r.Body) // who does not read it is not told that the client is gone
	<-r.Context().Done()
	c.mu.Lock()
}

// serve answers a request of a tenant's credential.
func (c *Cloud) serve(r *http.Request, tenant string) (any, error) {
	if r.URL.Query().Get("api-version") == "" {
		return nil, refuse(http.StatusBadRequest, "MissingApiVersionParameter", "the api-version query parameter is required")
	}
	return c.route(r, tenant)
}

// A reply is an answer with another status than 200, and headers.
type reply struct {
	status int
	header map[string]string
	value  any
}

// answer writes a value, or an error as ARM does.
func answer(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	r, replied := value.(reply)
	if replied {
		for k, v := range r.header {
			w.Header().Set(k, v)
		}
		status, value = r.status, r.value
	}
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
		if !replied {
			status = http.StatusNoContent
		}
		w.WriteHeader(status)
		return
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // who does not read the answer does not want it
}

// route finds what a path is about.
func (c *Cloud) route(r *http.Request, tenant string) (any, error) {
	c.keep(r)
	path := strings.TrimRight(r.URL.Path, "/")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if !strings.EqualFold(parts[0], "subscriptions") {
		return nil, refuse(http.StatusNotFound, "NotFound", "there is no %s", path)
	}
	if len(parts) == 1 {
		return c.listSubscriptions(r, tenant)
	}
	s := c.subs[strings.ToLower(parts[1])]
	if s == nil {
		return nil, refuse(http.StatusNotFound, "SubscriptionNotFound", "the subscription %q could not be found", parts[1])
	}
	if !strings.EqualFold(s.Tenant, tenant) {
		return nil, refuse(http.StatusUnauthorized, "InvalidAuthenticationTokenTenant", "the access token is from the wrong issuer: it must match the tenant %s of the subscription", s.Tenant)
	}
	providers := len(parts) > 3 && strings.EqualFold(parts[2], "providers")
	switch {
	case len(parts) == 2:
		return s.answer(), nil
	case providers && len(parts) == 5 && strings.EqualFold(parts[4], "locks"):
		return c.listLocks(r, s)
	case providers && (len(parts) == 4 || len(parts) == 5 && r.Method == http.MethodPost):
		return s.provider(r, parts)
	case len(parts) == 5 && strings.EqualFold(parts[4], "resources"):
		return c.listResources(r, s, parts[3])
	case len(parts) == 5 && strings.EqualFold(parts[2], "providers"):
		return c.list(r, s, parts[3]+"/"+parts[4])
	case len(parts) == 4 && strings.EqualFold(parts[2], "resourceGroups"):
		return s.resourceGroup(r, parts[3])
	case len(parts) == 8:
		return c.object(r, path)
	case len(parts) == 9 && strings.EqualFold(parts[8], "createNotifications") && r.Method == http.MethodPost:
		return c.testNotification(r, path)
	case len(parts) == 11 && strings.EqualFold(parts[10], "listCallbackUrl") && r.Method == http.MethodPost:
		return s.callback(path)
	case len(parts) == 10 && strings.EqualFold(parts[8], "notificationStatus"):
		return c.testStatus(parts[9])
	}
	return nil, refuse(http.StatusNotFound, "NotFound", "there is no %s", path)
}

func (s *sub) answer() map[string]any {
	return map[string]any{"id": "/subscriptions/" + s.ID, "subscriptionId": s.ID, "displayName": s.Name, "tenantId": s.Tenant, "state": s.State, "authorizationSource": "RoleBased"}
}

func (c *Cloud) listSubscriptions(r *http.Request, tenant string) (any, error) {
	var ids []string
	for id, s := range c.subs {
		if strings.EqualFold(s.Tenant, tenant) {
			ids = append(ids, id)
		}
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
	case s.registration != "Registered":
		return nil, s.missingRegistration()
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
		return c.shown(have)
	case http.MethodPut:
		created, err := c.put(id, body)
		if err != nil {
			return nil, err
		}
		if o := c.find(id); o.kind == SecurityGroups {
			return reply{status: http.StatusCreated, value: c.changed(o, "write", "Updating")}, nil
		}
		c.askForVerification(id)
		if created {
			return reply{status: http.StatusCreated, value: c.find(id).value}, nil
		}
		return c.find(id).value, nil
	case http.MethodPatch:
		if err := c.writable(id, false); err != nil {
			return nil, err
		}
		patch(have, body)
		return have.value, nil
	case http.MethodDelete:
		if err := c.writable(id, true); err != nil || have == nil {
			return nil, err
		}
		if have.kind == SecurityGroups {
			c.changed(have, "delete", "Deleting")
			return reply{status: http.StatusAccepted}, nil
		}
		s := c.subs[strings.ToLower(subscriptionOf(id))]
		s.objects = slices.DeleteFunc(s.objects, func(o *object) bool { return o == have })
		return reply{status: http.StatusOK}, nil
	}
	return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "%s is not known here", r.Method)
}

// writable refuses writes to a disabled subscription and to what is locked.
func (c *Cloud) writable(id string, removal bool) error {
	s := c.subs[strings.ToLower(subscriptionOf(id))]
	if s.State == "Disabled" || s.State == "Deleted" {
		return refuse(http.StatusConflict, "ReadOnlyDisabledSubscription", "the subscription %s is disabled", s.ID)
	}
	if e := s.locked(id, removal); e != nil {
		return e
	}
	return nil
}

// askForVerification completes what a client wrote: receivers have the status that their
// owner gave them, whatever the client says, and an answer has every key.
func (c *Cloud) askForVerification(id string) {
	o := c.find(id)
	if o.kind == AlertRules {
		completeCondition(o.properties())
	}
	if o.kind != ActionGroups {
		return
	}
	for _, kind := range []string{"email", "sms"} {
		for _, r := range objectsOf(o.properties()[kind+"Receivers"]) {
			status := c.statuses[c.statusKey(o, kind, r)]
			if status == "" {
				status = "NotSpecified"
			}
			r["status"] = status
		}
	}
	for _, key := range receiverKinds {
		if o.properties()[key] == nil {
			o.properties()[key] = []any{}
		}
	}
}

// completeCondition adds the keys that a leaf leaves out, as nulls.
func completeCondition(properties map[string]any) {
	condition, _ := properties["condition"].(map[string]any)
	for _, clause := range objectsOf(condition["allOf"]) {
		for _, leaf := range append(objectsOf(clause["anyOf"]), clause) {
			for _, key := range []string{"equals", "containsAny", "odata.type"} {
				if _, ok := leaf[key]; !ok && leaf["field"] != nil {
					leaf[key] = nil
				}
			}
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
