package subscription

import (
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/armjson"
)

// An ActionGroup is who is notified (Microsoft.Insights/actionGroups).
type ActionGroup struct {
	Common
	ShortName string // at most 12 characters; stands in text messages
	Enabled   bool   // true where the answer does not say

	// Receivers are in the order of the answer's keys that this version knows, then
	// the others. Problems of a receiver are its own.
	Receivers []Receiver
}

// A ReceiverKind names a kind of receiver, as the key of an action group without
// its ending "Receivers".
type ReceiverKind string

// Kinds of receivers.
const (
	Email     ReceiverKind = "email"
	SMS       ReceiverKind = "sms"
	Voice     ReceiverKind = "voice"
	AppPush   ReceiverKind = "azureAppPush"
	Webhook   ReceiverKind = "webhook"
	ITSM      ReceiverKind = "itsm"
	Role      ReceiverKind = "armRole"
	LogicApp  ReceiverKind = "logicApp"
	Function  ReceiverKind = "azureFunction"
	Runbook   ReceiverKind = "automationRunbook"
	EventHub  ReceiverKind = "eventHub"
	Incident  ReceiverKind = "incident"
	receivers              = "Receivers" // the ending of their keys
)

// A Receiver is one receiver of an action group.
type Receiver struct {
	Kind    ReceiverKind
	Name    string
	Status  string // Enabled, Disabled, NotSpecified; "" where Azure gives none: only email and sms have one
	Address string // masked: of email, sms, voice, push and webhook
	RoleID  string // of armRole: the GUID of the role, as written
	Target  string // of logicApp: its resource id, as written
	Country string // of sms and voice: the country code, without +

	// Hash is the salted hash of the address in a masked answer (Hash); "" where the
	// answer is not masked.
	Hash string

	// Problems are what this version did not understand about the receiver.
	Problems []string
}

// receiverKinds are the kinds that this version knows: the key of the address, if
// there is one, and keys that do not matter here.
var receiverKinds = []struct {
	kind    ReceiverKind
	address string
	known   []string
}{
	{Email, "emailAddress", []string{"useCommonAlertSchema"}},
	{SMS, "phoneNumber", []string{"countryCode"}},
	{Voice, "phoneNumber", []string{"countryCode"}},
	{AppPush, "emailAddress", nil},
	{Webhook, "serviceUri", []string{"useCommonAlertSchema", "useAadAuth", "objectId", "identifierUri", "tenantId", "managedIdentity"}},
	{ITSM, "", []string{"workspaceId", "connectionId", "ticketConfiguration", "region"}},
	{Role, "", []string{"roleId", "useCommonAlertSchema"}},
	{LogicApp, "", []string{"resourceId", "callbackUrl", "useCommonAlertSchema", "managedIdentity"}},
	{Function, "", []string{"functionAppResourceId", "functionName", "httpTriggerUrl", "useCommonAlertSchema", "managedIdentity"}},
	{Runbook, "", []string{"automationAccountId", "runbookName", "webhookResourceId", "isGlobalRunbook", "serviceUri", "useCommonAlertSchema", "managedIdentity"}},
	{EventHub, "", []string{"subscriptionId", "eventHubNameSpace", "eventHubName", "tenantId", "useCommonAlertSchema", "managedIdentity"}},
	{Incident, "", []string{"connection", "incidentManagementService", "mappings"}},
}

// ReadActionGroup decodes an answer. It never fails: what it does not understand
// are problems of the group or of the receiver.
func ReadActionGroup(raw json.RawMessage) ActionGroup {
	var p armjson.Problems
	common, o := readCommon(raw, &p)
	g := ActionGroup{Common: common, ShortName: o.Text("groupShortName"), Enabled: o.Flag("enabled", true)}
	for _, k := range receiverKinds {
		g.Receivers = append(g.Receivers, readReceivers(o, string(k.kind)+receivers)...)
	}
	for _, key := range o.Rest() {
		if strings.HasSuffix(strings.ToLower(key), strings.ToLower(receivers)) {
			g.Receivers = append(g.Receivers, readReceivers(o, key)...)
		}
	}
	o.End("provisioningState")
	g.Problems = p.List()
	return g
}

// readReceivers reads the receivers under one key.
func readReceivers(group *armjson.Object, key string) []Receiver {
	raw := group.Raw(key)
	if raw == nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return []Receiver{{Kind: ReceiverKind(key), Name: key, Problems: []string{group.Path(key) + ": is not a list"}}}
	}
	var out []Receiver
	for _, raw := range list {
		out = append(out, readReceiver(raw, key))
	}
	return out
}

func readReceiver(raw json.RawMessage, key string) Receiver {
	var p armjson.Problems
	o := armjson.Read(raw, "", &p)
	r := Receiver{Kind: ReceiverKind(key[:len(key)-len(receivers)]), Name: o.Text("name"), Status: o.Text("status"), RoleID: o.Text("roleId"), Target: o.Text("resourceId"), Country: o.Text("countryCode"), Hash: o.Text(maskedKey)}
	for _, k := range receiverKinds {
		if !strings.EqualFold(string(k.kind), string(r.Kind)) {
			continue
		}
		r.Kind = k.kind
		if k.address != "" {
			r.Address = o.Text(k.address)
		}
		o.End(append(k.known, maskedKey)...)
		r.Problems = p.List()
		return r
	}
	r.Problems = []string{"receivers of the kind " + string(r.Kind) + " are not known"}
	return r
}
