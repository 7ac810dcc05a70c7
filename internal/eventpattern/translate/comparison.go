package translate

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

// stringFields are the fields of a CloudTrail record that are plain strings or
// absent, by the page "CloudTrail record contents".
var stringFields = []string{
	"awsRegion", "errorCode", "errorMessage", "eventCategory", "eventID", "eventName", "eventSource", "eventTime", "eventType",
	"eventVersion", "recipientAccountId", "requestID", "sharedEventID", "sourceIPAddress", "userAgent", "vpcEndpointId",
	"userIdentity.accessKeyId", "userIdentity.accountId", "userIdentity.arn", "userIdentity.invokedBy",
	"userIdentity.principalId", "userIdentity.type", "userIdentity.userName",
	"userIdentity.sessionContext.attributes.mfaAuthenticated", "userIdentity.sessionContext.attributes.creationDate",
	"userIdentity.sessionContext.sessionIssuer.arn", "userIdentity.sessionContext.sessionIssuer.type",
	"userIdentity.sessionContext.sessionIssuer.userName", "additionalEventData.MFAUsed", "responseElements.ConsoleLogin",
}

// comparison translates one condition.
func (t *translator) comparison(c *pattern.Comparison) test {
	switch {
	case c.Names == nil || slices.ContainsFunc(c.Names, func(name string) bool { return name == "" || strings.Contains(name, ".") }):
		t.lose(true, "%s: an event pattern has no index, no wildcard and no dot in a path", c.Path)
		return test{}
	case c.Regex:
		t.lose(true, "%s: event patterns have no regular expressions", c.Path)
		return test{}
	}
	known := slices.Contains(stringFields, c.Path)
	if !known && c.Path != "readOnly" && c.Path != "managementEvent" {
		t.lose(false, "%s: where it is an array or lies in one, the event pattern looks at the members, and the filter pattern does not", c.Path)
	}
	switch c.Operator {
	case "IS NULL":
		return test{values: []string{"null"}}
	case "IS TRUE":
		return test{values: []string{"true"}}
	case "IS FALSE":
		return test{values: []string{"false"}}
	case "NOT EXISTS":
		if !known {
			t.lose(false, "%s: where it is an object, the event pattern takes it for missing", c.Path)
		}
		return test{values: []string{`{"exists":false}`}}
	case "=":
		return t.equal(c, known)
	case "!=":
		return t.notEqual(c, known)
	default:
		return test{values: []string{`{"numeric":["` + c.Operator + `",` + c.Text + `]}`}}
	}
}

// equal translates = with a text or a number.
func (t *translator) equal(c *pattern.Comparison, known bool) test {
	if c.Number {
		return test{values: []string{c.Text, `{"exactly":` + quote(c.Text) + `}`}}
	}
	if !known {
		t.lose(false, "%s: where it is a number, the filter pattern compares its digits, and the event pattern does not", c.Path)
	}
	op, inner := t.affix(c)
	switch {
	case op != "":
		return test{values: []string{affixValue(op, inner)}}
	case isAddress(inner):
		return test{values: []string{`{"exactly":` + quote(inner) + `}`}}
	default:
		return test{values: []string{quote(inner)}, plain: true}
	}
}

// notEqual translates !=, which a field that is absent does not satisfy in
// either language.
func (t *translator) notEqual(c *pattern.Comparison, known bool) test {
	if !known || c.Number {
		t.lose(false, "%s: where it is null, true, false or a number, anything-but holds, and != need not", c.Path)
	}
	op, inner := t.affix(c)
	switch {
	case op == "prefix" && inner == "":
		t.lose(true, "%s: an event pattern cannot ask for anything but text", c.Path)
		return test{}
	case op != "":
		return test{values: []string{`{"anything-but":` + affixValue(op, inner) + `}`}}
	default:
		return test{not: []string{inner}}
	}
}

// affix returns the operator for the asterisks at the ends of a text, and the
// text without them.
func (t *translator) affix(c *pattern.Comparison) (op, inner string) {
	inner, open := strings.CutPrefix(c.Text, "*")
	inner, openEnd := strings.CutSuffix(inner, "*")
	switch {
	case strings.Contains(inner, "*"):
		t.lose(true, "%s: what an asterisk in the middle of a filter pattern's text means is uncertain", c.Path)
		return "", inner
	case c.Text == "*" || inner == "" && open && openEnd:
		return "prefix", ""
	case open && openEnd:
		return "wildcard", inner
	case open:
		return "suffix", inner
	case openEnd:
		return "prefix", inner
	default:
		return "", inner
	}
}

// affixValue prints an operator with its text.
func affixValue(op, inner string) string {
	if op == "wildcard" {
		inner = "*" + strings.ReplaceAll(inner, `\`, `\\`) + "*"
	}
	return `{"` + op + `":` + quote(inner) + `}`
}

// isAddress reports whether a plain string might equal other spellings of it.
func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil || strings.Trim(text, "0123456789abcdefABCDEF.:") == "" && strings.ContainsAny(text, ".:")
}
