package desired

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
)

const (
	destinationPrefix   = "monitorctl-"
	destinationRoleName = "monitorctl-events-destinations"

	// ManagedDescription is the description of our API destinations and connections:
	// EventBridge gives them no tags.
	ManagedDescription = managed + string(Monitorctl) + ")."
	managed            = "Created by monitorctl (" + ManagedTag + "="

	// NoKeyHeader is the header that signs in where a receiver asks for no credentials:
	// EventBridge demands some.
	NoKeyHeader = "X-Monitorctl"

	// NoKey is the value of that header, which says nothing.
	NoKey = "none"

	// RoutingKeyParameter is the member of the body that a routing key goes into.
	RoutingKeyParameter = "routing_key"

	// newID stands for the identifier that EventBridge gives to what is not there yet.
	newID = "new"
)

// A Destination is an API destination of ours with its connection, which has the same
// name.
type Destination struct {
	Channel channel.Channel // resolved: it holds a secret
	Call    channel.Call    // likewise
	ID      string          // of the target: webhook-0a1b2c3d
	Name    string          // of destination and connection
}

// Destination returns the API destination of a channel whose secret is resolved. Its name
// ends in a digest of the whole channel: another URL or key is another destination, and
// credentials of their own do not count.
func (n Names) Destination(c channel.Channel) (Destination, error) {
	call, err := c.Call()
	if err != nil {
		return Destination{}, err
	}
	const short = 4 // bytes of the digest
	sum := sha256.Sum256([]byte(string(c.Form) + "\n" + call.URL + "\n" + call.RoutingKey))
	id := string(c.Form) + "-" + hex.EncodeToString(sum[:short])
	return Destination{c, call, id, n.DestinationPrefix() + id}, nil
}

// DestinationPrefix is what the names of our API destinations and connections begin
// with.
func (n Names) DestinationPrefix() string { return n.Prefix + destinationPrefix }

// DestinationRoleName is the name of the role by which our rules call them.
func (n Names) DestinationRoleName() string { return n.Prefix + destinationRoleName }

// DestinationRoleARN is its ARN.
func (n Names) DestinationRoleARN(h Home) string {
	return account.ARN{Partition: h.Partition, Service: "iam", Account: h.Account, Resource: "role/" + n.DestinationRoleName()}.String()
}

// CallDestination is the action of IAM that calls an API destination.
const CallDestination = "events:InvokeApiDestination"

// DestinationRolePolicy is the one inline policy of that role: our API destinations of
// any region may be called.
func (n Names) DestinationRolePolicy(h Home) string {
	arn := account.ARN{Partition: h.Partition, Service: "events", Region: "*", Account: h.Account, Resource: "api-destination/" + n.DestinationPrefix() + "*"}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + CallDestination + `","Resource":"` + arn.String() + `"}]}`
}

// DestinationARN stands for the ARN of an API destination that is not there yet, and
// ConnectionARN for that of its connection: EventBridge gives both an identifier.
func DestinationARN(name string, h Home) string { return eventsARN("api-destination", name, h) }

// ConnectionARN is the counterpart of DestinationARN.
func ConnectionARN(name string, h Home) string { return eventsARN("connection", name, h) }

func eventsARN(kind, name string, h Home) string {
	return account.ARN{Partition: h.Partition, Service: "events", Region: h.Region, Account: h.Account, Resource: kind + "/" + name + "/" + newID}.String()
}

// NewDestination returns the name in an ARN of DestinationARN; false for any other.
func NewDestination(arn string) (name string, ok bool) {
	a, _ := account.ParseARN(arn)
	rest, ok := strings.CutPrefix(a.Resource, "api-destination/")
	if !ok || a.Service != "events" {
		return "", false
	}
	return strings.CutSuffix(rest, "/"+newID)
}

// IsDestinationTarget reports whether a target of a rule is an API destination under one
// of our names.
func (n Names) IsDestinationTarget(t account.Target) bool {
	a, ok := account.ParseARN(t.ARN)
	return ok && a.Service == "events" && strings.HasPrefix(a.Resource, "api-destination/"+n.DestinationPrefix()+t.ID+"/")
}

// DestinationTarget is the target of a control's rule that calls an API destination.
func DestinationTarget(c catalog.Control, d Destination, arn, role, partition string) account.WholeTarget {
	about := message.About{Control: c.ID, Title: c.Title, Severity: c.Severity.String(), Partition: partition}
	t := message.For(d.Channel.Form, about)
	if u, err := url.Parse(d.Call.URL); err == nil && d.Channel.Form == channel.Webhook {
		t = message.Webhook(about, channel.ChatOf(u.Hostname()))
	}
	return account.WholeTarget{ID: d.ID, ARN: arn, RoleARN: role, Transformer: &account.Transformed{Paths: t.Paths, Template: t.Template}}
}

// Authorization is how the connection of a destination signs in: BASIC or API_KEY.
func (d Destination) Authorization() string {
	if d.Call.User != "" {
		return "BASIC"
	}
	return "API_KEY"
}

// Description is what API destinations and connections that k keeps are described with.
func (k Keeper) Description() string { return managed + string(k) + ")." }

// OwnerByDescription is OwnerOf for what has no tags.
func OwnerByDescription(text string) Owner {
	switch text {
	case ManagedDescription:
		return Owner{Keeper: Monitorctl}
	case Terraform.Description():
		return Owner{Terraform, "is kept by terraform, as its description says"}
	case CloudFormation.Description():
		return Owner{CloudFormation, "is kept by cloudformation, as its description says"}
	}
	return Owner{Foreign, "was not created by monitorctl: it lacks the description " + ManagedDescription}
}
