package audit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestProperties holds what must be true of every situation: the order of the objects
// decides nothing, a good rule added to those that are there makes everything well unless
// a processing rule removes its groups, and what is below a pass has a reason.
func TestProperties(t *testing.T) {
	cat := loadCatalog(t)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 11))
		s := randomSituation(r)
		before := s.judge(t, cat)
		if before.Status != finding.Pass && (len(before.Reasons) == 0 || before.Remediation == "") {
			t.Fatalf("seed %d: %s without a reason", seed, before.Status)
		}
		if before.Status == finding.Fail && len(before.Missed) == 0 {
			t.Fatalf("seed %d: a failure that misses nothing: %v", seed, before.Reasons)
		}

		shuffled := s
		shuffled.Rules, shuffled.Groups, shuffled.Processing = slices.Clone(s.Rules), slices.Clone(s.Groups), slices.Clone(s.Processing)
		r.Shuffle(len(shuffled.Rules), func(i, j int) { shuffled.Rules[i], shuffled.Rules[j] = shuffled.Rules[j], shuffled.Rules[i] })
		r.Shuffle(len(shuffled.Groups), func(i, j int) { shuffled.Groups[i], shuffled.Groups[j] = shuffled.Groups[j], shuffled.Groups[i] })
		r.Shuffle(len(shuffled.Processing), func(i, j int) {
			shuffled.Processing[i], shuffled.Processing[j] = shuffled.Processing[j], shuffled.Processing[i]
		})
		if after := shuffled.judge(t, cat); after.Status != before.Status || fmt.Sprint(after.Missed) != fmt.Sprint(before.Missed) {
			t.Fatalf("seed %d: %s %v, in another order %s %v", seed, before.Status, before.Missed, after.Status, after.Missed)
		}

		more := s
		more.Rules = append(slices.Clone(s.Rules), defaultRule)
		more.Groups = append(slices.Clone(s.Groups), defaultGroup)
		removed := slices.ContainsFunc(s.Processing, func(p map[string]any) bool {
			return strings.Contains(fmt.Sprint(p["actions"]), "RemoveAllActionGroups")
		})
		if after := more.judge(t, cat); !removed && after.Status != finding.Pass {
			t.Fatalf("seed %d: %s with a good rule: %v", seed, after.Status, after.Reasons)
		}
	}
}
