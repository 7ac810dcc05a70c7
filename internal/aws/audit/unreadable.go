package audit

import (
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// CodeAccountUnreadable is the code of findings on an account that nobody could look into.
const CodeAccountUnreadable finding.Code = "account-unreadable"

// NoRole is the code of a failure to enter an account for which no role was given.
const NoRole = "NoRole"

// whyUnreadable says why nobody could look into an account.
func whyUnreadable(failed account.Failure) string {
	if failed.Code == NoRole || failed.Code == finding.CallNotAsked {
		return failed.Message
	}
	return fmt.Sprintf("%s: %s", failed.Operation, failed.Cause())
}

// Unreadable returns the findings on an account that could not be read at all: unknown, but
// for controls that do not concern it.
func Unreadable(a *account.Account, controls []catalog.Control, o Options, failed account.Failure) (Result, error) {
	j := newJudge(a, NewWorld(nil, nil), o)
	aside := finding.Policy{Waivers: o.Waivers, Accepts: o.Accepts, Strict: o.Strict}
	result := Result{Account: finding.AccountRef{ID: a.ID}}
	for _, c := range controls {
		cj, err := newControlJudge(context.Background(), j, c, o.Benchmark)
		if err != nil {
			return Result{}, err
		}
		number, _ := c.Number(o.Benchmark)
		f := finding.Finding{
			ID: finding.HashID(a.ID, c.ID), Control: c.ID, Title: c.Title, Severity: c.Severity, Number: number, Account: a.ID,
			Status: finding.Unknown, Mapped: c.Mappings[o.Framework.ID],
		}
		reason := finding.Reason{Code: CodeAccountUnreadable, Status: finding.Unknown, Link: finding.LinkTrail, Call: callOf(&failed),
			Message: "the account could not be read: " + whyUnreadable(failed)}
		if why := cj.notApplicable(); why != "" && len(cj.probes) > 0 {
			f.Status = finding.NotApplicable
			reason = finding.Reason{Code: CodeNotInScope, Status: finding.Pass, Link: finding.LinkTrail, Message: why}
		}
		f.Reasons = []finding.Reason{reason}
		f.Remediation = remediation(&f)
		result.Findings = append(result.Findings, setAside(aside, f, o.Now))
	}
	return result, nil
}
