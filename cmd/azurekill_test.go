package cmd

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// An azureLab is an Azure that processes of the real program work on.
type azureLab struct {
	t     *testing.T
	cloud *azuretest.Cloud
	vars  []string
	url   string
}

func newAzureLab(t *testing.T) *azureLab {
	t.Helper()
	l := &azureLab{t: t, cloud: newScriptAzure()}
	server := httptest.NewTLSServer(l.cloud)
	t.Cleanup(server.Close)
	certificate := filepath.Join(t.TempDir(), "azure.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	l.url = server.URL
	l.vars = append(os.Environ(), "SSL_CERT_FILE="+certificate, "AZURE_AUTHORITY_HOST="+server.URL, "AZURE_TOKEN_CREDENTIALS=EnvironmentCredential",
		"AZURE_TENANT_ID="+azureTenant, "AZURE_CLIENT_ID=11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET=secret")
	return l
}

// process makes a process of the real program.
func (l *azureLab) process(args ...string) *exec.Cmd {
	l.t.Helper()
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	c := exec.Command(self)
	c.Args = append([]string{"monitorctl"}, append(args, "--endpoint-url", l.url)...)
	c.Env = l.vars
	return c
}

// done runs the program and demands the exit code 0.
func (l *azureLab) done(args ...string) {
	l.t.Helper()
	p := l.process(args...)
	out, err := p.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		l.t.Fatal(err)
	}
	if got := p.ProcessState.ExitCode(); got != exit.Done {
		l.t.Errorf("%s exits with %d:\n%s", strings.Join(args, " "), got, out)
	}
}

func (l *azureLab) objects() string { return string(l.cloud.Objects(azureSubscription)) }

// killed runs a command until its n-th write, from 0, and kills it: when the write has
// arrived and is not carried out, or when it is done and not answered. It reports whether
// it came so far.
func (l *azureLab) killed(args []string, n int, done bool) bool {
	l.t.Helper()
	p := l.process(args...)
	var output bytes.Buffer
	p.Stdout, p.Stderr = &output, &output
	now := make(chan struct{})
	l.cloud.Fail(azuretest.Fault{Writes: true, After: n, Times: 1, Applied: done, Do: func() { close(now) }})
	defer l.cloud.ClearFaults()
	if err := p.Start(); err != nil {
		l.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	select {
	case <-now:
		if err := p.Process.Kill(); err != nil {
			l.t.Fatal(err)
		}
		if err := <-ended; err == nil {
			l.t.Fatal("the process ended well although it was killed")
		}
		return true
	case err := <-ended:
		if err != nil {
			l.t.Fatalf("the process ended with %v:\n%s", err, output.String())
		}
		return false
	}
}

// azureApply is the command that is killed: every kind of write.
func azureApply(journal string) []string {
	args := []string{
		"apply", "--subscription", "acme-prod", "--resource-group", "alerts", "--create-resource-group", "westeurope", "--subscribe", "email:security@example.com",
		"--subscribe", "sms:+4915112345678", "--complete", "--yes", "--quiet",
	}
	if journal != "" {
		args = append(args, "--journal", journal)
	}
	return args
}

// TestAzureKilledAnywhere kills an apply before and after each of its writes. The next one
// brings the subscription to where an undisturbed one does, and a further plan is empty.
// Then the undo of both is killed, and repeated: the subscription is as before.
func TestAzureKilledAnywhere(t *testing.T) {
	needsSIGKILL(t)
	clean := newAzureLab(t)
	before := clean.objects()
	clean.done(azureApply("")...)
	want := clean.objects()
	writes := 0
	for _, r := range clean.cloud.Requests() {
		if r.Method != http.MethodGet {
			writes++
		}
	}
	if writes != 7 { // resource group, action group, four rules, supplement
		t.Fatalf("a full apply made %d writes", writes)
	}
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newAzureLab(t)
				journal := filepath.Join(t.TempDir(), "journal")
				if !l.killed(azureApply(journal), n, done) {
					t.Fatal("apply ended before that write")
				}
				l.done(azureApply(journal)...)
				if d := cmp.Diff(want, l.objects()); d != "" {
					t.Errorf("objects (-undisturbed +killed):\n%s", d)
				}
				plan := append([]string{"plan", "--exit-code"}, azureApply("")[1:]...)
				l.done(plan[:len(plan)-2]...) // --yes --quiet
				if !l.killed([]string{"undo", "--yes", "--quiet", journal}, n, done) {
					t.Fatal("undo ended before that write")
				}
				l.done("undo", "--yes", journal)
				if d := cmp.Diff(before, l.objects()); d != "" {
					t.Errorf("objects (-before +undone):\n%s", d)
				}
				l.done("undo", "--yes", journal)
			})
		}
	}
}

// TestAzureTwoApplies: two processes that start at the same time leave what one does. One
// of them may find that the other was faster, and says so.
func TestAzureTwoApplies(t *testing.T) {
	clean := newAzureLab(t)
	clean.done(azureApply("")...)
	l := newAzureLab(t)
	var running []*exec.Cmd
	outputs := make([]bytes.Buffer, 2)
	for i := range outputs {
		p := l.process(azureApply("")...)
		p.Stdout, p.Stderr = &outputs[i], &outputs[i]
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, p)
	}
	for i, p := range running {
		_ = p.Wait() // the exit code says it
		if code := p.ProcessState.ExitCode(); code != exit.Done {
			t.Errorf("process %d exits with %d:\n%s", i+1, code, outputs[i].String())
		}
	}
	if d := cmp.Diff(clean.objects(), l.objects()); d != "" {
		t.Errorf("objects (-one apply +two):\n%s", d)
	}
}
