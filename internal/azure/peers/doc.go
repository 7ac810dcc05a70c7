// Package peers says what other auditors of Azure would say of the same alert rules: for
// each required operation whether they would pass it. It never changes a verdict; it
// tells why two reports on one subscription differ.
//
// Each peer is one file: what it asks for, and by which rule. What a peer asks is a
// fact about its published check, named with its source and version there; the real
// check functions of Prowler run over the same objects in the conformance tests. All of
// them look at alert rules alone and at one rule at a time: none reads an alert
// processing rule or a receiver.
//
// An opinion is about one subscription by itself. Powerpipe's queries keep one alert
// rule for all subscriptions together, so that over several it fails more than stands
// here.
package peers
