package audit

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
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
	key := place{a, region}
	s := j.sites[key]
	if s == nil {
		s = &site{account: a, name: region, region: a.Region(region)}
		j.sites[key] = s
	}
	return s
}

// A place is what a site is known by.
type place struct {
	account *account.Account
	region  string
}

// accountOf returns the account of that id: the judged one, or one that is
// consulted; nil when it was not read.
func (j *judge) accountOf(id string) *account.Account {
	if id == j.account.ID {
		return j.account
	}
	return j.world.account(id)
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
