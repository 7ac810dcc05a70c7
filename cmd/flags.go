package cmd

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/run"
)

// scopeFlags say whose account is read, how, and what is checked. A command has those
// that it adds; request makes a run.Request of them.
type scopeFlags struct {
	source  run.Source
	timeout time.Duration

	config                              string // path
	benchmark, set, catalogDir, mapping string
	transport                           string

	satisfy satisfyFlags
}

func (f *scopeFlags) addAccount(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVarP(&f.source.Profile, "profile", "p", "", "profile of the shared AWS configuration")
	fl.StringVar(&f.source.RoleARN, "role-arn", "", "role to assume with those credentials")
	fl.StringVar(&f.source.ExternalID, "external-id", "", "external id for --role-arn")
	fl.StringVar(&f.source.ExpectAccount, "expect-account", "", "12-digit account id; stop at once if the credentials are for another account")
	fl.StringVar(&f.source.EndpointURL, "endpoint-url", "", "send every call to this URL instead of AWS or Azure")
	fl.BoolVar(&f.source.Debug, "debug", false, "show every request on stderr: operation, host, status, time, request id; no secrets")
	complete(c, "profile", collect.Profiles)
	fl.DurationVar(&f.timeout, "timeout", 0, "give up after this time, such as 90s or 5m; 0 means never")
}

// addSubscription adds the flags of Azure. The flag that names whose account is read
// selects the cloud.
func (f *scopeFlags) addSubscription(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.source.Subscriptions, "subscription", nil, "id or name of an Azure subscription, repeatable; all means every enabled one")
	fl.StringVar(&f.source.Tenant, "tenant", "", "GUID of the Entra tenant to sign in to")
	fl.StringVar(&f.source.ExpectTenant, "expect-tenant", "", "GUID of a tenant; stop at once if a subscription belongs to another tenant")
	fl.StringVar(&f.source.AzureCloud, "azure-cloud", "public", "which Azure: "+strings.Join(arm.Clouds(), ", "))
	complete(c, "azure-cloud", arm.Clouds)
}

// addSnapshot adds --snapshot.
func (f *scopeFlags) addSnapshot(c *cobra.Command, usage string) {
	c.Flags().StringArrayVar(&f.source.Files, "snapshot", nil, usage)
}

// judgedFiles is the usage of --snapshot where several are judged.
const judgedFiles = "check a saved snapshot instead of an account, repeatable: several are checked together; - is standard input"

// addRegions adds --region, for what the regions are named.
func (f *scopeFlags) addRegions(c *cobra.Command, forWhat string) {
	c.Flags().StringSliceVarP(&f.source.Regions, "region", "r", nil, forWhat)
	completeRegions(c, "region")
}

// probedRegions is the usage of --region where the regions are judged.
const probedRegions = "regions to probe, repeatable or comma-separated (default all enabled ones)"

// addControls adds the flags that say which controls are checked.
func (f *scopeFlags) addControls(c *cobra.Command) {
	fl := c.Flags()
	f.benchmark = string(catalog.DefaultBenchmark)
	fl.Var(&benchmarkValue{list: &f.benchmark}, "benchmark", "version of the CIS AWS Foundations Benchmark, or with --subscription of the one for Azure (default there "+string(catalog.DefaultAzureBenchmark)+"); repeatable, one for each cloud")
	fl.StringVar(&f.set, "set", "", "controls to check if none are named: "+strings.Join(catalog.Sets(), ", ")+" (default core; with --mapping all)")
	f.addCatalog(c)
}

func (f *scopeFlags) addCatalog(c *cobra.Command) {
	c.Flags().StringVar(&f.catalogDir, "catalog", "", "directory with YAML controls that add to or override the catalog")
}

// addMapping adds --mapping.
func (f *scopeFlags) addMapping(c *cobra.Command) {
	var ids []string
	for _, fw := range catalog.Frameworks() {
		ids = append(ids, fw.ID)
	}
	c.Flags().StringVar(&f.mapping, "mapping", "", "only controls that are mapped to this framework, with its requirements: "+strings.Join(ids, ", "))
	complete(c, "mapping", func() []string { return ids })
}

func (f *scopeFlags) addConfig(c *cobra.Command) {
	c.Flags().StringVar(&f.config, "config", "", "configuration file: controls, regions, names, tags, notify, waivers, accept, central")
}

// transports are the values of --transport, the default first.
var transports = []string{"any", audit.MetricTransport, audit.RuleTransport}

// addTransport adds --transport.
func (f *scopeFlags) addTransport(c *cobra.Command) {
	c.Flags().StringVar(&f.transport, "transport", transports[0], "what may carry events to a person: metric (filter and alarm, as benchmark tools expect), eventbridge (rules), any")
	complete(c, "transport", func() []string { return transports })
}

// complete offers fixed values for a flag in the shell.
func complete(c *cobra.Command, flag string, values func() []string) {
	err := c.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag does not exist: a bug that the first run of any test shows
	}
}

// completeControls offers control ids as arguments.
func (f *scopeFlags) completeControls(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	cat, err := run.NewCatalogs(f.catalogDir).Of(catalog.AWS)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, c := range cat.Controls {
		names = append(names, c.ID+"\t"+c.Title)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeRegions offers region names for flags.
func completeRegions(c *cobra.Command, flags ...string) {
	for _, flag := range flags {
		complete(c, flag, func() []string {
			var names []string
			for _, p := range account.Partitions() {
				names = append(names, collect.KnownRegions(p)...)
			}
			return names
		})
	}
}

// addJudging adds what audit and explain share.
func (f *scopeFlags) addJudging(c *cobra.Command) {
	f.addAccount(c)
	f.addSnapshot(c, judgedFiles)
	f.addControls(c)
	f.addConfig(c)
	f.addSubscription(c)
	f.addRegions(c, probedRegions)
	f.addTransport(c)
}
