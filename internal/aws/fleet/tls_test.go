package fleet

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestFleetOverTLS audits an organization over TLS with AWS's quotas in force: one list page
// under way at once, no more sockets than connections are allowed and none after the run,
// nothing throttled, nothing refused.
func TestFleetOverTLS(t *testing.T) {
	const connections = 12
	s := newShape(t)
	var all []*awstest.Account
	for i := range 150 {
		a := s.cloud.Account(fmt.Sprintf("4%011d", i), awstest.AccountOptions{Regions: regions})
		a.Role("audit", awstest.RoleOptions{})
		all = append(all, a)
	}
	s.cloud.NamedOrganization("o-fleet00001", s.accounts[management], append(all, s.accounts[logs])...)
	s.trail(management, "org", logs, "central", true)
	s.alerts(logs, "central")
	s.cloud.EnforceQuotas(time.Now)

	var open, sockets, listing, together atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("X-Amz-Target"), "ListAccounts") {
			if listing.Add(1) > 1 {
				together.Add(1)
			}
			defer listing.Add(-1)
			time.Sleep(5 * time.Millisecond)
		}
		s.cloud.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			if n := open.Add(1); n > sockets.Load() {
				sockets.Store(n)
			}
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.StartTLS()
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	s.must(os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	id, secret := s.accounts[management].Credentials()
	for name, value := range map[string]string{
		"AWS_CA_BUNDLE": bundle, "AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	ctx := context.Background()
	session, err := collect.Connect(ctx, collect.Config{EndpointURL: server.URL, Protocol: collect.CBOR, Connections: connections, QuotaShare: collect.DefaultQuotaShare})
	s.must(err)
	o := s.options()
	o.Parallel = 64
	f, err := New(ctx, session, session, connections, o, nil)
	s.must(err)
	s.must(f.ReadWorld(ctx))
	sink := &outcomes{of: map[string]Outcome{}}
	s.must(f.Run(ctx, f.Directory().Accounts(ctx), sink))
	f.Close()
	for range 200 { // connections close behind the run
		if open.Load() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := open.Load(); n != 0 {
		t.Errorf("%d sockets outlive the run", n)
	}
	covered := 0
	for _, out := range sink.of {
		if out.Basis == Covered && out.Verdict.suffices(false) {
			covered++
		}
	}
	if covered != 150 || len(sink.of) != 152 {
		t.Errorf("%d accounts, %d of them covered", len(sink.of), covered)
	}
	for _, c := range s.cloud.Calls() {
		if c.Error != "" {
			t.Errorf("%s as %s: %s", c.Operation, c.Account, c.Error)
		}
	}
	// One more may be closing on the server's side.
	if n := sockets.Load(); n > connections+1 || n < 2 {
		t.Errorf("%d sockets for %d connections", n, connections)
	}
	if together.Load() > 0 {
		t.Error("pages of the list are asked for side by side")
	}
}
