package channel

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Row is what there is to know of a form.
type Row struct {
	Form    Form
	Example string // how it is written
	Metric  string // what it becomes where alarms notify; "" where it cannot be used
	Rule    string // what it becomes where EventBridge rules notify
	Do      string // what a person must still do; "" for nothing

	secret bool // the address may be a secret, and given by reference
	check  func(Channel) error
	mask   func(string) string
}

// What a channel becomes.
const (
	subscription = "SNS subscription"
	chatConfig   = "Amazon Q Developer configuration on the topic"
	chatTopic    = "Amazon Q Developer configuration on a topic for custom notifications"
	destination  = "API destination behind the rule"
	stateRule    = "API destination behind a rule on the alarm's state, which tells that it rang and not who did what"
)

var table = []Row{
	{Email, "email:ADDRESS", subscription, subscription, "confirm by the link in the mail, within two days", false, checkEmail, maskEmail},
	{SMS, "sms:+NUMBER", subscription, subscription, "leave the SMS sandbox of the account, or verify the number in it", false, checkSMS, maskPhone},
	{HTTPS, "https://URL", subscription, subscription, "the receiver must confirm by itself, as PagerDuty and Opsgenie do", false, checkURL, maskURL},
	{HTTP, "http://URL", subscription, subscription, "the receiver must confirm by itself; messages travel in the clear", false, checkURL, maskURL},
	{SQS, "sqs:ARN", subscription, subscription, "let sns.amazonaws.com send to the queue", false, checkARN, whole},
	{Lambda, "lambda:ARN", subscription, subscription, "let sns.amazonaws.com invoke the function, and declare who it reaches (subscribers: in the configuration)", false, checkARN, whole},
	{Slack, "slack:WORKSPACE/CHANNEL", chatConfig, chatTopic, "authorize the workspace in the console of Amazon Q Developer, which has no API for it, and invite the app to a private channel", false, checkSlack, whole},
	{MSTeams, "teams:TEAM/CHANNEL/TENANT", chatConfig, chatTopic, "authorize the tenant in the console of Amazon Q Developer, which has no API for it, and add the app to the team", false, checkTeams, whole},
	{PagerDuty, "pagerduty:KEY", "SNS subscription of /integration/KEY/enqueue", "API destination of the Events API v2", "the key must be of an integration with Amazon CloudWatch (alarms), or with the Events API v2 (rules)", true, checkPagerDuty, allMasked},
	{ServiceNow, "servicenow:https://INSTANCE.service-now.com", stateRule, destination, "make a user that may create incidents; give it as env:NAME or file:PATH that holds https://USER:PASSWORD@INSTANCE.service-now.com", true, checkServiceNow, maskURL},
	{Zendesk, "zendesk:SUBDOMAIN", stateRule, destination, "make an API token of an agent; give it as env:NAME or file:PATH that holds MAIL/token:TOKEN@SUBDOMAIN", true, checkZendesk, maskZendesk},
	{Webhook, "webhook:URL", stateRule, destination, "", true, checkWebhook, maskURL},
}

// Table returns what there is to know of all forms.
func Table() []Row { return slices.Clone(table) }

func rowOf(f Form) *Row {
	for i := range table {
		if table[i].Form == f {
			return &table[i]
		}
	}
	return nil
}

// RowOf returns what there is to know of a form.
func RowOf(f Form) (Row, bool) {
	row := rowOf(f)
	if row == nil {
		return Row{}, false
	}
	return *row, true
}

// Words returns the words of the forms, in the order of the table.
func Words() []string {
	var list []string
	for _, row := range table {
		list = append(list, string(row.Form))
	}
	return list
}

func examples() []string {
	var list []string
	for _, row := range table {
		list = append(list, row.Example)
	}
	return list
}

func checkEmail(c Channel) error {
	a, err := mail.ParseAddress(c.Address)
	switch {
	case err != nil && !strings.Contains(c.Address, "@"): // it may be anything, a token too
		return errors.New("a subscriber of protocol email has no e-mail address")
	case err != nil || a.Address != c.Address || strings.HasPrefix(c.Address, "-"):
		return fmt.Errorf("subscriber %q: %q is not an e-mail address", "email:"+c.Address, c.Address)
	}
	return nil
}

// phone is a number in E.164 form, as SNS demands for sms.
var phone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func checkSMS(c Channel) error {
	if !phone.MatchString(c.Address) {
		return fmt.Errorf("subscriber sms:%s is not a phone number such as +4915112345678", maskPhone(c.Address))
	}
	return nil
}

// checkURL checks an endpoint that must confirm a subscription of SNS.
func checkURL(c Channel) error {
	u, err := plainURL(c.Form, c.Address)
	if err != nil {
		return err
	}
	if chat := ChatOf(u.Hostname()); chat != NoChat {
		return &RefusedError{
			"the subscriber at " + u.Hostname() + " is a webhook of " + string(chat) + ", which cannot confirm an SNS subscription",
			"connect the topic to the chat with Amazon Q Developer in chat applications, subscribe the channel's e-mail address or a Lambda function that posts to the webhook (lambda:ARN), " +
				"or have a rule call the webhook through an API destination (webhook:URL)",
		}
	}
	return nil
}

func plainURL(form Form, address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return nil, fmt.Errorf("subscriber %s:... is not a URL with a host and without user and password", form)
	}
	return u, nil
}

func checkARN(c Channel) error {
	arn, ok := account.ParseARN(c.Address)
	switch {
	case !ok:
		return fmt.Errorf("a subscriber of protocol %s has no ARN", c.Form)
	case arn.Service != string(c.Form):
		return fmt.Errorf("subscriber %q: %q is not the ARN of an %s resource", string(c.Form)+":"+c.Address, c.Address, c.Form)
	}
	return nil
}

var (
	slackForm   = regexp.MustCompile(`^[TE][0-9A-Z]{2,}/[CGD][0-9A-Z]{2,}$`)
	guid        = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	teamsRoom   = regexp.MustCompile(`^19(:|%3[aA])[A-Za-z0-9_=+.-]+(@|%40)thread\.[a-z0-9]+$`)
	pagerKey    = regexp.MustCompile(`^[A-Za-z0-9]{32}$`)
	subdomain   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	serviceHost = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(service-now\.com|servicenowservices\.com)$`)
)

func checkSlack(c Channel) error {
	if !slackForm.MatchString(c.Address) {
		return errors.New("a subscriber of protocol slack is WORKSPACE/CHANNEL, by their ids, as in slack:T07EA123LEP/C07EZ1ABC23: the ids stand in the channel's link")
	}
	return nil
}

func checkTeams(c Channel) error {
	parts := strings.Split(c.Address, "/")
	if len(parts) != 3 || !guid.MatchString(parts[0]) || !teamsRoom.MatchString(parts[1]) || !guid.MatchString(parts[2]) {
		return errors.New("a subscriber of protocol teams is TEAM/CHANNEL/TENANT: the team's and the tenant's GUID, and between them the channel's id, 19:...@thread.tacv2, as they stand in the channel's link")
	}
	return nil
}

func checkPagerDuty(c Channel) error {
	if !pagerKey.MatchString(c.Address) {
		return errors.New("a subscriber of protocol pagerduty is the key of an integration: 32 letters and digits, or env:NAME or file:PATH that hold it")
	}
	return nil
}

func checkServiceNow(c Channel) error {
	u, err := plainURL(c.Form, c.Address)
	if err != nil {
		return err
	}
	if u.Scheme != "https" || !serviceHost.MatchString(strings.ToLower(u.Hostname())) {
		return errors.New("a subscriber of protocol servicenow is the URL of an instance, as in servicenow:https://INSTANCE.service-now.com")
	}
	return nil
}

func checkZendesk(c Channel) error {
	if !subdomain.MatchString(c.Address) {
		return errors.New("a subscriber of protocol zendesk is the subdomain of an account: zendesk:acme for https://acme.zendesk.com")
	}
	return nil
}

func checkWebhook(c Channel) error {
	u, err := plainURL(c.Form, c.Address)
	if err != nil {
		return err
	}
	if u.Scheme != "https" {
		return errors.New("a subscriber of protocol webhook is not an https URL, which API destinations demand")
	}
	return nil
}

func whole(address string) string { return address }

func allMasked(string) string { return "***" }

// maskZendesk shows the subdomain.
func maskZendesk(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func maskEmail(address string) string { return account.MaskEndpoint("email", address) }

func maskPhone(address string) string { return account.MaskEndpoint("sms", address) }

func maskURL(address string) string {
	protocol, _, _ := strings.Cut(address, ":")
	return account.MaskEndpoint(protocol, address)
}
