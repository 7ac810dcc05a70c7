package audit

import (
	"cmp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/account"
)

// A site is one region of one account: filters, alarms and topics work together
// within it. Sites are compared by pointer.
type site struct {
	account *account.Account
	name    string          // of the region
	region  *account.Region // nil when the region was not read
}

// read returns what was read of the region, an empty one when nothing was.
func (s *site) read() *account.Region {
	if s.region == nil {
		return &account.Region{Name: s.name}
	}
	return s.region
}

// at returns the site of a region of an account.
func (j *judge) at(a *account.Account, region string) *site {
	i := slices.IndexFunc(j.sites, func(s *site) bool { return s.account == a && s.name == region })
	if i >= 0 {
		return j.sites[i]
	}
	s := &site{account: a, name: region, region: a.Region(region)}
	j.sites = append(j.sites, s)
	return s
}

// accountOf returns the account of that id: the judged one, or one that is
// consulted; nil when it was not read.
func (j *judge) accountOf(id string) *account.Account {
	if id == j.account.ID {
		return j.account
	}
	for _, a := range j.others {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// othersOf are the accounts that are consulted when one account of the snapshot
// is judged: the rest of the run, then the central ones. Of two readings of an
// account the first counts.
func othersOf(snap *account.Snapshot, i int, central []account.Account) []*account.Account {
	var others []*account.Account
	add := func(a *account.Account) {
		known := func(b *account.Account) bool { return a.ID == b.ID }
		if a.ID != snap.Accounts[i].ID && !slices.ContainsFunc(others, known) {
			others = append(others, a)
		}
	}
	for k := range snap.Accounts {
		add(&snap.Accounts[k])
	}
	for k := range central {
		add(&central[k])
	}
	slices.SortStableFunc(others, func(a, b *account.Account) int { return cmp.Compare(a.ID, b.ID) })
	return others
}

// trailEvidence returns a trail as it is best known. A member account may see
// the trail of its organization without being let read its state, which the
// owner's reading shows.
func (j *judge) trailEvidence(t *account.Trail) *account.Trail {
	arn, ok := account.ParseARN(t.ARN)
	owner := j.accountOf(arn.Account)
	if !ok || owner == nil || owner == j.account || owner.Trail(t.ARN) == nil {
		return t
	}
	out, theirs := *t, owner.Trail(t.ARN)
	if _, ok := out.Status.Got(); !ok && theirs.Status != nil {
		out.Status = theirs.Status
	}
	if _, ok := out.Selectors.Got(); !ok && theirs.Selectors != nil {
		out.Selectors = theirs.Selectors
	}
	return &out
}

// topicAt returns what is known of a topic that an alarm of a site notifies, and
// the site that tells of its keys: the alarm's own, or where the topic's account
// could be read better.
func (j *judge) topicAt(s *site, topic account.ARN) (*account.Topic, *site) {
	t := s.read().Topics[topic.String()]
	owner := j.accountOf(topic.Account)
	if owner == nil || owner == s.account {
		return t, s
	}
	home := j.at(owner, topic.Region)
	theirs := home.read().Topics[topic.String()]
	if theirs == nil {
		return t, s
	}
	if _, ok := theirs.Attributes.Got(); ok {
		return theirs, home
	}
	return t, s
}
