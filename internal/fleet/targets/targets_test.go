package targets

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ name, text, want, notes string }{
		{"lines", "# ours\n111122223333 prod\n\n444455556666\r\n111122223333\n", `[{"id":"111122223333"},{"id":"444455556666"}]`, "1 accounts are listed more than once; the first entry of each counts"},
		{"ids as JSON", `["111122223333"]`, `[{"id":"111122223333"}]`, ""},
		{"list-accounts", `{"Accounts":[{"Id":"111122223333","Name":"a","Status":"SUSPENDED","State":"CLOSED","Paths":["o-1/r-1/ou-1/"],"JoinedTimestamp":"2026-01-02T03:04:05+00:00","Arn":"x"}]}`,
			`[{"id":"111122223333","name":"a","state":"CLOSED","ouPath":"o-1/r-1/ou-1/","joined":"2026-01-02T03:04:05Z"}]`, ""},
		{"a page", `{"Accounts":[{"Id":"111122223333","Status":"ACTIVE","JoinedTimestamp":1.5}],"NextToken":"x"}`,
			`[{"id":"111122223333","state":"ACTIVE","joined":"1970-01-01T00:00:01.5Z"}]`, "the list has a NextToken: it is one page of several, and the rest is missing"},
		{"c7n", `accounts:
- account_id: '011122223333'
  name: prod
  email: p@example.com
  role: arn:aws:iam::{account_id}:role/audit
  external_id: secret
  regions: [all]
  org_id: o-1
  tags:
  - path:/Workloads/Prod
  - team:a
  vars: {x: 1}
- account_id: 044455556666
  role:
  - first
  - second
  profile: p
  regions:
  - eu-central-1
  tags: ["status:SUSPENDED"]
vars:
  y: 2
`, `[{"id":"011122223333","name":"prod","email":"p@example.com","ouNames":"/Workloads/Prod","tags":{"path":"/Workloads/Prod","team":"a"},"roles":["arn:aws:iam::{account_id}:role/audit"]},` +
			`{"id":"044455556666","state":"SUSPENDED","tags":{"status":"SUSPENDED"},"roles":["first","second"],"profile":"p","regions":["eu-central-1"]}]`,
			`"vars" of accounts are for policies of c7n and not used`},
		{"c7n as JSON", `{"accounts":[{"account_id":"111122223333","role":"x"}]}`, `[{"id":"111122223333","roles":["x"]}]`, "accounts without regions are read in all enabled ones (c7n-org reads two)"},
		{"c7n with anchors", "accounts:\n- &a\n  account_id: \"111122223333\"\n  name: \"*\"\n", `[{"id":"111122223333","name":"*"}]`, "accounts without regions are read in all enabled ones (c7n-org reads two)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := Parse("f", []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := json.Marshal(list.Targets)
			if string(got) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if notes := strings.Join(list.Notes, "|"); notes != tt.notes {
				t.Errorf("notes %q, want %q", notes, tt.notes)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "f: no account in it"},
		{"11112222333\n", `f:1: "11112222333" is not a 12-digit account id`},
		{"111122223333\nprod\n", `f:2: "prod" is not a 12-digit account id`},
		{`{"Accounts":[{"Id":"1"}]}`, `f: account 1 has the id "1", which has not 12 digits`},
		{`{"Accounts":`, "f: "},
		{"accounts:\n- account_id: \"111122223333\"\n- name: b\n  account_id: 12\n", `f:3:3: account_id "12" is not a 12-digit account id`},
		{"accounts:\n- account_id: [\n", "f:"},
	} {
		_, err := Parse("f", []byte(tt.text))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

// TestParseIsLinear reads a list of 10,000 accounts, which the parser would not take in one
// piece.
func TestParseIsLinear(t *testing.T) {
	var b strings.Builder
	b.WriteString("accounts:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  - account_id: \"%012d\"\n    name: a%d\n    role: audit\n    tags:\n      - path:/A/B\n", i, i)
	}
	list, err := Parse("f", []byte(b.String()))
	if err != nil || len(list.Targets) != 10_000 || list.Targets[9999].Name != "a9999" {
		t.Fatalf("%d targets, %v", len(list.Targets), err)
	}
}

func TestFilter(t *testing.T) {
	all := []Target{
		{ID: "100000000001", Name: "prod", Path: "o-1/r-1/ou-w/ou-p/", Names: "/Workloads/Prod"},
		{ID: "100000000002", Name: "dev", Path: "o-1/r-1/ou-w/ou-d/", Names: "/Workloads/Dev", Tags: map[string]string{"team": "a"}},
		{ID: "100000000003", Name: "old", Path: "o-1/r-1/", Names: "/", State: "SUSPENDED"},
		{ID: "100000000004", Name: "gone", Path: "o-1/r-1/", State: "CLOSED"},
		{ID: "100000000005", Name: "closing", Path: "o-1/r-1/", State: "PENDING_CLOSURE"},
	}
	for _, tt := range []struct {
		name         string
		filter       Filter
		want, unused string
	}{
		{"none", Filter{}, "1 2 3:suspended 4:closed 5:pending closure", ""},
		{"suspended, too", Filter{Suspended: true}, "1 2 3 4:closed 5", ""},
		{"unit", Filter{Units: []string{"ou-w"}}, "1 2", ""},
		{"unit by names", Filter{Units: []string{"/Workloads/Prod"}}, "1", ""},
		{"no part of a name", Filter{Units: []string{"/Workloads/Pro"}}, "", "--ou /Workloads/Pro"},
		{"excluded by id, name, unit", Filter{Exclude: []string{"100000000003", "gone", "ou-d"}}, "1 2:excluded by --exclude ou-d 3:excluded by --exclude 100000000003 4:excluded by --exclude gone 5:pending closure", ""},
		{"tag", Filter{Tags: []string{"team=a"}}, "2", ""},
		{"key of a tag", Filter{Tags: []string{"team"}}, "2", ""},
		{"other tag", Filter{Tags: []string{"team=b"}}, "", "--account-tag team=b"},
		{"unused", Filter{Units: []string{"ou-w", "ou-x"}, Exclude: []string{"nobody"}}, "1 2", "--ou ou-x --exclude nobody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, target := range all {
				if !tt.filter.Keep(&target) || !tt.filter.Tagged(&target) {
					continue
				}
				text := target.ID[11:]
				if target.Skipped != "" {
					text += ":" + target.Skipped
				}
				got = append(got, text)
			}
			if text := strings.Join(got, " "); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
			if unused := strings.Join(tt.filter.Unused(), " "); unused != tt.unused {
				t.Errorf("unused %s, want %s", unused, tt.unused)
			}
		})
	}
}

func TestShards(t *testing.T) {
	var counts []int
	for i := 1; i <= 4; i++ {
		s, err := ParseShard(fmt.Sprintf("%d/4", i))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for id := range 1000 {
			if s.Has(fmt.Sprintf("%012d", id)) {
				n++
			}
		}
		counts = append(counts, n)
	}
	if sum := counts[0] + counts[1] + counts[2] + counts[3]; sum != 1000 || slices.Min(counts) < 150 {
		t.Errorf("parts of %v accounts", counts)
	}
	for _, bad := range []string{"", "0/3", "4/3", "1", "a/b", "1/3x", "1/3 4", "01/3"} {
		if s, err := ParseShard(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, s)
		}
	}
}
