package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/channel"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// Wishes are the options of a plan as a saved plan holds them: docs/output.md,
// docs/schema/saved-plan-v1.schema.json.
type Wishes struct {
	Benchmark   string            `json:"benchmark"`
	Controls    []string          `json:"controls"`          // ids
	Region      string            `json:"region"`            // home region of the trail
	Regions     []string          `json:"regions,omitempty"` // that were probed; none: all
	TopicARN    string            `json:"topicArn"`
	TopicName   string            `json:"topicName"`
	Subscribers []Wished          `json:"subscribers"`
	Complete    bool              `json:"complete"`
	NamePrefix  string            `json:"namePrefix"`
	Tags        map[string]string `json:"tags"`

	Routes []WishedRoute `json:"routes,omitempty"`

	HeartbeatHours int            `json:"heartbeatHours,omitempty"` // 0: no heartbeat
	Satisfy        []catalog.Peer `json:"satisfy,omitempty"`
	Noise          bool           `json:"satisfyNoise,omitempty"`

	Replace           []string `json:"replace"` // names
	ExtendTopicPolicy bool     `json:"extendTopicPolicy"`
	KMSKey            string   `json:"kmsKey"` // ARN

	Transport string `json:"transport,omitempty"` // "" leaves it open
	PerRegion bool   `json:"perRegion,omitempty"`
	EventRole string `json:"eventsRoleArn,omitempty"`
	Central   string `json:"centralBus,omitempty"` // ARN

	CreateTrail *WishedTrail `json:"createTrail,omitempty"`
}

// A WishedTrail is the trail asked for; what is "" has its default name.
type WishedTrail struct {
	HomeRegion   string `json:"homeRegion"`
	Trail        string `json:"trail"`
	Bucket       string `json:"bucket"`
	LogGroup     string `json:"logGroup"`
	Role         string `json:"role"`
	Retention    int32  `json:"retention"` // in days; 0 is the default
	Key          string `json:"key"`       // ARN
	Organization bool   `json:"organization"`
}

func wishedTrail(b *Bootstrap) *WishedTrail {
	if b == nil {
		return nil
	}
	return &WishedTrail{b.Home, b.Name, b.Bucket, b.LogGroup, b.Role, b.Retention, b.KeyARN, b.Organization}
}

func (w *WishedTrail) bootstrap() *Bootstrap {
	if w == nil {
		return nil
	}
	return &Bootstrap{
		Home: w.HomeRegion, Organization: w.Organization,
		Trail: desired.Trail{Name: w.Trail, Bucket: w.Bucket, LogGroup: w.LogGroup, Role: w.Role, Retention: w.Retention, KeyARN: w.Key},
	}
}

// A Wished is one of the subscribers asked for. An endpoint that was written out is kept
// whole, because apply needs it: the file is as secret as a webhook's URL. Of one that
// env:NAME or file:PATH refers to the reference is kept, and apply reads it again.
type Wished struct {
	Protocol string `json:"protocol"`
	Endpoint string `json:"endpoint"`
}

func (s Subscriber) wished() Wished { return Wished{s.Protocol, cmp.Or(s.Reference, s.Endpoint)} }

func (w Wished) subscriber() Subscriber {
	if c := (channel.Channel{Form: channel.Form(w.Protocol), Address: w.Endpoint}); c.IsReference() {
		return Subscriber{Protocol: w.Protocol, Reference: w.Endpoint}
	}
	return Subscriber{Protocol: w.Protocol, Endpoint: w.Endpoint}
}

// Resolve reads the secrets that subscribers of the wishes refer to.
func (o *Options) Resolve(read func(text string) (Subscriber, error)) error {
	lists := []*[]Subscriber{&o.Subscribers}
	o.Routes = slices.Clone(o.Routes)
	for i := range o.Routes {
		lists = append(lists, &o.Routes[i].Subscribers)
	}
	for _, list := range lists {
		*list = slices.Clone(*list)
		for i, s := range *list {
			if s.Reference == "" {
				continue
			}
			whole, err := read(s.flag())
			if err != nil {
				return err
			}
			(*list)[i] = whole
		}
	}
	return nil
}

// A WishedRoute says who is notified of some controls.
type WishedRoute struct {
	Controls    []string `json:"controls,omitempty"`
	Severities  []string `json:"severities,omitempty"`
	TopicARN    string   `json:"topicArn"`
	TopicName   string   `json:"topicName"`
	Subscribers []Wished `json:"subscribers"`
}

func routesOf(list []Route) []WishedRoute {
	var out []WishedRoute
	for _, r := range list {
		w := WishedRoute{Controls: r.Controls, TopicARN: r.TopicARN, TopicName: r.TopicName, Subscribers: []Wished{}}
		for _, s := range r.Severities {
			w.Severities = append(w.Severities, s.String())
		}
		for _, s := range r.Subscribers {
			w.Subscribers = append(w.Subscribers, s.wished())
		}
		out = append(out, w)
	}
	return out
}

// route returns the route; a severity that this version does not know is no severity.
func (w WishedRoute) route() Route {
	r := Route{Controls: w.Controls, TopicARN: w.TopicARN, TopicName: w.TopicName}
	for _, name := range w.Severities {
		s, _ := catalog.ParseSeverity(name)
		r.Severities = append(r.Severities, s)
	}
	for _, s := range w.Subscribers {
		r.Subscribers = append(r.Subscribers, s.subscriber())
	}
	return r
}

// WishesOf returns the options of a plan for some controls.
func WishesOf(o Options, controls []string) Wishes {
	w := Wishes{
		Benchmark: string(o.Audit.Benchmark), Controls: controls, Region: o.Region, Regions: o.Scope, TopicARN: o.TopicARN, TopicName: o.TopicName,
		Subscribers: []Wished{}, Complete: o.Complete, NamePrefix: o.NamePrefix, Tags: o.Tags,
		Replace: append([]string{}, o.Replace...), ExtendTopicPolicy: o.ExtendTopicPolicy, KMSKey: o.KeyARN,
		Transport: o.Transport, PerRegion: o.PerRegion, EventRole: o.RoleARN, Central: o.CentralBus, HeartbeatHours: o.HeartbeatHours, CreateTrail: wishedTrail(o.Bootstrap),
		Satisfy: o.Satisfy.Peers, Noise: o.Satisfy.Noise,
	}
	for _, s := range o.Subscribers {
		w.Subscribers = append(w.Subscribers, s.wished())
	}
	w.Routes = routesOf(o.Routes)
	return w
}

// Options returns the wishes as options of a plan; those of its audit are left
// to the caller, but for the benchmark.
func (w Wishes) Options() Options {
	o := Options{
		Region: w.Region, Scope: w.Regions, TopicARN: w.TopicARN, TopicName: w.TopicName, Complete: w.Complete, NamePrefix: w.NamePrefix, Tags: w.Tags,
		ExtendTopicPolicy: w.ExtendTopicPolicy, KeyARN: w.KMSKey, Transport: w.Transport, PerRegion: w.PerRegion, RoleARN: w.EventRole, CentralBus: w.Central, Bootstrap: w.CreateTrail.bootstrap(),
		HeartbeatHours: w.HeartbeatHours,
		Satisfy:        desired.Satisfy{Peers: w.Satisfy, Noise: w.Noise},
	}
	if len(w.Replace) > 0 {
		o.Replace = w.Replace
	}
	o.Audit.Benchmark = catalog.Benchmark(w.Benchmark)
	for _, s := range w.Subscribers {
		o.Subscribers = append(o.Subscribers, s.subscriber())
	}
	for _, r := range w.Routes {
		o.Routes = append(o.Routes, r.route())
	}
	return o
}

// Save returns the file of a plan for one account that has no conflicts.
func Save(snap account.Snapshot, p change.Plan, o Options, by planfile.MadeBy, now time.Time) (planfile.File[Wishes], error) {
	if len(snap.Accounts) != 1 {
		return planfile.File[Wishes]{}, fmt.Errorf("saving the plan: it is for %d accounts, but a saved plan is for one", len(snap.Accounts))
	}
	actions, err := action.Of(p.Actions)
	if err != nil {
		return planfile.File[Wishes]{}, fmt.Errorf("saving the plan: %w", err)
	}
	a := planfile.Account{ID: snap.Accounts[0].ID, Partition: snap.Accounts[0].Partition}
	return planfile.New(a, WishesOf(o, p.Before.Controls), action.Basis(snap, p.Chosen, actions), p.Actions, by, now), nil
}

// Check holds the wishes to the rules that flags are held to.
func (w Wishes) Check() error {
	if _, err := catalog.ParseBenchmark(w.Benchmark); err != nil {
		return err
	}
	if len(w.Controls) == 0 {
		return errors.New("it names no control")
	}
	for _, p := range w.Satisfy {
		if !slices.Contains(catalog.AllPeers(), p) {
			return fmt.Errorf("--satisfy does not know %q", p)
		}
	}
	o := w.Options()
	for _, wishes := range o.Everywhere() {
		for _, s := range wishes.Subscribers {
			if have, err := ParseSubscriber(s.flag()); err != nil || have != s {
				return fmt.Errorf("--subscribe does not support subscribers of protocol %q", s.Protocol)
			}
		}
		if err := CheckNames(wishes); err != nil {
			return err
		}
	}
	return nil
}

// flag returns a subscriber as --subscribe takes it.
func (s Subscriber) flag() string {
	if s.Protocol == "http" || s.Protocol == "https" {
		return s.Endpoint
	}
	return s.Protocol + ":" + cmp.Or(s.Reference, s.Endpoint)
}
