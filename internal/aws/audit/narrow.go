package audit

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// acceptable reports whether a coverage that is not full loses only what a team
// may exclude on purpose (docs/judging.md, section 3): records of named identities,
// addresses or AWS's own services.
func acceptable(cov cloudtrail.ProbeCoverage, account string) bool {
	if cov.Verdict == cover.Covered {
		return true
	}
	if len(cov.Doubtful) > 0 {
		return true // it is lost only if CloudTrail writes what it hardly ever does
	}
	if cov.Verdict != cover.Conditional || cov.MoreLost {
		return false // of what is lost beyond the list nothing is known
	}
	for _, c := range cov.Lost {
		if !named(c, account) {
			return false
		}
	}
	return len(cov.Lost) > 0
}

// named reports whether a lost case concerns one named identity, address or AWS
// service only.
func named(c cover.Case, account string) bool {
	for _, f := range c.Facts {
		switch f.Kind {
		case cover.FactEquals:
			if excludable(f.Path) && !(strings.HasSuffix(f.Path, ".accountId") && f.Value == account) {
				return true
			}
			if f.Path == "userIdentity.type" && f.Value == "AWSService" {
				return true
			}
		case cover.FactLike:
			if namedLike(f.Path, f.Value, account) {
				return true
			}
		case cover.FactMissing:
			// "!=" is false of a field that is absent. Where the field is hardly
			// ever absent that is no loss beyond the named one.
			if f.Path == "userIdentity.arn" || f.Path == "userIdentity.principalId" || f.Path == "userIdentity.accountId" {
				return true
			}
		}
	}
	return false
}

// excludable reports whether a text at path names one identity, account,
// service or address. A class of identities, like sessionIssuer.type, is none.
func excludable(path string) bool {
	switch path {
	case "userIdentity.arn", "userIdentity.principalId", "userIdentity.accountId", "userIdentity.userName",
		"userIdentity.invokedBy", "sourceIPAddress",
		"userIdentity.sessionContext.sessionIssuer.arn", "userIdentity.sessionContext.sessionIssuer.principalId",
		"userIdentity.sessionContext.sessionIssuer.accountId", "userIdentity.sessionContext.sessionIssuer.userName":
		return true
	}
	return false
}

// namedLike accepts the two forms that name one role, its sessions' ARN
// ".../assumed-role/NAME/*" and their principal id "ROLEID:*", and the ARNs of another
// account, "arn:aws:sts::ACCOUNT:*".
func namedLike(path, value, account string) bool {
	body, ok := strings.CutSuffix(value, "*")
	if !ok || body == "" || strings.Contains(body, "*") {
		return false
	}
	switch path {
	case "userIdentity.arn":
		if foreign.MatchString(body) {
			return !strings.HasSuffix(body, ":"+account+":")
		}
		_, role, found := strings.Cut(body, ":assumed-role/")
		name, rest, slash := strings.Cut(role, "/")
		return found && slash && name != "" && rest == "" && strings.HasPrefix(body, "arn:")
	case "userIdentity.principalId":
		id, rest, colon := strings.Cut(body, ":")
		return colon && id != "" && rest == ""
	}
	return false
}

// foreign matches how the ARNs of an account's identities begin.
var foreign = regexp.MustCompile(`^arn:[a-z-]+:(iam|sts)::[0-9]{12}:$`)

// narrowings turns lost cases into entries of a finding.
func narrowings(cases []cover.Case, filter string) []finding.Narrowing {
	var out []finding.Narrowing
	for _, c := range cases {
		out = append(out, finding.Narrowing{By: narrowedBy(c), Text: textOf(c), Example: string(c.Example), Filter: filter})
	}
	return out
}

// The length in bytes of a case, and of a fact in a longer one, beyond which they are
// cut. A cell of a table, or a line of a log, is to be read.
const (
	longCase = 600
	longFact = 200
)

// textOf returns a case in words. Of a long one it is what can be read, and a mark
// that tells it from others that begin alike.
func textOf(c cover.Case) string {
	texts := make([]string, len(c.Facts))
	for i, f := range c.Facts {
		texts[i] = f.Text
	}
	whole := strings.Join(texts, " and ")
	if len(whole) <= longCase {
		return whole
	}
	text := cut(texts[0], longFact)
	for i, fact := range texts[1:] {
		fact = cut(fact, longFact)
		if len(text)+len(fact) > longCase {
			text += fmt.Sprintf(" and %d more conditions", len(texts)-1-i)
			break
		}
		text += " and " + fact
	}
	sum := sha256.Sum256([]byte(whole))
	return fmt.Sprintf("%s (#%x)", text, sum[:4])
}

// cut shortens a text to a number of bytes, at a blank if there is one near.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	if blank := strings.LastIndexByte(text[:end], ' '); blank > end/2 {
		end = blank
	}
	return text[:end] + "…"
}

// narrowedBy classes a lost case by the field that says most about it.
func narrowedBy(c cover.Case) string {
	best := "other"
	for _, f := range c.Facts {
		if k := fieldClass(f.Path); classRank(k) < classRank(best) {
			best = k
		}
	}
	return best
}

var classes = []string{"mfa", "identity", "address", "outcome", "readOnly", "schema", "other"}

func classRank(k string) int {
	for i, c := range classes {
		if c == k {
			return i
		}
	}
	return len(classes)
}

func fieldClass(path string) string {
	switch {
	case path == "additionalEventData.MFAUsed" || strings.HasSuffix(path, ".mfaAuthenticated"):
		return "mfa"
	case path == "userIdentity" || strings.HasPrefix(path, "userIdentity."):
		return "identity"
	case path == "sourceIPAddress" || path == "vpcEndpointId":
		return "address"
	case path == "errorCode" || path == "errorMessage" || strings.HasPrefix(path, "responseElements.ConsoleLogin"):
		return "outcome"
	case path == "readOnly":
		return "readOnly"
	case path == "eventVersion" || path == "eventType" || path == "eventCategory" || path == "managementEvent" || path == "apiVersion":
		return "schema"
	}
	return "other"
}
