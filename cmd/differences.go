package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// differences says where the account is not as the plan predicted, and not as it will be
// once every subscriber has answered either: some had done so before. Controls that
// differ in the same way share a line.
func differences(p change.Plan, found finding.Report) []string {
	var texts []string                // each once, in the order of the controls
	controls := map[string][]string{} // by text
	for i, f := range found.Findings {
		if p.Confirmed != nil && i < len(p.Confirmed.Findings) && p.Confirmed.Findings[i].Status == f.Status {
			continue
		}
		if i >= len(p.After.Findings) || p.After.Findings[i].Status == f.Status {
			continue
		}
		predicted := &p.After.Findings[i]
		text := fmt.Sprintf("the plan predicted %s, the account now gives %s%s", predicted.Status, f.Status, whyDiffers(predicted, &f))
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		name := f.Control
		if len(found.Accounts) > 1 {
			name += " in " + f.Account
		}
		controls[text] = append(controls[text], name)
	}
	for i, text := range texts {
		texts[i] = strings.Join(controls[text], ", ") + ": " + text
	}
	return texts
}

// whyDiffers compares the reasons of two verdicts: what is new, or else what the plan
// expected and is no more. Notes have no part in it.
func whyDiffers(predicted, found *finding.Finding) string {
	if r := reasonOnlyIn(found, predicted); r != "" {
		return " (" + r + ")"
	}
	if r := reasonOnlyIn(predicted, found); r != "" {
		return " (no longer: " + r + ")"
	}
	return ""
}

// reasonOnlyIn returns the first reason, notes aside, whose code and object the other
// verdict lacks; "" when there is none.
func reasonOnlyIn(f, other *finding.Finding) string {
	for _, r := range f.Reasons {
		same := func(o finding.Reason) bool {
			return o.Code == r.Code && o.Resource == r.Resource && o.Status == r.Status
		}
		if r.Status != finding.Pass && !slices.ContainsFunc(other.Reasons, same) {
			return r.Message
		}
	}
	return ""
}
