package plan

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// destinations plans the removal of our API destinations and connections, and of the role
// by which rules call them. The rules have been looked at.
func (d *destroyer) destinations() {
	stays := ""
	for i := range d.account.Regions {
		d.region = &d.account.Regions[i]
		kept := d.destinationsHere()
		d.connectionsHere(kept)
		if len(kept) > 0 {
			stays = "API destination " + kept[0] + " (" + d.region.Name + "), which stays, is called by it"
		}
	}
	d.role(d.o.names().DestinationRoleName(), stays, true)
}

// destinationsHere plans the removal of the API destinations of the region at hand, and
// returns the names of those that stay.
func (d *destroyer) destinationsHere() (kept []string) {
	if f := d.region.OwnDestinations.Failed(); f != nil {
		d.leave(!d.callsAny(), f.Operation+" failed: "+f.Code, "the API destinations")
	}
	list, _ := d.region.OwnDestinations.Got()
	for _, arn := range list {
		have, _ := d.region.APIDestinations[arn].Got()
		if have == nil {
			continue
		}
		owner, rule := desired.OwnerByDescription(have.Description), d.publishedTo(arn)
		switch {
		case !owner.Ours():
			d.leave(true, "it "+owner.Why, "API destination %s", have.Name)
		case rule != "":
			kept = append(kept, have.Name)
			d.leave(true, "rule "+rule+", which stays, calls it", "API destination %s", have.Name)
		default:
			d.actions = append(d.actions, action.DeleteDestination{
				Meta: d.meta("", "it has monitorctl's name and description"), Destination: have.Name, ARN: arn, Seen: *action.DestinationState(*have).Destination,
			})
		}
	}
	return kept
}

// connectionsHere plans the removal of the connections of the region at hand, but for
// those of API destinations that stay.
func (d *destroyer) connectionsHere(kept []string) {
	if f := d.region.OwnConnections.Failed(); f != nil {
		d.leave(!d.callsAny(), f.Operation+" failed: "+f.Code, "the connections")
	}
	list, _ := d.region.OwnConnections.Got()
	for _, arn := range list {
		have, _ := d.region.Connections[arn].Got()
		if have == nil || have.State == "DELETING" {
			continue
		}
		owner := desired.OwnerByDescription(have.Description)
		switch {
		case !owner.Ours():
			d.leave(true, "it "+owner.Why, "connection %s", have.Name)
		case slices.Contains(kept, have.Name):
			d.leave(true, "its API destination stays", "connection %s", have.Name)
		default:
			d.actions = append(d.actions, action.DeleteConnection{
				Meta: d.meta("", "it has monitorctl's name and description"), Connection: have.Name, ARN: arn, Seen: *action.ConnectionState(*have).Connection,
			})
		}
	}
}

// callsAny reports whether a rule of the region calls an API destination under one of our
// names: then there is one.
func (d *destroyer) callsAny() bool {
	list, _ := d.region.Rules.Got()
	return slices.ContainsFunc(list, func(r account.Rule) bool {
		targets, _ := r.Targets.Got()
		return slices.ContainsFunc(targets, d.o.names().IsDestinationTarget)
	})
}
