package cmd

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// drillFlags are the flags of drill.
type drillFlags struct {
	scopeFlags
	out outputFlags

	notify, ack, yes       bool
	wait                   time.Duration
	pattern, file, receipt string

	actionGroup, prefix, resourceGroup string // of Azure
	real                               bool   // of Azure
}

// drillFormats are the formats of drill, the default first.
var drillFormats = []string{"table", "json", "markdown"}

// newDrill builds "monitorctl drill".
func newDrill(e *env) *cobra.Command {
	var f drillFlags
	c := &cobra.Command{
		Use:   "drill [CONTROL...]",
		Short: "Prove parts of a chain on the cloud itself, and that a message arrives",
		Long: `drill proves on AWS what an audit only reads. Without --notify it changes nothing and
sends nothing: it has CloudWatch Logs match every filter of the controls against a record
of each event that must match, and against everyday events that must not, and compares
the answer with monitorctl's own. --file adds records of your own, and
--pattern tries another pattern on them.

With --notify it rings the alarms that the audit calls good: it puts each into ALARM for
a moment, with a reason that says DRILL, who asked for it, and a code. It asks first, and
the answer must be the word drill: people get these messages. It leaves out alarms that would
do more than send messages, that are already in ALARM, or that are silenced. Then it checks
what became of each message. With --ack it asks for the codes: whoever types one has
read the message ('monitorctl drill ack' takes them later, for a receipt).

With --subscription it has Azure send its test message, the sample of an Activity Log
alert, to every receiver of the action group that apply created, or of another one
(--action-group), and shows what Azure says of each; that needs --notify, too. Azure
takes 2 e-mails, 1 text message and 1 call a minute: more receivers take more minutes.
With --real it makes a harmless real change instead: it creates an empty network
security group and deletes it at once, and waits up to 25 minutes for you to
say whether the message has arrived. That tests the whole chain, from the Activity Log on.

It exits with 0 when the cloud agrees and, with --notify, every message was delivered
(with --ack: acknowledged), 3 when one was not, 1 when it could not finish, or AWS and
monitorctl disagree. docs/drill.md says what a drill does not prove.`,
		Example: `  monitorctl drill --set cis
  monitorctl drill security-group-changes --notify --ack --receipt drill.json
  monitorctl drill --pattern '{ $.eventName = DeleteTrail }' --file events.jsonl
  monitorctl drill --subscription acme-prod --notify --yes -o json
  monitorctl drill --subscription acme-prod --real`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(e, args); err != nil {
				return err
			}
			if f.receipt != "" {
				f.out.outputs = append(f.out.outputs, "json="+f.receipt)
			}
			sinks, err := f.out.sinks(drillFormats)
			if err != nil {
				return err
			}
			if len(f.source.Subscriptions) > 0 && !c.Flags().Changed("set") {
				f.set = catalog.SetAll
			}
			q, err := f.request(e, c, args, &f.out)
			if err != nil {
				return err
			}
			if q.Selection.Cloud == catalog.Azure {
				if f.real {
					return e.realDrill(c, &f, q, sinks)
				}
				return e.drillAzure(c, &f, q, sinks)
			}
			return e.drillAWS(c, &f, q, args, sinks)
		},
	}
	f.add(c)
	c.AddCommand(newDrillAck(e))
	return c
}

// add adds the flags.
func (f *drillFlags) add(c *cobra.Command) {
	f.addAccount(c)
	f.addControls(c)
	f.addSubscription(c)
	f.addConfig(c)
	f.addRegions(c, probedRegions)
	f.out.add(c, drillFormats)
	fl := c.Flags()
	fl.BoolVar(&f.notify, "notify", false, "ring the alarms: people get a message that says DRILL")
	fl.BoolVar(&f.ack, "ack", false, "ask for the codes of the messages")
	fl.DurationVar(&f.wait, "wait", 0, "how long to wait for SNS's delivery counts, such as 10m; 0 does not ask for them")
	fl.StringVar(&f.receipt, "receipt", "", "write the receipt to this file, as JSON")
	fl.StringVar(&f.pattern, "pattern", "", "try only this filter pattern, and only on the records of --file")
	fl.StringVar(&f.file, "file", "", "log file with more records to try the filters on; - is standard input")
	fl.BoolVarP(&f.yes, "yes", "y", false, "send the messages, or make the change, without asking")
	fl.StringVar(&f.actionGroup, "action-group", "", "id of the action group of Azure to test (default: the one that apply created)")
	fl.StringVar(&f.resourceGroup, "resource-group", "", "resource group of the action group that apply created (default: any)")
	fl.BoolVar(&f.real, "real", false, "on Azure: make a real change: an empty network security group is created in --resource-group (default: that of the action group) and deleted again; then say whether the message has arrived")
	fl.StringVar(&f.prefix, "name-prefix", "", "prefix of the name of the action group that apply created")
}

// check finds wrong usage before the first call.
func (f *drillFlags) check(e *env, controls []string) error {
	azure := len(f.source.Subscriptions) > 0
	switch {
	case f.ack && !f.notify, f.wait > 0 && !f.notify:
		return exit.Hinted(exit.Usage(errors.New("--ack and --wait need messages, and this drill sends none")), "--notify sends them")
	case f.wait < 0:
		return exit.Usage(fmt.Errorf("--wait %s: must not be negative", f.wait))
	case f.pattern != "" && f.file == "":
		return exit.Hinted(exit.Usage(errors.New("--pattern needs records to try it on")), "name a log file with --file")
	case f.pattern != "" && (f.notify || len(controls) > 0):
		return exit.Usage(errors.New("--pattern cannot be combined with controls or --notify"))
	case f.real && !azure:
		return exit.Hinted(exit.Usage(errors.New("--real is for Azure, but no subscription is named")), "name one with --subscription")
	case f.real && f.notify:
		return exit.Usage(errors.New("--real makes a change instead of sending test messages: it cannot be combined with --notify"))
	case f.real && !e.Interactive():
		return errNobodyAnswers
	case azure && !f.notify && !f.real:
		return exit.Hinted(exit.Usage(errors.New("a drill on Azure sends messages")), "--notify sends them")
	case azure && (f.ack || f.wait > 0 || f.pattern != "" || f.file != "" || len(controls) > 0):
		return exit.Usage(errors.New("controls, --ack, --wait, --pattern and --file are for AWS, but this run is for Azure"))
	case azure && slices.ContainsFunc(f.out.outputs, func(o string) bool { return strings.HasPrefix(o, "markdown") }):
		return exit.Usage(errors.New("markdown is not available for Azure: use table or json"))
	case f.notify && !e.Interactive() && !f.yes:
		return exit.Hinted(exit.Usage(errors.New("there is no terminal to ask on")), "--yes sends the messages without asking")
	case f.ack && !e.Interactive():
		return exit.Hinted(exit.Usage(errors.New("--ack: there is no terminal to type a code on")), "give --receipt FILE and enter the codes later: 'monitorctl drill ack CODE --receipt FILE'")
	}
	return nil
}

// wordOfDrill is what must be typed before messages are sent.
const wordOfDrill = "drill"

// agrees asks before messages are sent. The error says that none is to be.
func (e *env) agrees(question string) error {
	answer, err := e.Ask(fmt.Sprintf("\n%s Only the word '%s' is accepted: ", question, wordOfDrill))
	switch {
	case err != nil:
		return fmt.Errorf("asking: %w", err)
	case answer != wordOfDrill:
		return &exit.Error{Code: exit.Failed, Err: errors.New("not confirmed; nothing was sent")}
	}
	return nil
}

// drillAzure finds the action groups, asks, sends the messages and shows what came of them.
func (e *env) drillAzure(c *cobra.Command, f *drillFlags, q run.Request, sinks []sink) error {
	ctx := c.Context()
	drills, err := e.run.Drills(ctx, q, azureplan.Options{ResourceGroup: f.resourceGroup, ActionGroup: f.actionGroup, NamePrefix: f.prefix})
	if err != nil {
		return err
	}
	if !f.yes {
		if err := e.agrees(drillQuestion(drills)); err != nil {
			return err
		}
	}
	sent, failed := e.run.SendAll(ctx, drills)
	message := func(d report.Drill) bool { return len(d.Messages) > 0 }
	if failed != nil && !slices.ContainsFunc(sent, message) {
		return failed
	}
	err = e.each(ctx, &f.out, sinks, report.Options{}, func(w io.Writer, format string, o report.Options) error {
		if format == "json" {
			return report.DrillsJSON(w, sent, o)
		}
		return report.DrillsText(w, sent, o)
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	}
	lost := func(m report.DrillMessage) bool { return !m.Sent }
	if slices.ContainsFunc(sent, func(d report.Drill) bool { return slices.ContainsFunc(d.Messages, lost) }) {
		return &exit.Error{Code: exit.ControlsFailed}
	}
	return nil
}

// drillQuestion asks whether to send the test messages of drills.
func drillQuestion(drills []*run.Drill) string {
	messages, groups := 0, 0
	var where string
	for _, d := range drills {
		if d.Failed != nil {
			continue
		}
		messages += len(d.Group.Receivers)
		groups++
		where = fmt.Sprintf("action group %s in %s", report.Sanitize(d.Group.Name), report.AccountWords(d.Account))
	}
	if groups != 1 {
		where = fmt.Sprintf("%d action groups, one for each subscription", groups)
	}
	return fmt.Sprintf("Send %s to the receivers of %s?", run.Plural(messages, "test message"), where)
}

// secretFlags are those whose values are in no receipt.
var secretFlags = []string{"external-id"}

// commandLine returns what was given on the command line and by variables, without secrets.
func commandLine(c *cobra.Command, args []string) []string {
	list := append(strings.Fields(c.CommandPath()), args...)
	c.Flags().Visit(func(f *pflag.Flag) {
		value := f.Value.String()
		if slices.Contains(secretFlags, f.Name) {
			value = "***"
		} else if u, err := url.Parse(value); err == nil && u.User != nil {
			value = u.Redacted()
		}
		list = append(list, "--"+f.Name+"="+value)
	})
	return list
}
