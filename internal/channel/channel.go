package channel

import (
	"fmt"
	"strings"
)

// A Form is how a channel is written: the word in front of the colon.
type Form string

// The forms.
const (
	Email      Form = "email"
	SMS        Form = "sms"
	HTTP       Form = "http"
	HTTPS      Form = "https"
	SQS        Form = "sqs"
	Lambda     Form = "lambda"
	Slack      Form = "slack"
	MSTeams    Form = "teams"
	PagerDuty  Form = "pagerduty"
	ServiceNow Form = "servicenow"
	Zendesk    Form = "zendesk"
	Webhook    Form = "webhook"
)

// A Channel is someone or something to notify.
type Channel struct {
	Form Form

	// Address is what stands behind the colon: an e-mail address, a phone number, an ARN,
	// WORKSPACE/CHANNEL, a key. For http and https it is the whole URL. A reference to a
	// secret (env:NAME, file:PATH) stays one.
	Address string
}

// A RefusedError says that a channel cannot work, and which one does.
type RefusedError struct{ Msg, Way string }

func (e *RefusedError) Error() string { return e.Msg }

// Hint says what works instead.
func (e *RefusedError) Hint() string { return e.Way }

// Parse reads a channel. The error does not repeat what may be a secret; it is a
// *RefusedError where another form would work.
func Parse(text string) (Channel, error) {
	word, address, ok := strings.Cut(text, ":")
	if !ok || address == "" {
		return Channel{}, fmt.Errorf("a subscriber has no protocol: write one of %s", strings.Join(examples(), ", "))
	}
	row := rowOf(Form(word))
	if row == nil { // what stands behind the colon may be a token
		return Channel{}, fmt.Errorf("subscriber of protocol %.20q: it is not one of %s", word, strings.Join(Words(), ", "))
	}
	c := Channel{row.Form, address}
	if c.Form == HTTP || c.Form == HTTPS {
		c.Address = text
	}
	if row.secret && isReference(address) {
		return c, checkReference(c.Form, address)
	}
	return c, row.check(c)
}

// IsReference reports whether the address refers to a secret: env:NAME or file:PATH.
func (c Channel) IsReference() bool {
	row := rowOf(c.Form)
	return row != nil && row.secret && isReference(c.Address)
}

// String returns the channel with its secret masked.
func (c Channel) String() string {
	if c.Form == HTTP || c.Form == HTTPS {
		return c.Masked()
	}
	return string(c.Form) + ":" + c.Masked()
}

// Masked returns the address with just enough left to be recognised by its owner.
func (c Channel) Masked() string {
	row := rowOf(c.Form)
	if row == nil {
		return "***"
	}
	if row.secret && isReference(c.Address) {
		return c.Address
	}
	return row.mask(c.Address)
}
