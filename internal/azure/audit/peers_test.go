package audit_test

import (
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// opinion returns what a peer says of the operations that it asks for, in the order of
// the control: P for each that it passes, F for each that it fails.
func opinion(t *testing.T, f *finding.Finding, peer, id string) string {
	t.Helper()
	control, err := loadCatalog(t).Find(id, catalog.DefaultAzureBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(f.Peers, func(o finding.Opinion) bool { return o.Peer == peer })
	if i < 0 {
		return ""
	}
	var text []byte
	for _, o := range control.RequiredOperations() {
		switch {
		case slices.Contains(f.Peers[i].Passes, o.Label()):
			text = append(text, 'P')
		case slices.Contains(f.Peers[i].Fails, o.Label()):
			text = append(text, 'F')
		}
	}
	return string(text)
}

// TestPeersDiffer counts over all situations how often others pass an operation that
// nobody would be alerted of, and fail one that someone is alerted of: each of them errs
// in both directions.
func TestPeersDiffer(t *testing.T) {
	cat := loadCatalog(t)
	passed, failed := map[string]int{}, map[string]int{}
	for _, file := range situationFiles(t) {
		s := readSituation(t, file)
		if s.Control != "nsg-changes" {
			continue
		}
		f := s.judge(t, cat)
		missed := map[string]bool{}
		for _, m := range f.Missed {
			missed[m.Event] = true
		}
		for _, o := range f.Peers {
			if slices.ContainsFunc(o.Passes, func(name string) bool { return missed[name] }) {
				passed[o.Peer]++
			}
			told := f.Status == finding.Pass || f.Status == finding.Warn || f.Status == finding.Fail
			if told && slices.ContainsFunc(o.Fails, func(name string) bool { return !missed[name] }) {
				failed[o.Peer]++
			}
		}
	}
	for _, peer := range []string{"Prowler", "Powerpipe", "CloudSploit", "Azure Policy", "cloudbeat"} {
		t.Logf("%s passes a missed operation in %d situations, and fails one that is told in %d", peer, passed[peer], failed[peer])
		if passed[peer] < 5 || failed[peer] < 5 {
			t.Errorf("%s: %d and %d are too few to show a difference", peer, passed[peer], failed[peer])
		}
	}
}
