package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/spelling"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

func (r reader) file(n ast.Node, f *File) {
	m := r.Mapping(n, "the configuration", "benchmark", "set", "controls", "regions", "names", "tags", "notify", "heartbeat", "satisfy", "satisfyNoise", "azure", "subscribers", "waivers", "accept", "unreadable", "central", "scopes")
	r.scope(m, f)
	if m.Has("names") {
		r.names(m.Values["names"], f)
	}
	if m.Has("tags") {
		f.Tags = r.tags(m.Values["tags"])
	}
	if m.Has("notify") {
		r.notify(m.Values["notify"], f)
	}
	if m.Has("heartbeat") {
		f.Heartbeat = r.heartbeat(m.Values["heartbeat"])
	}
	r.satisfy(m, f)
	if m.Has("azure") {
		f.Azure = r.azure(m.Values["azure"])
	}
	for _, item := range m.List("waivers") {
		if w := r.waiver(item); r.OK() {
			f.Waivers = append(f.Waivers, w)
		}
	}
	for _, item := range m.List("accept") {
		if a := r.accept(item); r.OK() {
			f.Accepts = append(f.Accepts, a)
		}
	}
	r.unreadable(m, f)
	for _, item := range m.List("subscribers") {
		if d := r.declared(item); r.OK() {
			f.Declared = append(f.Declared, d)
		}
	}
	for _, path := range r.texts(m, "central") {
		f.Central = append(f.Central, f.resolve(path))
	}
	for _, item := range m.List("scopes") {
		f.Scopes = append(f.Scopes, r.part(item))
	}
}

// satisfy reads which other auditors count.
func (r reader) satisfy(m yamlfile.Mapping, f *File) {
	var known []string
	for _, p := range catalog.AllPeers() {
		known = append(known, string(p))
	}
	for _, item := range m.List("satisfy") {
		f.Satisfy = append(f.Satisfy, r.OneOf(item, "satisfy", known))
	}
	f.SatisfyNoise = m.Flag("satisfyNoise") == "true"
}

// scope reads what is judged.
func (r reader) scope(m yamlfile.Mapping, f *File) {
	if m.Has("benchmark") {
		text := m.Text("benchmark")
		b, err := catalog.ParseBenchmark(text)
		if err != nil {
			r.unknown(m.Values["benchmark"], "benchmark", text, benchmarks())
		}
		f.Benchmark = b
	}
	if m.Has("set") {
		f.Set = m.Word("set", catalog.Sets()...)
	}
	if m.Has("set") && m.Has("controls") {
		r.Fail(m.PlaceOfKey("controls"), "leave one of them out", "set and controls cannot be combined")
	}
	for _, item := range m.List("controls") {
		f.Controls = append(f.Controls, r.control(item, "controls"))
	}
	f.Regions = r.regions(m)
}

func (r reader) regions(m yamlfile.Mapping) []string {
	var out []string
	for _, item := range m.List("regions") {
		region := r.Line(item, "regions")
		if r.OK() && !regionForm.MatchString(region) {
			r.Fail(yamlfile.PlaceOf(item), "a region looks like eu-central-1", "%q is not a region name", region)
		}
		out = append(out, region)
	}
	return out
}

var regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)

func benchmarks() []string {
	var out []string
	for _, b := range catalog.Benchmarks() {
		out = append(out, string(b))
	}
	return out
}

func (r reader) unknown(n ast.Node, kind, name string, known []string) {
	if r.OK() {
		err := spelling.Unknown(kind, name, known)
		r.Fail(yamlfile.PlaceOf(n), err.Hint(), "%v", err)
	}
}

// control reads the id of a control.
func (r reader) control(n ast.Node, key string) string {
	id := r.Line(n, key)
	known := r.ids()
	if !slices.Contains(known, id) {
		r.unknown(n, "control", id, known)
	}
	return id
}

func (r reader) ids() []string {
	var out []string
	for _, c := range r.cat.Controls {
		out = append(out, c.ID)
	}
	return out
}

// texts reads a list of texts, or a single one.
func (r reader) texts(m yamlfile.Mapping, key string) []string {
	if !m.Has(key) {
		return nil
	}
	if _, many := m.Values[key].(*ast.SequenceNode); !many {
		return []string{m.Text(key)}
	}
	var out []string
	for _, item := range m.List(key) {
		out = append(out, r.Line(item, key))
	}
	return out
}

func (r reader) tags(n ast.Node) map[string]string {
	tags := map[string]string{}
	for _, entry := range r.Entries(n, "tags") {
		key := entry.Key.GetToken().Value
		if _, twice := tags[key]; twice {
			r.Fail(yamlfile.PlaceOf(entry.Key), "", "tag %q is given twice", key)
		}
		tags[key] = r.Line(entry.Value, "tag "+key)
		if err := plan.CheckNames(plan.Options{Tags: map[string]string{key: tags[key]}}); err != nil {
			r.Fail(yamlfile.PlaceOf(entry.Key), "", "%v", err)
		}
	}
	return tags
}

// azure reads what plans for Azure need.
func (r reader) azure(n ast.Node) Azure {
	m := r.Mapping(n, "azure", "resourceGroup", "actionGroup", "subscribe")
	out := Azure{ResourceGroup: m.Optional("resourceGroup"), ActionGroup: m.Optional("actionGroup")}
	for _, item := range m.List("subscribe") {
		text := r.Line(item, "subscribe")
		if _, err := azureplan.ParseReceiver(text); r.OK() && err != nil {
			r.Fail(yamlfile.PlaceOf(item), "", "%v", err)
		}
		out.Subscribe = append(out.Subscribe, text)
	}
	if err := azureplan.Check(azureplan.Options{ResourceGroup: out.ResourceGroup, ActionGroup: out.ActionGroup}); r.OK() && err != nil {
		r.Fail(yamlfile.PlaceOf(n), "", "%v", err)
	}
	return out
}

var accountForm = regexp.MustCompile(`^([0-9]{12}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)

// waiver reads a waiver. One without a reason or an end is an error.
func (r reader) waiver(n ast.Node) finding.Waiver {
	m := r.Mapping(n, "a waiver", "control", "account", "ou", "tag", "reason", "owner", "expires")
	w := finding.Waiver{Reason: m.Text("reason"), Owner: m.Optional("owner")}
	w.Control, w.Account = r.about(m)
	w.Unit, w.Tag = r.place(m, "write a waiver for each")
	w.Expires = r.expires(m)
	return w
}

// place reads the unit or the tag that an entry is for instead of an account.
func (r reader) place(m yamlfile.Mapping, hint string) (unit, tag string) {
	unit, tag = r.unit(m), m.Optional("tag")
	if key, _, _ := strings.Cut(tag, "="); r.OK() && tag != "" && key == "" {
		r.Fail(m.PlaceOfKey("tag"), "", "%q is not KEY or KEY=VALUE", tag)
	}
	for _, pair := range [][2]string{{"account", "ou"}, {"account", "tag"}, {"ou", "tag"}} {
		if r.OK() && m.Has(pair[0]) && m.Has(pair[1]) {
			r.Fail(m.PlaceOfKey(pair[1]), hint, "%s and %s cannot be combined", pair[0], pair[1])
		}
	}
	return unit, tag
}

// accept reads what sets a single cause aside: its code must be one that says that
// someone is still alerted.
func (r reader) accept(n ast.Node) finding.Accept {
	m := r.Mapping(n, "an accept entry", "control", "account", "ou", "tag", "code", "where", "resource", "reason", "owner", "expires")
	a := finding.Accept{Code: finding.Code(m.Text("code")), Where: m.Optional("where"), Resource: m.Optional("resource"), Reason: m.Text("reason"), Owner: m.Optional("owner")}
	a.Control, a.Account = r.about(m)
	a.Unit, a.Tag = r.place(m, "write an entry for each")
	if r.OK() {
		r.acceptable(m.Values["code"], a.Code)
	}
	a.Expires = r.expires(m)
	return a
}

// acceptable fails for a code that no accept entry may name.
func (r reader) acceptable(at ast.Node, code finding.Code) {
	var known, allowed []string
	for _, info := range finding.AllCodes() {
		known = append(known, string(info.Code))
		if info.Accept != finding.AcceptNever {
			allowed = append(allowed, string(info.Code))
		}
	}
	switch {
	case !slices.Contains(known, string(code)):
		r.unknown(at, "reason code", string(code), allowed)
	case !slices.Contains(allowed, string(code)):
		r.Fail(yamlfile.PlaceOf(at), "waive the control, or repair it", "%s cannot be accepted: it does not say that someone is still alerted", code)
	}
}

// about reads the control and the account that an entry is about.
func (r reader) about(m yamlfile.Mapping) (control, id string) {
	if n := m.Node("control"); n != nil {
		control = r.control(n, "control")
	}
	id = m.Optional("account")
	if id != "" && !accountForm.MatchString(id) {
		r.Fail(m.PlaceOfKey("account"), "", "%q is not a 12-digit account id, or the GUID of a subscription", id)
	}
	return control, id
}

// declared reads whom a machine reaches.
func (r reader) declared(n ast.Node) finding.Declared {
	m := r.Mapping(n, "a declared subscriber", "endpoint", "reaches", "reason", "owner", "checked", "expires")
	d := finding.Declared{Endpoint: m.Text("endpoint"), Reaches: m.Text("reaches"), Reason: m.Text("reason"), Owner: m.Optional("owner")}
	if _, ok := account.ParseARN(d.Endpoint); r.OK() && !ok {
		r.Fail(m.PlaceOfKey("endpoint"), "as in arn:aws:lambda:eu-central-1:111122223333:function:to-slack", "%q is not the ARN of a machine", d.Endpoint)
	}
	if m.Has("checked") {
		d.Checked = r.day(m, "checked", "write the day on which someone tried it as 2026-12-31")
	}
	d.Expires = r.expires(m)
	return d
}

// expires reads the last day on which an entry holds.
func (r reader) expires(m yamlfile.Mapping) time.Time {
	return r.day(m, "expires", "write the last day on which it holds as 2026-12-31")
}

func (r reader) day(m yamlfile.Mapping, key, hint string) time.Time {
	text := m.Text(key)
	if !r.OK() {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		r.Fail(m.PlaceOfKey(key), hint, "%q is not a day", text)
	}
	return day
}
