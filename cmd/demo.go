package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/channel"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// The account of the demo.
const (
	demoAccount    = "111122223333"
	demoAlias      = "acme"
	demoRegion     = "eu-central-1"
	demoSubscriber = "security@example.com"
)

// demoStart is the demo's virtual time: the same story every day.
var demoStart = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// newDemo builds "monitorctl demo".
func newDemo(e *env) *cobra.Command {
	var noColor bool
	var cloud string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Audit, repair and audit again an embedded account, then see who is alerted",
		Long: `demo starts an AWS account inside this process: no network, no credentials. One link
of each core control's chain is broken in it. The demo audits the account, plans
and applies the repair, lets the subscriber confirm, audits again, and then deletes
a security group there to see who is alerted, when and in which words: by the alarm in
minutes, and by a rule of EventBridge in seconds, which says who did it.

With --cloud azure it is an Azure subscription that follows the benchmark word for
word, and still misses a new rule in a network security group.

The commands are the real ones, and so are their calls: the SDK's clients over HTTP.
It exits with 0 only if someone was alerted.`,
		Example: "  monitorctl demo\n  monitorctl demo --cloud azure",
		Args:    noArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, _ []string) error {
			switch cloud {
			case "aws":
			case "azure":
				d, err := newAzureDemo(e, noColor)
				if err != nil {
					return err
				}
				err = d.run(c.Context())
				tryNext(e.Out, err, azureNext)
				return err
			default:
				return exit.Usage(fmt.Errorf("--cloud %q: expected aws or azure", cloud))
			}
			d, err := newDemoRun(e, noColor)
			if err != nil {
				return err
			}
			defer d.stop()
			err = d.run(c.Context())
			tryNext(e.Out, err, awsNext)
			return err
		},
	}
	c.Flags().StringVar(&cloud, "cloud", "aws", "cloud of the demo account: aws, azure")
	complete(c, "cloud", func() []string { return []string{"aws", "azure"} })
	c.Flags().BoolVar(&noColor, "no-color", false, "no color, even on a terminal (also NO_COLOR)")
	return c
}

// What to try on an account of one's own.
const (
	awsNext = `  monitorctl audit                             your account: reads, and writes nothing
  monitorctl permissions audit                 the policy that this needs
  monitorctl explain security-group-changes    one control, link by link
  monitorctl plan --subscribe email:YOU        what would repair it; apply does it
  monitorctl demo --cloud azure                the same story on Azure
`
	azureNext = `  monitorctl audit --subscription NAME         your subscription: reads, and writes nothing
  monitorctl permissions audit --subscription ID   the role that this needs
  monitorctl explain nsg-changes --subscription NAME   one control, link by link
  monitorctl plan --subscription NAME --resource-group GROUP --subscribe email:YOU
`
)

// tryNext ends a demo that was seen to its end.
func tryNext(w io.Writer, err error, commands string) {
	if err == nil {
		fmt.Fprintf(w, "\n== What to try next\n\n%s", commands)
	}
}

// A demoRun is one demo: an account that behaves, and a command line for it.
type demoRun struct {
	out     io.Writer
	env     *env
	cloud   *awstest.Cloud
	region  *awstest.Region
	stop    func()
	noColor bool

	// sabotage, in tests, breaks a link after the repair.
	sabotage func(*awstest.Cloud, *awstest.Region) error
}

// newDemoRun starts the account and breaks one link per control.
func newDemoRun(e *env, noColor bool) (*demoRun, error) {
	cloud := awstest.New(awstest.Options{Start: demoStart})
	acct := cloud.Account(demoAccount, awstest.AccountOptions{Alias: demoAlias, Regions: []string{demoRegion, "eu-west-1", "us-east-1"}})
	region := acct.Region(demoRegion)
	if err := seedDemo(region); err != nil {
		return nil, fmt.Errorf("preparing the demo account: %w", err)
	}
	url, stop, err := cloud.Server()
	if err != nil {
		return nil, fmt.Errorf("starting the demo account: %w", err)
	}
	inner := newEnv(e.Console)
	inner.run.Now = cloud.Now
	inner.run.Embedded = &run.Embedded{URL: url}
	inner.run.Embedded.KeyID, inner.run.Embedded.Secret = acct.Credentials()
	return &demoRun{out: e.Out, env: inner, cloud: cloud, region: region, stop: stop, noColor: noColor}, nil
}

// run tells the story.
func (d *demoRun) run(ctx context.Context) error {
	d.say("An AWS account inside this process. One link of each chain is broken.")
	if err := d.command(ctx, exit.ControlsFailed, "audit"); err != nil {
		return err
	}
	d.say("What would repair it?")
	if err := d.command(ctx, exit.Done, "plan", "--brief", "--subscribe", "email:"+demoSubscriber); err != nil {
		return err
	}
	d.say("The repair adds what is missing and does not touch what already exists.")
	if err := d.command(ctx, exit.ControlsFailed, "apply", "--subscribe", "email:"+demoSubscriber, "--yes", "--quiet"); err != nil {
		return err
	}
	d.say("An e-mail subscriber must confirm first: " + demoSubscriber + " does so.")
	if err := d.cloud.ConfirmEmail(demoSubscriber); err != nil {
		return fmt.Errorf("confirming the subscription of %s: %w", demoSubscriber, err)
	}
	if d.sabotage != nil {
		if err := d.sabotage(d.cloud, d.region); err != nil {
			return err
		}
	}
	auditErr := d.command(ctx, exit.Done, "audit")
	told, err := d.deleteSecurityGroup()
	if err != nil || told != nil {
		return errors.Join(auditErr, told, err)
	}
	return errors.Join(auditErr, d.inSeconds())
}

// command runs a command line of monitorctl against the embedded account and
// demands an exit code.
func (d *demoRun) command(ctx context.Context, want int, args ...string) error {
	fmt.Fprintf(d.out, "\n$ monitorctl %s\n\n", strings.Join(args, " "))
	if d.noColor {
		args = append(args, "--no-color")
	}
	root := newRoot(d.env)
	root.SetArgs(args)
	root.SetOut(d.out)
	root.SetErr(d.env.Err)
	err := root.ExecuteContext(ctx)
	d.env.ClearProgress()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	code := exit.Code(err)
	if err != nil && err.Error() != "" {
		fmt.Fprintf(d.out, "monitorctl: %s\n", report.Sanitize(err.Error()))
	}
	fmt.Fprintf(d.out, "\n(exit code %d)\n", code)
	if code != want {
		return fmt.Errorf("demo: 'monitorctl %s' exited with %d, not with %d", args[0], code, want)
	}
	return nil
}

// deleteSecurityGroup makes the dangerous change and reports who was told. The
// error says that nobody was.
func (d *demoRun) deleteSecurityGroup() (told, err error) {
	d.say("Now someone deletes a security group.")
	before := len(d.cloud.Inbox(demoSubscriber))
	at := d.cloud.Now()
	if _, err := d.cloud.Emit(demoAccount, demoRegion, deletion(at)); err != nil {
		return nil, fmt.Errorf("deleting a security group: %w", err)
	}
	d.cloud.Advance(30 * time.Minute)
	mail := d.cloud.Inbox(demoSubscriber)[before:]
	if len(mail) == 0 {
		fmt.Fprintf(d.out, "\nNobody was alerted within 30 minutes. What happened to the event:\n")
		for _, s := range d.cloud.Story() {
			if !s.Time.Before(at) {
				fmt.Fprintf(d.out, "  %s\n", report.Sanitize(s.String()))
			}
		}
		return errors.New("demo: nobody was alerted to the deleted security group"), nil
	}
	m := mail[0]
	fmt.Fprintf(d.out, "\n%s was alerted at %s, %s after the change:\n\n", demoSubscriber, m.Time.Format("15:04"), m.Time.Sub(at).Round(time.Minute))
	fmt.Fprintf(d.out, "    Subject: %s\n\n", report.Sanitize(m.Subject))
	d.show(m.Body)
	return nil, nil
}

// inSeconds makes the same change again, with a rule on the event bus beside the alarm.
func (d *demoRun) inSeconds() error {
	d.say("Who was it? An alarm knows only a number. An EventBridge rule knows the event. The same change again:")
	if err := seedRule(d.region); err != nil {
		return fmt.Errorf("preparing the rule of the demo: %w", err)
	}
	if err := d.cloud.ConfirmEmail(demoSubscriber); err != nil {
		return fmt.Errorf("confirming the subscription of %s: %w", demoSubscriber, err)
	}
	before := len(d.cloud.Inbox(demoSubscriber))
	at := d.cloud.Now()
	if _, err := d.cloud.Emit(demoAccount, demoRegion, deletion(at)); err != nil {
		return fmt.Errorf("deleting a security group: %w", err)
	}
	d.cloud.Advance(time.Minute)
	mail := d.cloud.Inbox(demoSubscriber)[before:]
	if len(mail) == 0 || mail[0].Rule == "" {
		return errors.New("demo: the rule alerted nobody to the deleted security group")
	}
	m := mail[0]
	fmt.Fprintf(d.out, "\n%s was alerted at %s, %s after the change:\n\n", demoSubscriber, m.Time.Format("15:04:05"), m.Time.Sub(at))
	d.show(m.Body)
	return d.otherForms(deletion(at))
}

// otherForms shows what others would read of the event that mail has told of.
func (d *demoRun) otherForms(record []byte) error {
	events, err := eventpattern.Envelopes(record)
	if err != nil {
		return fmt.Errorf("making an event of the deletion: %w", err)
	}
	d.say("For people who do not read mail, the same event comes in other forms ('monitorctl channels').")
	about := message.About{Control: "security-group-changes", Title: "Security group changes", Severity: "high", Partition: "aws"}
	for _, f := range []struct {
		form channel.Form
		who  string
	}{{channel.SMS, "A phone"}, {channel.Slack, "A channel of Slack or Teams"}, {channel.PagerDuty, "PagerDuty"}} {
		fmt.Fprintf(d.out, "\n%s:\n\n", f.who)
		d.show(message.Sent(f.form, about, events[0]))
	}
	return nil
}

// show prints a message.
func (d *demoRun) show(body string) {
	for line := range strings.Lines(body) {
		fmt.Fprintf(d.out, "    %s\n", report.Sanitize(strings.TrimRight(line, " \r\n")))
	}
}

// deletion is the CloudTrail record of the change.
func deletion(at time.Time) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEADMIN00001:alice","arn":"arn:aws:sts::%[1]s:assumed-role/admin/alice","accountId":"%[1]s","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEADMIN00001","arn":"arn:aws:iam::%[1]s:role/admin","accountId":"%[1]s","userName":"admin"},"attributes":{"creationDate":"%[2]s","mfaAuthenticated":"false"}}},"eventTime":"%[2]s","eventSource":"ec2.amazonaws.com","eventName":"DeleteSecurityGroup","awsRegion":"%[3]s","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2","requestParameters":{"groupId":"sg-0123456789abcdef0"},"responseElements":{"_return":true},"requestID":"0a1b2c3d-0000-4000-8000-000000000001","eventID":"0a1b2c3d-0000-4000-8000-000000000002","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"%[1]s","eventCategory":"Management"}`,
		demoAccount, at.UTC().Format(time.RFC3339), demoRegion)
}

// say writes a line of narration.
func (d *demoRun) say(text string) {
	fmt.Fprintf(d.out, "\n== %s\n", text)
}
