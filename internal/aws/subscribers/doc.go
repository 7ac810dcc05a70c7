// Package subscribers turns the question of an audit around: not which control reaches
// whom, but who is alerted, and for which controls. It reads a snapshot and the report on
// it, and decides nothing by itself: a subscriber is alerted for a control where the
// report's chain of that control has a way to the topic on which every link carries
// something.
package subscribers
