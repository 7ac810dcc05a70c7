package lint

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected output of the cases")

// TestCases runs reduced forms of what people publish: each directory of
// testdata/cases is checked as a whole, and each of its files by itself, and must
// say what want.txt has.
func TestCases(t *testing.T) {
	cases, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(cases) < 39 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	o := options(t)
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Chdir(filepath.Join(root, dir))
			var names []string
			entries, err := os.ReadDir(".")
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.Name() != "want.txt" {
					names = append(names, e.Name())
				}
			}
			got := lintCase(t, o, names...)
			for _, name := range names {
				if len(names) > 1 {
					got += fmt.Sprintf("\n%s alone:\n%s", name, lintCase(t, o, name))
				}
			}
			if *update {
				if err := os.WriteFile("want.txt", []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile("want.txt")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func lintCase(t *testing.T, o Options, names ...string) string {
	t.Helper()
	r, err := Run(context.Background(), names, strings.NewReader(""), o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteText(&b, r, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What the cases are about stands in their output: the slip that was planted, at
// its line, or that there is nothing to find. This is written by hand, unlike
// want.txt.
func TestCasesSayWhatIsRight(t *testing.T) {
	const trail, acl = "UpdatTrail", "note: covers nacl-changes (4.11)"
	for name, right := range map[string][]string{
		"01-for-each-filtered-local":      {".tf:8:", trail, "nearly covers cloudtrail-config-changes (4.5) but for UpdateTrail", acl},
		"03-conditional-choice-of-keys":   {".tf:8:", trail, acl},
		"04-conditional-for-each":         {".tf:8:", trail},
		"05-conditional-part":             {".tf:9:115: CloudTrail records have no userIdentity.typo", "note: covers console-signin-without-mfa (4.2)"},
		"06-split-module":                 {"patterns.tf:2:68: no event UpdatTrail", "filters.tf alone:\npatterns.tf:2:68: "},
		"07-module-argument":              {".tf:7:", trail},
		"09-count-index":                  {".tf:4:", trail, acl, "2 patterns"},
		"11-watch":                        {"tfvars:4:", trail, acl, "2 patterns in 1 file, 2 findings"},
		"13-yamldecode":                   {"watched.yaml:3:", trail, "watched.yaml alone:\nwatched.yaml:3:"},
		"15-functions":                    {".tf:19:99: kms.amazonaws.com has no event DisabelKey", ".tf:42:", "StopLoging", ".tf:31:"},
		"20-lza-security-config":          {".yaml:12:", trail},
		"21-lza-placeholders":             {".yaml:13:", trail},
		"23-cli-input":                    {".json:4:", trail},
		"24-describe-metric-filters":      {".json:5:", trail},
		"28-ansible-tasks":                {".yml:5:", trail},
		"29-pulumi":                       {".yaml:9:", trail},
		"32-for-each-resources":           {"StopLoging", "2 patterns"},
		"33-if":                           {".yaml:13:28: no event StopLoging", ".yaml:14:60: no event UpdatTrail"},
		"35-anchor":                       {".yaml:4:", trail},
		"36-sub-getatt":                   {".yaml:10:", "CloudTrail records have no eventNam, but eventName [no-such-field]", "1 finding"},
		"37-put-filters":                  {".sh:7:", trail, "1 pattern in 1 file"},
		"38-runbook":                      {".md:6:", trail, ".md:12:", acl, "2 patterns in 1 file"},
		"39-terragrunt":                   {".hcl:7:", trail, "1 pattern in 1 file"},
		"40-subscription-filter":          {".yaml:8:", "StopLoging", "1 finding"},
		"50-unauthorized-short":           {"note: covers unauthorized-api-calls (4.1)\n", "0 findings"},
		"51-unauthorized-wrong-code":      {`nearly covers unauthorized-api-calls (4.1) but for records in which errorCode = "*UnauthorizedOperation" [nearly-covers]`, "1 finding"},
		"53-error-message-without-blank":  {"Failedauthentication never occurs: the message is Failed authentication"},
		"55-identity-type-case":           {"root never occurs: case counts, userIdentity.type is Root"},
		"56-event-type-case":              {"AWSServiceEvent never occurs: case counts, eventType is AwsServiceEvent", "events of services are counted too"},
		"57-source-misspelt":              {"it is not an event source, the nearest is kms.amazonaws.com", "nearly covers kms-cmk-disable-or-delete (4.7)"},
		"60-mfa-lower-case":               {"yes never occurs", "sign-ins with MFA are counted too", "note: covers console-signin-without-mfa (4.2)"},
		"61-names-in-one-text":            {"never occurs: eventName is one word without blanks"},
		"63-ten-of-sixteen":               {"matches 10 of the 16 events of iam-policy-changes (4.4) and misses", "1 finding"},
		"64-sign-in-of-people-only":       {"nearly covers console-signin-without-mfa (4.2)"},
		"66-own-text-sign-in":             {"note: covers console-signin-without-mfa (4.2)", "0 findings"},
		"67-own-text-unauthorized":        {"note: covers unauthorized-api-calls (4.1)", "0 findings", "note: && binds"},
		"68-all-alternatives":             {"note: matches nearly every record", "2 findings"},
		"70-not-equal-of-an-absent-field": {"1:82: IAM users have no sessionContext when they sign in, so that none of their sign-ins counts", "nearly covers console-signin-without-mfa (4.2)"},
		"73-no-such-operation":            {"the events of backup.amazonaws.com are not listed"},
	} {
		data, err := os.ReadFile(filepath.Join("testdata/cases", name, "want.txt"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, part := range right {
			if !strings.Contains(string(data), part) {
				t.Errorf("%s: %q is not said:\n%s", name, part, data)
			}
		}
	}
	for _, name := range []string{"64-sign-in-of-people-only", "70-not-equal-of-an-absent-field"} {
		data, err := os.ReadFile(filepath.Join("testdata/cases", name, "want.txt"))
		if err != nil || strings.Contains(string(data), "console-auth-failures") {
			t.Errorf("%s is said to be about failed sign-ins: %v", name, err)
		}
	}
}

// A directory walk says of a file what naming it says.
func TestWalkSaysWhatNamingSays(t *testing.T) {
	o := options(t)
	dirs, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(err)
	}
	told := func(paths ...string) string {
		r, err := Run(context.Background(), paths, strings.NewReader(""), o)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, f := range r.Files {
			if len(f.Patterns) > 0 || f.Err != nil {
				f.writeText(&b, false)
			}
		}
		return b.String()
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		if walked, named := told(dir), told(files...); walked != named || walked == "" {
			t.Errorf("%s\nwalked\n%s\nnamed\n%s", dir, walked, named)
		}
	}
}

// What AWS has accepted and monitorctl does not understand is not checked, and
// named by its filter and log group.
func TestDeployed(t *testing.T) {
	f := lintText(t, "out.json", `{"metricFilters": [{"filterName": "n", "logGroupName": "g", "creationTime": 1, "filterPattern": "{ $.a == 1 }"}]}`)
	if len(f.Patterns) != 1 || len(f.Patterns[0].Findings) > 0 || !strings.HasPrefix(f.Patterns[0].NotJudged, "not understood") || f.Patterns[0].Name != "n (g)" {
		t.Errorf("got %+v", f.Patterns)
	}
}

// A text file in which patterns are mentioned is no list of patterns.
func TestProseIsNoList(t *testing.T) {
	prose := "Dear all\nplease use this one\n  '{ $.eventName = DeleteTrails }'\nand never\nthe other one\nYours\n"
	f := lintText(t, "mail.txt", prose)
	if got := findings(f); f.Format != Text || len(f.Patterns) != 1 || len(got) != 1 || got[0] != "3:20 unknown-event" {
		t.Errorf("got %s %q", f.Format, got)
	}
	if f := lintText(t, "license.txt", "Licensed under the Apache License, Version 2.0 (the \"License\");\nyou may not use this file except in compliance with it.\n"); len(f.Patterns) > 0 || !f.Empty {
		t.Errorf("got %+v", f.Patterns)
	}
	// Any word is a pattern of terms: only who says so has a list of them.
	if f := lintText(t, "terms.txt", "ERROR\nWARN debug\n"); len(f.Patterns) > 0 || !f.Empty {
		t.Errorf("got %+v", f.Patterns)
	}
	if f := lintText(t, "terms.patterns", "ERROR\nWARN -debug\n"); f.Format != Lines || len(f.Patterns) != 2 {
		t.Errorf("got %s, %d patterns", f.Format, len(f.Patterns))
	}
}
