package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestFleetHostileNames gives accounts names that try to be something else where they are
// written: a command of a terminal or of GitHub, a line, a formula, the end of a script.
func TestFleetHostileNames(t *testing.T) {
	l := newFleetLab(t, 6)
	names := []string{"\x1b[31mred\x1b[0m\u009b2J", "a\n::error::owned\r\nb,\"c", "=HYPERLINK(\"x\")", "</script><img src=x onerror=alert(1)>", "\u202Egnp.exe \u2066", "| a | `b` | [c](javascript:d) |"}
	for i, name := range names {
		l.members[i].Member(awstest.MemberOptions{Name: name, Tags: map[string]string{"k\x1b]0;": name}, OU: l.management.Unit("", name)})
	}
	dir := t.TempDir()
	for _, format := range []string{"table", "csv", "json", "jsonl", "html", "ocsf", "asff", "sarif", "markdown", "junit", "gitlab", "github"} {
		file := filepath.Join(dir, format)
		r := l.audit(exit.ControlsFailed, "vpc-changes", "--ou", "/", "--exclude", fleetLog, "-o", format+"="+file, "-o", "table", "--by", "account", "--worst", "50")
		data, err := os.ReadFile(file)
		l.must(err)
		bad := []string{"\x1b", "\u009b", "\u202e", "\u2066", "\n::error::owned"}
		switch format {
		case "html", "markdown", "junit":
			bad = append(bad, "</script><img")
		case "csv":
			bad = append(bad, "\n=", ",=", ",\"=")
		}
		for _, text := range bad {
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("-o %s has %q:\n%.3000s", format, text, data)
			}
		}
		if strings.ContainsAny(r.all(), "\x1b\u009b\u202e\u2066") || strings.Contains(r.all(), "\n::") {
			t.Errorf("-o table:\n%s", r.all())
		}
	}
}

// TestFleetHostileFolder judges folders that somebody has changed: nothing outside of them is
// read or written, and what cannot be read is never a pass.
func TestFleetHostileFolder(t *testing.T) {
	l := newFleetLab(t, 3)
	outside := t.TempDir()
	good := filepath.Join(outside, "good")
	l.audit(exit.Done, "nacl-changes", "--dir", good)
	id, secret := l.members[0].ID(), filepath.Join(outside, "secret")
	l.must(os.WriteFile(secret, []byte("untouched"), 0o600))
	account := "accounts/" + id + ".json"
	edit := func(file, old, text string) func(string) error {
		return func(dir string) error {
			data, err := os.ReadFile(filepath.Join(dir, file))
			if err == nil && !bytes.Contains(data, []byte(old)) {
				t.Fatalf("%s has no %s", file, old)
			}
			return os.WriteFile(filepath.Join(dir, file), bytes.Replace(data, []byte(old), []byte(text), 1), 0o600)
		}
	}
	instead := func(file, target string) func(string) error {
		return func(dir string) error {
			l.must(os.RemoveAll(filepath.Join(dir, file)))
			return os.Symlink(target, filepath.Join(dir, file))
		}
	}
	for _, tt := range []struct {
		name   string
		change func(string) error
		code   int
		says   string
		status string // of the member
	}{
		{"nothing", func(string) error { return nil }, exit.Done, "", "pass"},
		{"an id that is a path", edit("targets.jsonl", id, "../../secret"), exit.Failed, `"../../secret" is not the id of an account`, ""},
		{"a line that is no JSON", edit("targets.jsonl", "{", "{{"), exit.Failed, "targets.jsonl:1", ""},
		{"a link in place of the list", instead("targets.jsonl", secret), exit.Failed, "not a regular file", ""},
		{"a link in place of the head", instead("fleet.json", filepath.Join(good, "fleet.json")), exit.Failed, "not a regular file", ""},
		{"a head that was cut off", edit("fleet.json", "}", ""), exit.Failed, "fleet.json", ""},
		{"a head of another schema", edit("fleet.json", "fleet/v1", "fleet/v9"), exit.Failed, "monitorctl/fleet/v9", ""},
		{"a head without end", func(dir string) error { return os.Truncate(filepath.Join(dir, "fleet.json"), 1<<30) }, exit.Failed, "more than 1 MB", ""},
		{"a link in place of an account", instead(account, filepath.Join(good, account)), exit.Failed, "", "unknown"},
		{"a link in place of all", instead("accounts", filepath.Join(good, "accounts")), exit.Failed, "", "unknown"},
		{"an account that was cut off", func(dir string) error { return os.Truncate(filepath.Join(dir, account), 100) }, exit.Failed, "", "unknown"},
		{"an account without end", func(dir string) error { return os.Truncate(filepath.Join(dir, account), 1<<40) }, exit.Failed, "", "unknown"},
		{"another account in its place", func(dir string) error {
			data, err := os.ReadFile(filepath.Join(dir, "accounts/"+l.members[1].ID()+".json"))
			l.must(err)
			return os.WriteFile(filepath.Join(dir, account), data, 0o600)
		}, exit.Failed, "", "unknown"},
		{"no owner", func(dir string) error { return os.Remove(filepath.Join(dir, "central/"+fleetLog+".json")) }, exit.Failed, "", "unknown"},
		{"it ended early", edit("fleet.json", `"complete": true`, `"complete": false, "why": "\u001b[2J\n::error::x"`), exit.Failed, "is not complete", "pass"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "d")
			l.must(os.CopyFS(dir, os.DirFS(good)))
			l.must(tt.change(dir))
			r := l.want(tt.code, "audit", "--snapshot", dir, "nacl-changes", "-o", "json")
			if !strings.Contains(r.err, tt.says) || strings.Contains(r.out, "\x1b") || strings.Contains(r.all(), "\n::") {
				t.Error(r.err)
			}
			if tt.status != "" && readFleet(t, r).by()[id] != tt.status {
				t.Errorf("%v", readFleet(t, r).by())
			}
		})
	}
	for _, file := range []string{"targets.jsonl", "failures.jsonl", "findings.jsonl", "fleet.json.new", account + ".new"} {
		dir := filepath.Join(t.TempDir(), "d")
		l.must(os.CopyFS(dir, os.DirFS(good)))
		l.must(os.RemoveAll(filepath.Join(dir, file)))
		l.must(os.Symlink("../secret", filepath.Join(dir, file)))
		l.must(os.Symlink(secret, filepath.Join(filepath.Dir(dir), "secret")))
		l.audit(exit.Done, slices.Concat([]string{"nacl-changes", "--max-age", "0s"}, []string{"--resume", dir})...)
		if data, _ := os.ReadFile(secret); string(data) != "untouched" {
			t.Errorf("a link at %s is written through: %s", file, data)
		}
	}
}
