package export

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// An Input is a secret that is not in the files and is asked for.
type Input struct {
	Number int    // of the subscriber that it is of, from 1
	Part   string // "user" or "password" of one that signs in; "" for the only secret
	About  string // what is asked for, masked
	Secret string // it is never written

	key string // what it is looked for by
}

// Name is what the input is called: subscriber_1, subscriber_2_password.
func (i Input) Name() string {
	return strings.TrimSuffix("subscriber_"+strconv.Itoa(i.Number)+"_"+i.Part, "_")
}

// Inputs returns the secrets that a list and those of its other regions need, in order,
// numbered by the subscribers that they are of. A subscriber of several topics is one.
func Inputs(l desired.List) []Input {
	var out []Input
	number := 0
	add := func(key, part, about, secret string, first bool) {
		if slices.ContainsFunc(out, func(x Input) bool { return x.key == key }) {
			return
		}
		if first {
			number++
		}
		out = append(out, Input{number, part, about, secret, key})
	}
	for _, r := range l.Regions() {
		for _, s := range r.Subscriptions {
			if s.IsSecret() {
				add(keyOf(s), "", fmt.Sprintf("Endpoint of a subscriber by %s: %s", s.Protocol, Masked(s)), s.Endpoint, true)
			}
		}
	}
	for _, r := range l.Regions() {
		for _, e := range r.Endpoints {
			secrets := e.Credentials()
			for i, part := range slices.Sorted(maps.Keys(secrets)) {
				add(credentialKey(e, part), part, strings.TrimSpace(fmt.Sprintf("Secret of %s: %s", e.Destination.Channel, partName(e, part))), secrets[part], i == 0)
			}
		}
	}
	return out
}

// partName says in words what a secret of an API destination is.
func partName(e desired.Endpoint, part string) string {
	switch {
	case part != "":
		return part
	case e.HidesURL():
		return "the whole URL"
	}
	return "the routing key"
}

func keyOf(s desired.Subscription) string { return s.Protocol + " " + s.Endpoint }

func credentialKey(e desired.Endpoint, part string) string {
	return "credential " + e.Destination.Name + " " + part
}

// InputOf returns the input that has a subscription's endpoint; nil for none.
func InputOf(inputs []Input, s desired.Subscription) *Input {
	if !s.IsSecret() {
		return nil
	}
	return find(inputs, keyOf(s))
}

// CredentialOf returns the input that has a secret of an API destination; nil for none.
func CredentialOf(inputs []Input, e desired.Endpoint, part string) *Input {
	return find(inputs, credentialKey(e, part))
}

func find(inputs []Input, key string) *Input {
	i := slices.IndexFunc(inputs, func(x Input) bool { return x.key == key })
	if i < 0 {
		return nil
	}
	return &inputs[i]
}

// Masked is a subscription's endpoint as it may be shown.
func Masked(s desired.Subscription) string { return account.MaskEndpoint(s.Protocol, s.Endpoint) }
