package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// realDrillAt runs drill --real in the demo's subscription, with what someone types at the
// terminal.
func realDrillAt(t *testing.T, typed string, more func(*drillFlags)) (*azuretest.Cloud, ran) {
	t.Helper()
	cloud := azuretest.New(demoStart)
	cloud.AddSubscription(demoSubscription, demoSubscriptionName, demoTenant, "Enabled")
	for _, object := range demoObjects() {
		raw, err := json.Marshal(object)
		if err == nil {
			err = cloud.Put(raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	e := newEnv(console.New(context.Background(), strings.NewReader(typed), &out, &errs, nil))
	e.run.Now = func() time.Time { return demoStart }
	e.run.Pause = func(context.Context, time.Duration) error { return nil }
	e.run.EmbeddedAzure = &run.EmbeddedAzure{Transport: cloud, Token: cloud.Token(demoTenant)}
	f := drillFlags{resourceGroup: demoResourceGroup}
	f.out.quiet = true
	more(&f)
	q := run.Request{Source: run.Source{Subscriptions: []string{demoSubscriptionName}}, Quiet: true}
	var err error
	if q.Selection, err = (run.Scope{Catalogs: run.NewCatalogs(""), Set: catalog.SetAll}).Select(catalog.Azure); err != nil {
		t.Fatal(err)
	}
	format := "text"
	if len(f.out.outputs) > 0 {
		format = f.out.outputs[0]
	}
	c := &cobra.Command{}
	c.SetContext(context.Background())
	err = e.realDrill(c, &f, q, []sink{{format: format}})
	return cloud, ran{exit.Code(err), out.String(), errs.String()}
}

// TestRealDrill announces the change, makes it once someone agrees, takes it back, and
// takes somebody's word for whether the message has arrived.
func TestRealDrill(t *testing.T) {
	tests := []struct {
		name, typed string
		more        func(*drillFlags)
		code        int
		made        bool
		says        []string
	}{
		{"agreed and arrived", "yes\nperhaps\nyes\n", func(*drillFlags) {}, exit.Done, true, []string{
			"A real change in subscription acme-prod", "is created in resource group monitoring (westeurope) and deleted again", "According to the audit, not every such change would alert someone",
			"Only 'yes' is accepted", "The message has arrived",
		}},
		{"agreed and not arrived", "yes\nno\n", func(*drillFlags) {}, exit.ControlsFailed, true, []string{"No message has arrived"}},
		{"not agreed", "no\n", func(*drillFlags) {}, exit.Failed, false, nil},
		{"asked for by a flag", "yes\n", func(f *drillFlags) { f.yes, f.out.outputs = true, []string{"json"} }, exit.Done, true, []string{`"arrived": true`, `"actionGroup": ""`}},
		{"no place", "yes\nyes\n", func(f *drillFlags) { f.resourceGroup = "" }, exit.Failed, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cloud, r := realDrillAt(t, tt.typed, tt.more)
			if r.code != tt.code {
				t.Errorf("exit code %d, want %d:\n%s", r.code, tt.code, r.all())
			}
			for _, text := range tt.says {
				if !strings.Contains(r.all(), text) {
					t.Errorf("it does not say %q:\n%s", text, r.all())
				}
			}
			if made := len(cloud.Inbox("+4915112345678")) > 0; made != tt.made {
				t.Errorf("someone is alerted: %v, want %v", made, tt.made)
			}
			if strings.Contains(string(cloud.Objects(demoSubscription)), "monitorctl-drill") {
				t.Error("the network security group is left")
			}
		})
	}
}

// TestArrivalEnds stops waiting when the time is over.
func TestArrivalEnds(t *testing.T) {
	e := testEnv(&bytes.Buffer{}, &bytes.Buffer{})
	var d report.RealDrill
	err := e.run.Arrival(context.Background(), &d, time.Millisecond, func() (string, error) { select {} })
	if err != nil || d.Arrived || d.Waited != time.Millisecond {
		t.Errorf("%+v, %v", d, err)
	}
}
