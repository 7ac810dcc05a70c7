package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

// judgingDir holds one file for each judged situation; its README.md says how to write
// one.
const judgingDir = "../../../testdata/judging-azure"

// Ids of the situations.
const (
	ownID   = "11111111-2222-3333-4444-555555555555"
	otherID = "99999999-8888-7777-6666-555555555555"
	network = "Microsoft.Network/networkSecurityGroups"
)

// operations are the short names that situations use.
var operations = map[string]string{
	"@write": network + "/write", "@delete": network + "/delete",
	"@ruleWrite": network + "/securityRules/write", "@ruleDelete": network + "/securityRules/delete",
}

// operationNames are their keys, in the order of the control.
var operationNames = []string{"@write", "@delete", "@ruleWrite", "@ruleDelete"}

// A situation is what a file describes.
type situation struct {
	Case      string            `yaml:"case"`    // the situation in words
	Rows      map[string]string `yaml:"rows"`    // id of a row of the rules -> the side of its line: in, out
	Control   string            `yaml:"control"` // default nsg-changes
	Benchmark string            `yaml:"benchmark"`
	Strict    bool              `yaml:"strict"`
	State     string            `yaml:"state"` // of the subscription; default Enabled

	Rules      []ruleText         `yaml:"rules"` // absent: one that is good for all four operations
	Groups     []map[string]any   `yaml:"groups"`
	Processing []map[string]any   `yaml:"processing"`
	Unread     map[string]string  `yaml:"unread"`    // list -> error code
	Elsewhere  map[string]*string `yaml:"elsewhere"` // id of a group -> error code, "ok", or null for none there

	// Deliver is false where the account that behaves cannot show the situation, with
	// the reason.
	Deliver string `yaml:"deliver"`

	Want struct {
		Status   string   `yaml:"status"`
		Codes    []string `yaml:"codes"`
		Notes    []string `yaml:"notes"`
		Missed   []string `yaml:"missed"` // short names, or "all"
		Narrowed []string `yaml:"narrowed"`
		Why      string   `yaml:"why"`
		Columns  string   `yaml:"columns"` // "ok gap -"
		Literal  *bool    `yaml:"literal"`

		// Peers is what others say of the operations that they ask for, in the order of
		// the control, as in PPFF: pass, fail.
		Peers map[string]string `yaml:"peers"`
	} `yaml:"want"`
}

// A ruleText is an alert rule in short.
type ruleText struct {
	Name     string         `yaml:"name"`
	AllOf    []any          `yaml:"allOf"`  // "field = value", "field in a | b", a list of such for anyOf, or an object as it is
	Groups   *[]string      `yaml:"groups"` // names or ids; absent: ops
	Scopes   *[]string      `yaml:"scopes"`
	Location string         `yaml:"location"`
	Enabled  *bool          `yaml:"enabled"`
	Raw      map[string]any `yaml:"properties"` // over what the rest gives
}

func readSituation(t *testing.T, file string) situation {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := situation{Control: "nsg-changes", Benchmark: string(catalog.DefaultAzureBenchmark), State: "Enabled"}
	if err := yaml.UnmarshalWithOptions(data, &s, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if s.Case == "" || len(s.Rows) == 0 || s.Want.Status == "" {
		t.Fatalf("%s: a situation has a case, rows and a wanted status", file)
	}
	return s
}

// expand puts operations in the place of their short names, and the id of the
// subscription in that of @sub.
func expand(text string) string {
	for _, name := range []string{"@ruleWrite", "@ruleDelete", "@write", "@delete"} {
		text = strings.ReplaceAll(text, name, operations[name])
	}
	return strings.ReplaceAll(text, "@sub", "/subscriptions/"+ownID)
}

func objectID(kind, name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return "/subscriptions/" + ownID + "/resourceGroups/monitoring/providers/" + kind + "/" + name
}

// clause expands an entry of allOf.
func clause(entry any) any {
	switch e := entry.(type) {
	case string:
		e = expand(e)
		if field, value, ok := strings.Cut(e, " = "); ok {
			return map[string]any{"field": field, "equals": value, "containsAny": nil}
		}
		field, values, _ := strings.Cut(e, " in ")
		return map[string]any{"field": field, "containsAny": strings.Split(values, " | ")}
	case []any:
		var list []any
		for _, l := range e {
			list = append(list, clause(l))
		}
		return map[string]any{"anyOf": list}
	}
	return entry
}

// object is the raw answer for an object.
func object(t *testing.T, kind, name, location string, properties map[string]any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"id": objectID(kind, name), "name": name, "type": kind, "location": location, "tags": map[string]string{}, "kind": nil, "properties": properties})
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(expand(string(raw)))
}

const (
	ruleKind       = "Microsoft.Insights/activityLogAlerts"
	groupKind      = "Microsoft.Insights/actionGroups"
	processingKind = "Microsoft.AlertsManagement/actionRules"
)

func (r ruleText) raw(t *testing.T) json.RawMessage {
	t.Helper()
	var clauses []any
	for _, e := range r.AllOf {
		clauses = append(clauses, clause(e))
	}
	groups, scopes, location := []string{"ops"}, []string{"@sub"}, "global"
	if r.Groups != nil {
		groups = *r.Groups
	}
	if r.Scopes != nil {
		scopes = *r.Scopes
	}
	if r.Location != "" {
		location = r.Location
	}
	var actions []any
	for _, g := range groups {
		actions = append(actions, map[string]any{"actionGroupId": objectID(groupKind, g)})
	}
	properties := map[string]any{
		"enabled": r.Enabled == nil || *r.Enabled, "description": "alerts on " + r.Name, "scopes": scopes,
		"condition": map[string]any{"allOf": clauses}, "actions": map[string]any{"actionGroups": actions},
	}
	for key, value := range r.Raw {
		properties[key] = value
	}
	return object(t, ruleKind, r.Name, location, properties)
}

// defaultRule is good for the four operations.
var defaultRule = ruleText{Name: "all", AllOf: []any{"category = Administrative", "operationName in @write | @delete | @ruleWrite | @ruleDelete"}}

// defaultGroup notifies someone.
var defaultGroup = map[string]any{"name": "ops", "groupShortName": "ops", "enabled": true, "emailReceivers": []any{map[string]any{"name": "security", "emailAddress": "security@example.com", "useCommonAlertSchema": true, "status": "Enabled"}}}

// objects expands lists of properties with a name, and perhaps a location.
func objects(t *testing.T, kind string, list []map[string]any) []json.RawMessage {
	t.Helper()
	out := []json.RawMessage{}
	for _, o := range list {
		properties := map[string]any{}
		name, location := "", "Global"
		for key, value := range o {
			switch key {
			case "name":
				name, _ = value.(string)
			case "location":
				location, _ = value.(string)
			default:
				properties[key] = value
			}
		}
		out = append(out, object(t, kind, name, location, properties))
	}
	return out
}

// snapshot builds what was read.
func (s *situation) snapshot(t *testing.T) subscription.Snapshot {
	t.Helper()
	rules, groups := s.Rules, s.Groups
	if rules == nil {
		rules = []ruleText{defaultRule}
	}
	if groups == nil {
		groups = []map[string]any{defaultGroup}
	}
	raw := []json.RawMessage{}
	for _, r := range rules {
		raw = append(raw, r.raw(t))
	}
	list := func(name string, value []json.RawMessage) *subscription.Read[[]json.RawMessage] {
		if code, ok := s.Unread[name]; ok {
			if code == "" {
				return nil
			}
			return &subscription.Read[[]json.RawMessage]{Failure: &subscription.Failure{Operation: "Microsoft.Insights/" + name + "/read", Code: code}}
		}
		return &subscription.Read[[]json.RawMessage]{Value: value}
	}
	sub := subscription.Subscription{
		ID: ownID, Name: "acme-prod", Tenant: otherID, State: s.State,
		AlertRules:      list("activityLogAlerts", raw),
		ActionGroups:    list("actionGroups", objects(t, groupKind, groups)),
		ProcessingRules: list("actionRules", objects(t, processingKind, s.Processing)),
	}
	for id, code := range s.Elsewhere {
		read := &subscription.Read[json.RawMessage]{}
		switch {
		case code == nil:
		case *code == "ok":
			o := map[string]any{}
			for k, v := range defaultGroup {
				o[k] = v
			}
			o["name"] = id
			read.Value = objects(t, groupKind, []map[string]any{o})[0]
		default:
			read.Failure = &subscription.Failure{Operation: "Microsoft.Insights/actionGroups/read", Code: *code}
		}
		if sub.Elsewhere == nil {
			sub.Elsewhere = map[string]*subscription.Read[json.RawMessage]{}
		}
		sub.Elsewhere[subscription.Fold(id)] = read
	}
	return subscription.Snapshot{Schema: subscription.SchemaV1, TakenAt: judgedAt, Subscriptions: []subscription.Subscription{sub}}
}

// judgedAt is the time of every situation.
var judgedAt = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func loadCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	cat, err := catalog.Load(azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// judge judges the situation.
func (s *situation) judge(t *testing.T, cat *catalog.Catalog) finding.Finding {
	t.Helper()
	b, err := catalog.ParseBenchmark(s.Benchmark)
	if err != nil {
		t.Fatal(err)
	}
	control, err := cat.Find(s.Control, b)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.Run(context.Background(), s.snapshot(t), []catalog.Control{control}, audit.Options{Benchmark: b, Now: judgedAt, Strict: s.Strict})
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings[0]
}

func situationFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(judgingDir, "*.yaml"))
	if err != nil || len(files) < 90 {
		t.Fatalf("%d situations in %s, want at least 90 (%v)", len(files), judgingDir, err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return filepath.Base(f) == "rows.yaml" })
}

func TestJudging(t *testing.T) {
	cat := loadCatalog(t)
	for _, file := range situationFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) { checkSituation(t, cat, file) })
	}
}

func checkSituation(t *testing.T, cat *catalog.Catalog, file string) {
	s := readSituation(t, file)
	f := s.judge(t, cat)
	var codes, notes, missed, narrowed, columns []string
	for _, r := range f.Reasons {
		switch {
		case r.Status == finding.Pass:
			notes = append(notes, string(r.Code))
		case !slices.Contains(codes, string(r.Code)):
			codes = append(codes, string(r.Code))
		}
	}
	for _, m := range f.Missed {
		missed = append(missed, m.Event)
	}
	for _, n := range f.Narrowed {
		narrowed = append(narrowed, n.Text)
	}
	for _, c := range f.Columns {
		state := string(c.State)
		if state == "" {
			state = "-"
		}
		columns = append(columns, state)
	}
	check := func(what string, got, want any) {
		t.Helper()
		if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
			t.Errorf("%s (%s)\n%s: got %s, want %s\nreasons: %+v", filepath.Base(file), s.Case, what, g, w, f.Reasons)
		}
	}
	check("status", f.Status, s.Want.Status)
	check("codes", codes, s.Want.Codes)
	check("notes", slices.Compact(notes), s.Want.Notes)
	check("missed", missed, wantMissed(s.Want.Missed))
	check("narrowed", narrowed, s.Want.Narrowed)
	if s.Want.Columns != "" {
		check("columns", strings.Join(columns, " "), s.Want.Columns)
	}
	if s.Want.Literal != nil {
		check("literal", f.Literal, *s.Want.Literal)
	}
	for name, want := range s.Want.Peers {
		check("what "+name+" says", opinion(t, &f, name, s.Control), want)
	}
	if !strings.Contains(f.Why(), expand(s.Want.Why)) {
		t.Errorf("%s: why: got %q, want %q in it", filepath.Base(file), f.Why(), s.Want.Why)
	}
	if f.Status != finding.Pass && f.Status != finding.NotApplicable && (f.Why() == "" || f.Remediation == "") {
		t.Errorf("%s: %s without a reason or a remediation", filepath.Base(file), f.Status)
	}
}

func wantMissed(names []string) []string {
	if len(names) == 1 && names[0] == "all" {
		names = operationNames
	}
	var out []string
	for _, name := range names {
		out = append(out, expand(name))
	}
	slices.Sort(out)
	return out
}

// TestRows sees that every row of the rules has a situation on each side of its line.
func TestRows(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(judgingDir, "rows.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		ID   string `yaml:"id"`
		Text string `yaml:"text"`
	}
	if err := yaml.UnmarshalWithOptions(data, &rows, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	sides := map[string]int{}
	for _, file := range situationFiles(t) {
		for id, side := range readSituation(t, file).Rows {
			sides[id+" "+side]++
		}
	}
	for _, r := range rows {
		for _, side := range []string{"in", "out"} {
			if sides[r.ID+" "+side] == 0 {
				t.Errorf("row %s (%s) has no situation %s", r.ID, r.Text, side)
			}
			delete(sides, r.ID+" "+side)
		}
	}
	for key := range sides {
		t.Errorf("there is no row and side %q", key)
	}
}
