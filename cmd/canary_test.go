package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
)

// TestCanaries plants secrets in the environment, the profile, the arguments
// and AWS's answers, runs every command that reads or writes an account in
// every format, and looks for them in all that is printed and saved.
func TestCanaries(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	cloud, secret := canaryAccount(t)
	canaries := map[string]string{
		"secret key":             secret,
		"session token":          "CANARY-session-token",
		"proxy password":         "CANARY-proxy-password",
		"external id":            "CANARY-external-id",
		"key in the profile":     "CANARY-profile-secret",
		"subscriber's token":     "CANARY-webhook-token",
		"token of a new one":     "CANARY-new-webhook-token",
		"subscriber's telephone": "491511234567",
		"telephone of a new one": "491709876543",
	}
	t.Setenv("HTTPS_PROXY", "http://user:"+canaries["proxy password"]+"@127.0.0.1:1")
	profile := filepath.Join(dir, "credentials")
	write(t, profile, "[canary]\naws_access_key_id=AKIACANARY\naws_secret_access_key="+canaries["key in the profile"]+"\n")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", profile)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "none"))

	code := t.TempDir() // of exports
	commands := [][]string{
		{"audit", "--set", "all", "--verbose", "--debug", "--show-waived"},
		{"audit", "--profile", "canary", "--debug"},
		{"audit", "--role-arn", "arn:aws:iam::111122223333:role/none", "--external-id", canaries["external id"], "--debug"},
		{"explain", "security-group-changes", "--debug"},
		{"snapshot", "--file", "snapshot.json", "--debug"},
		{"snapshot", "--file", "-"},
		{"plan", "--set", "cis", "--subscribe", "https://example.com/" + canaries["token of a new one"], "--verbose", "--debug"},
		{"plan", "--subscribe", "https://example.com/" + canaries["token of a new one"], "-o", "json"},
		{"plan", "--subscribe", "sms:+" + canaries["telephone of a new one"]},
		{"plan", "--subscribe", "sms:+" + canaries["telephone of a new one"], "-o", "json"},
		{"export", "terraform", "--dir", filepath.Join(code, "tf"), "--subscribe", "https://example.com/" + canaries["token of a new one"], "--subscribe", "sms:+" + canaries["telephone of a new one"], "--debug"},
		{"export", "cloudformation", "--dir", filepath.Join(code, "cfn"), "--format", "yaml", "--subscribe", "https://example.com/" + canaries["token of a new one"]},
		{"export", "shell", "--dir", filepath.Join(code, "sh"), "--subscribe", "https://example.com/" + canaries["token of a new one"]},
		{"permissions", "apply", "--scoped", "--debug"},
		{"apply", "--yes", "--subscribe", "https://example.com/" + canaries["token of a new one"], "--verbose", "--debug"},
		{"demo"},
	}
	for _, format := range report.Formats() {
		commands = append(commands, []string{"audit", "-o", format})
	}
	var all bytes.Buffer
	for i, args := range append(commands, commands[0]) {
		if i == len(commands) {
			t.Setenv("AWS_SESSION_TOKEN", canaries["session token"]) // which the account does not accept
		}
		var out, errs bytes.Buffer
		status := Main(args, strings.NewReader(""), &out, &errs, os.Environ())
		all.Write(out.Bytes())
		if status == exit.WrongUsage {
			t.Errorf("%v: exit code %d: %s", args, status, errs.String())
		}
		if len(args) > 1 && args[len(args)-1] == "--debug" && !strings.Contains(errs.String(), "debug: ") {
			t.Errorf("%v: no request is shown", args)
		}
		for what, canary := range canaries {
			if strings.Contains(out.String()+errs.String(), canary) {
				t.Errorf("%v: the %s is printed:\n%s", args, what, around(out.String()+errs.String(), canary))
			}
		}
	}
	// The subscribers are named all the same, masked.
	if !strings.Contains(all.String(), "subscribe https https://example.com/***") {
		t.Errorf("no plan names the new subscriber: %s", around(all.String(), "subscribe "))
	}
	saved := filesIn(t, dir)
	delete(saved, "credentials")
	for _, format := range []string{"tf", "cfn", "sh"} {
		files := filesIn(t, filepath.Join(code, format))
		if len(files) == 0 {
			t.Errorf("no %s was exported", format)
		}
		for name, text := range files {
			saved[format+"/"+name] = text
		}
	}
	if len(saved) == 0 {
		t.Error("nothing was saved")
	}
	for name, text := range saved {
		for what, canary := range canaries {
			if bytes.Contains(text, []byte(canary)) {
				t.Errorf("%s: the %s is saved:\n%s", name, what, around(string(text), canary))
			}
		}
	}
	if len(cloud.Calls()) == 0 {
		t.Error("the account was not asked")
	}
}

// canaryAccount is the demo's account with subscribers that have secrets.
func canaryAccount(t *testing.T) (*awstest.Cloud, string) {
	t.Helper()
	cloud := awstest.New(awstest.Options{Start: demoStart})
	acct := cloud.Account(demoAccount, awstest.AccountOptions{Alias: demoAlias, Regions: []string{demoRegion, "us-east-1"}})
	url, stop, err := cloud.Server()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	region := acct.Region(demoRegion)
	if err := seedDemo(region); err != nil {
		t.Fatal(err)
	}
	topic := "arn:aws:sns:" + demoRegion + ":" + demoAccount + ":cis-alerts"
	for protocol, endpoint := range map[string]string{"https": "https://example.com/hook?token=CANARY-webhook-token", "sms": "+491511234567"} {
		if _, err := region.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: protocol, Endpoint: endpoint}); err != nil {
			t.Fatal(err)
		}
	}
	id, secret := acct.Credentials()
	t.Setenv("AWS_ENDPOINT_URL", url)
	t.Setenv("AWS_ACCESS_KEY_ID", id)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	t.Setenv("AWS_REGION", demoRegion)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return cloud, secret
}

// around returns the part of a text where a canary sings.
func around(text, canary string) string {
	i := strings.Index(text, canary)
	return text[max(0, i-200):min(len(text), i+len(canary)+50)]
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
