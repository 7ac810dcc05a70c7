package audit_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// A builder builds the accounts of a snapshot in an AWS that behaves. What the
// snapshot could not read is as in the good baseline: a verdict must hold
// whatever stands there.
type builder struct {
	cloud        *awstest.Cloud
	base         *account.Account
	takenAt      time.Time
	keys         map[string]string // name of a key in the snapshot -> its ARN in the cloud
	confirmed    map[string]bool   // endpoints of confirmed subscribers
	destinations map[string]string // ARN of an API destination in the snapshot -> in the cloud
	alarms       []alarmRef
	ringing      []account.MetricAlarm // in ALARM for longer than one event keeps them there
	organized    bool                  // the accounts are an organization
	patience     time.Duration         // longer after an event no alarm reacts to it
}

// An alarmRef names an alarm of the cloud.
type alarmRef struct {
	region *awstest.Region
	name   string
}

// newBuilder builds the accounts. The error says what of the snapshot cannot be
// expressed in an AWS that behaves.
func newBuilder(snap account.Snapshot, base *account.Account) (*builder, error) {
	b := &builder{
		cloud: awstest.New(awstest.Options{Start: snap.TakenAt}), base: base, takenAt: snap.TakenAt,
		keys: map[string]string{}, confirmed: map[string]bool{}, destinations: map[string]string{},
	}
	b.organization(snap)
	// The judged account comes first and depends on the others.
	for i := range slices.Backward(snap.Accounts) {
		if err := b.account(&snap.Accounts[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// organization makes one of all accounts, when one of them has a trail of an
// organization, or of each alone that is known to be in one.
func (b *builder) organization(snap account.Snapshot) {
	var management *awstest.Account
	var members []*awstest.Account
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		if slices.ContainsFunc(a.Trails, func(t account.Trail) bool { return t.Organization && owns(a, t) }) {
			management = b.cloudAccount(a)
		} else {
			members = append(members, b.cloudAccount(a))
		}
	}
	if management != nil {
		b.organized = true
		b.cloud.Organization(management, members...)
		return
	}
	for i := range snap.Accounts {
		if org, _ := snap.Accounts[i].Organization.Got(); org != nil {
			b.cloud.NamedOrganization(org.ID, b.cloudAccount(&snap.Accounts[i]))
		}
	}
}

func owns(a *account.Account, t account.Trail) bool {
	arn, _ := account.ParseARN(t.ARN)
	return arn.Account == a.ID
}

// cloudAccount returns the account of the cloud, with all regions that matter.
func (b *builder) cloudAccount(a *account.Account) *awstest.Account {
	regions := slices.Concat(a.Scope, account.GlobalRegions(a.Partition))
	for i := range a.Trails {
		regions = append(regions, a.Trails[i].HomeRegion)
	}
	for i := range a.Regions {
		regions = append(regions, a.Regions[i].Name)
	}
	slices.Sort(regions)
	return b.cloud.Account(a.ID, awstest.AccountOptions{Alias: a.Alias, Regions: slices.Compact(regions)})
}

func (b *builder) account(a *account.Account) error {
	b.chats(a)
	in := b.cloudAccount(a)
	for i := range a.Regions {
		if err := b.region(a, in, &a.Regions[i]); err != nil {
			return err
		}
	}
	for i := range a.Trails {
		if err := b.trail(a, in, &a.Trails[i]); err != nil {
			return fmt.Errorf("trail %s: %w", a.Trails[i].Name, err)
		}
	}
	for i := range a.Regions {
		if err := b.dropTransformers(in, &a.Regions[i]); err != nil {
			return err
		}
	}
	return b.dropGroups(a, in)
}

// dropTransformers takes away the transformers that filters once asked for and
// that are no more.
func (b *builder) dropTransformers(in *awstest.Account, r *account.Region) error {
	for _, name := range slices.Sorted(maps.Keys(r.Transformers)) {
		if t, ok := r.Transformers[name].Got(); ok && t == nil {
			if err := in.Region(r.Name).RemoveTransformer(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// region builds what alarms stand on, from the bottom up, and then the alarms.
func (b *builder) region(a *account.Account, in *awstest.Account, r *account.Region) error {
	to := in.Region(r.Name)
	if err := b.addKeys(to, r); err != nil {
		return err
	}
	assumed := account.Region{}
	if known := b.base.Region(r.Name); known != nil {
		assumed = *known
	}
	filters := known(r.MetricFilters, assumed.MetricFilters)
	if err := b.addGroups(a, to, r, assumed, filters); err != nil {
		return err
	}
	for _, f := range filters {
		for i, part := range f.Parts() { // PutMetricFilter takes one metric: another filter writes the next
			if i > 0 {
				part.Name += fmt.Sprintf("-metric-%d", i)
			}
			if err := b.filter(to, part); err != nil {
				return fmt.Errorf("metric filter %s: %w", f.Name, err)
			}
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(r.Topics)) {
		if err := b.topic(r.Topics[arn], assumed.Topics[arn]); err != nil {
			return fmt.Errorf("topic %s: %w", arn, err)
		}
	}
	if err := b.addAlarms(to, known(r.Alarms, assumed.Alarms)); err != nil {
		return err
	}
	if err := b.addRules(a, to, r); err != nil {
		return err
	}
	if h, _ := r.ActionHistory.Got(); slices.ContainsFunc(h.Actions, func(a account.AlarmAction) bool { return a.Failed }) {
		return fmt.Errorf("why an action failed is not in the snapshot")
	}
	return b.addMuteRules(to, known(r.MuteRules, assumed.MuteRules))
}

// known returns what was read or, where the read failed, what is assumed.
func known[T any](read, assumed *account.Read[T]) T {
	if read.Failed() != nil {
		read = assumed
	}
	v, _ := read.Got()
	return v
}

func (b *builder) addKeys(to *awstest.Region, r *account.Region) error {
	for _, name := range slices.Sorted(maps.Keys(r.Keys)) {
		k := r.Keys[name]
		meta, ok := k.Metadata.Got()
		policy, readable := k.Policy.Got()
		switch {
		case !ok || k.Policy != nil && !readable:
			return fmt.Errorf("key %s was not read", name)
		case meta == nil:
			continue // there is none
		case meta.Manager == "AWS":
			b.keys[name] = "alias/aws/sns"
			continue
		}
		opts := awstest.KeyOptions{Policy: policy, State: meta.State}
		if arn, ok := account.ParseARN(name); ok {
			name = cmp.Or(aliasOf(arn.Resource), name)
		}
		opts.Alias = aliasOf(name)
		_, b.keys[name] = to.CreateKey(opts)
	}
	return nil
}

func aliasOf(name string) string {
	if strings.HasPrefix(name, "alias/") {
		return name
	}
	return ""
}

// key returns the name under which the cloud knows a key.
func (b *builder) key(name string) string { return cmp.Or(b.keys[name], name) }

// addGroups makes the log groups that are named anywhere. Those that are gone
// are made all the same, as trails can name only what exists: dropGroups takes
// them away.
func (b *builder) addGroups(a *account.Account, to *awstest.Region, r *account.Region, assumed account.Region, filters []account.MetricFilter) error {
	groups := map[string]*account.LogGroup{}
	for _, f := range filters {
		groups[f.LogGroup] = nil
	}
	for i := range a.Trails {
		if arn, ok := account.ParseARN(a.Trails[i].LogGroupARN); ok && arn.Region == r.Name && arn.Account == a.ID {
			name, _ := arn.LogGroupName()
			groups[name] = nil
		}
	}
	for name, read := range r.LogGroups {
		groups[name] = known(read, assumed.LogGroups[name])
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := cmp.Or(groups[name], &account.LogGroup{})
		err := to.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: name, LogGroupClass: g.Class, KmsKeyID: b.key(g.KeyID)})
		if err != nil {
			return fmt.Errorf("log group %s: %w", name, err)
		}
	}
	return nil
}

// dropGroups deletes the log groups that do not exist.
func (b *builder) dropGroups(a *account.Account, in *awstest.Account) error {
	for i := range a.Regions {
		for _, name := range slices.Sorted(maps.Keys(a.Regions[i].LogGroups)) {
			if g, ok := a.Regions[i].LogGroups[name].Got(); ok && g == nil {
				if err := in.Region(a.Regions[i].Name).DeleteLogGroup(name); err != nil {
					return fmt.Errorf("log group %s: %w", name, err)
				}
			}
		}
	}
	return nil
}

func (b *builder) filter(to *awstest.Region, f account.MetricFilter) error {
	if len(f.Unknown) > 0 {
		return fmt.Errorf("it has unknown settings: %s", strings.Join(f.Unknown, ", "))
	}
	if f.OnTransformed {
		if err := to.SetTransformer(f.LogGroup); err != nil {
			return err
		}
	}
	return to.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: f.LogGroup, FilterName: f.Name, FilterPattern: f.Pattern,
		ApplyOnTransformedLogs: f.OnTransformed, FieldSelectionCriteria: f.FieldSelection, EmitSystemFieldDimensions: f.SystemDimensions,
		MetricTransformations: []awstest.MetricTransformation{{
			MetricName: f.Metric, MetricNamespace: f.Namespace, MetricValue: f.Value, DefaultValue: f.Default, Dimensions: f.Dimensions, Unit: f.Unit,
		}},
	})
}

func (b *builder) trail(a *account.Account, in *awstest.Account, t *account.Trail) error {
	assumed := &account.Trail{}
	if k := b.base.Trail(t.ARN); k != nil {
		assumed = k
	}
	status, selectors := known(t.Status, assumed.Status), known(t.Selectors, assumed.Selectors)
	switch {
	case t.Organization && !b.organized:
		return fmt.Errorf("it belongs to an organization")
	case !owns(a, *t):
		return nil // its owner makes it
	case status.LatestLogsDeliveryError != "":
		return fmt.Errorf("why its delivery fails is not in the snapshot")
	case status.LatestLogsDeliveryTime != nil && b.takenAt.Sub(*status.LatestLogsDeliveryTime) > 24*time.Hour && selectsReads(selectors):
		return fmt.Errorf("why its delivery stopped is not in the snapshot")
	}
	home := in.Region(t.HomeRegion)
	create := awstest.CreateTrailInput{
		Name: t.Name, S3BucketName: "trail-of-" + a.ID, IncludeGlobalServiceEvents: new(t.GlobalServiceEvents), IsMultiRegionTrail: t.MultiRegion,
		IsOrganizationTrail: t.Organization,
	}
	if t.LogGroupARN != "" {
		create.CloudWatchLogsLogGroupARN = t.LogGroupARN
		create.CloudWatchLogsRoleARN = "arn:" + a.Partition + ":iam::" + a.ID + ":role/cloudtrail-to-logs"
	}
	if _, err := home.CreateTrail(create); err != nil {
		return err
	}
	if err := home.PutEventSelectors(selectorsInput(t.Name, selectors)); err != nil {
		return err
	}
	if !status.Logging {
		return nil
	}
	return home.StartLogging(t.Name)
}

// selectsReads reports whether basic selectors record read events; advanced ones
// count as if they did.
func selectsReads(s account.Selectors) bool {
	return len(s.Advanced) > 0 || slices.ContainsFunc(s.Basic, func(e account.EventSelector) bool {
		return e.ManagementEvents && e.ReadWriteType != "WriteOnly"
	})
}

func selectorsInput(trail string, s account.Selectors) awstest.PutEventSelectorsInput {
	in := awstest.PutEventSelectorsInput{TrailName: trail}
	for _, e := range s.Basic {
		in.EventSelectors = append(in.EventSelectors, awstest.EventSelector{
			ReadWriteType: e.ReadWriteType, IncludeManagementEvents: new(e.ManagementEvents), ExcludeManagementEventSources: e.ExcludeSources,
		})
	}
	for _, e := range s.Advanced {
		out := awstest.AdvancedEventSelector{Name: e.Name}
		for _, f := range e.Fields {
			out.FieldSelectors = append(out.FieldSelectors, awstest.AdvancedFieldSelector{
				Field: f.Field, Equals: f.Equals, NotEquals: f.NotEquals, StartsWith: f.StartsWith,
				NotStartsWith: f.NotStartsWith, EndsWith: f.EndsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		in.AdvancedEventSelectors = append(in.AdvancedEventSelectors, out)
	}
	return in
}

func (b *builder) topic(t, assumed *account.Topic) error {
	if assumed == nil {
		assumed = &account.Topic{}
	}
	arn, _ := account.ParseARN(t.ARN)
	attrs := known(t.Attributes, assumed.Attributes)
	switch {
	case t.Attributes.Failed() != nil && attrs == nil:
		return fmt.Errorf("it was not read")
	case attrs == nil:
		return nil // it does not exist
	}
	to := b.cloud.Account(arn.Account, awstest.AccountOptions{Regions: []string{arn.Region}}).Region(arn.Region)
	set := map[string]string{}
	if attrs.FIFO {
		set["FifoTopic"] = "true"
	}
	if attrs.Policy != "" {
		set["Policy"] = attrs.Policy
	}
	if attrs.KeyID != "" {
		set["KmsMasterKeyId"] = b.key(attrs.KeyID)
	}
	if _, err := to.CreateTopic(awstest.CreateTopicInput{Name: arn.Resource, Attributes: set}); err != nil {
		return err
	}
	for i, s := range known(t.Subscriptions, assumed.Subscriptions) {
		if err := b.subscription(to, arn, s, i); err != nil {
			return fmt.Errorf("subscription of %s: %w", s.Endpoint, err)
		}
	}
	return nil
}

// subscription subscribes an endpoint that stands for the masked one and
// answers the confirmation message as its owner did.
func (b *builder) subscription(to *awstest.Region, topic account.ARN, s account.Subscription, i int) error {
	endpoint := endpointFor(s, topic, i)
	in := awstest.SubscribeInput{TopicARN: topic.String(), Protocol: s.Protocol, Endpoint: endpoint, Attributes: map[string]string{}}
	if d, ok := s.Details.Got(); ok && d.FilterPolicy != "" {
		in.Attributes["FilterPolicy"] = d.FilterPolicy
		in.Attributes["FilterPolicyScope"] = cmp.Or(d.FilterPolicyScope, "MessageAttributes")
	}
	if _, err := to.Subscribe(in); err != nil {
		return err
	}
	waits := b.cloud.ConfirmationToken(in.TopicARN, endpoint) != ""
	switch {
	case s.State == account.Pending && !waits:
		return fmt.Errorf("a subscription of protocol %s needs no confirmation", s.Protocol)
	case s.State == account.Pending:
		return nil
	case waits:
		if err := b.confirm(in.TopicARN, endpoint, s.Protocol); err != nil {
			return err
		}
	}
	if s.State == account.Deleted {
		return b.cloud.UnsubscribeEmail(endpoint)
	}
	b.confirmed[endpoint] = true
	return nil
}

// chats gives an account its chat configurations, where they were read.
func (b *builder) chats(a *account.Account) {
	list, ok := a.Chats.Got()
	if !ok {
		return
	}
	var channels []awstest.SlackChannel
	for _, c := range list {
		channels = append(channels, awstest.SlackChannel{ChatConfigurationArn: c.ARN, ConfigurationName: c.Name, SnsTopicArns: c.Topics, State: c.State})
	}
	b.cloudAccount(a).SetSlackChannels(channels)
}

// endpointFor makes up an endpoint of the subscription's protocol. Queues and
// the like of the topic's own account need no confirmation.
func endpointFor(s account.Subscription, topic account.ARN, i int) string {
	owner := topic.Account
	if s.State == account.Pending {
		owner = "999900001111"
	}
	at := fmt.Sprintf("arn:%s:%%s:%s:%s:%%s%d", topic.Partition, topic.Region, owner, i)
	switch s.Protocol {
	case "email", "email-json":
		return fmt.Sprintf("reader-%s-%d@example.com", topic.Resource, i)
	case "http", "https":
		if !strings.Contains(s.Endpoint, "example.com") {
			return strings.ReplaceAll(s.Endpoint, "***", topic.Resource) // a receiver that asks for a form
		}
		return fmt.Sprintf("%s://example.com/%s/%d", s.Protocol, topic.Resource, i)
	case "sms":
		return fmt.Sprintf("+15550100%02d", i)
	case "lambda":
		return fmt.Sprintf(at, "lambda", "function:reader-")
	case "firehose":
		return fmt.Sprintf(at, "firehose", "deliverystream/reader-")
	case "application":
		return fmt.Sprintf(at, "sns", "endpoint/APNS/app/")
	default:
		return fmt.Sprintf(at, s.Protocol, "reader-")
	}
}

// confirm confirms a subscription with the token of its message. Anybody who
// has the token can, so the caller does not matter.
func (b *builder) confirm(topic, endpoint, protocol string) error {
	if strings.HasPrefix(protocol, "email") {
		return b.cloud.ConfirmEmail(endpoint)
	}
	arn, _ := account.ParseARN(topic)
	id, _ := b.cloud.Account(arn.Account, awstest.AccountOptions{}).Credentials()
	form := url.Values{
		"Action": {"ConfirmSubscription"}, "Version": {"2010-03-31"}, "TopicArn": {topic}, "Token": {b.cloud.ConfirmationToken(topic, endpoint)},
	}
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20260101/%s/sns/aws4_request, SignedHeaders=host, Signature=0", id, arn.Region))
	rec := httptest.NewRecorder()
	b.cloud.ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		return fmt.Errorf("confirming it: %s", rec.Body)
	}
	return nil
}
