package cloudtrail

import (
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/cloudtrail/vocabulary"
	"github.com/monitorctl/monitorctl/internal/cover"
)

// everyRecord is what is known of the records of all events that trails record,
// those of data and network events included.
var everyRecord = func() *cover.Schema {
	s := Probe{Failures: true}.Schema()
	for i := range s.Fields {
		switch f := &s.Fields[i]; f.Name {
		case "managementEvent":
			f.Kinds = cover.TrueKind | cover.FalseKind
		case "eventCategory":
			v, _ := vocabulary.Of(f.Name)
			f.Texts = v.Values
		}
	}
	s.Laws = append(slices.DeleteFunc(slices.Clone(s.Laws), func(l cover.Law) bool { return l.Axiom() == axiomEventTypes }), closed(axiomAllEventTypes, "eventType"))
	return s
}()

// tied are the fields that laws tie to each other, or limit, by their paths.
var tied = func() [][2]string {
	var list [][2]string
	for _, l := range everyRecord.Laws {
		when, then := l.Paths()
		list = append(list, [2]string{when.Field(), then.Field()})
	}
	return list
}()

// Never returns the axioms that tie fields to each other for which a matcher
// matches no record of any event, sorted; nil when some record may match. The
// paths are those on which it asks something: where no law is about two of them
// the answer takes no time.
func Never(ctx context.Context, m cover.Matcher, paths []string) []string {
	lawful := slices.ContainsFunc(tied, func(pair [2]string) bool { return slices.Contains(paths, pair[0]) && slices.Contains(paths, pair[1]) })
	if !lawful {
		return nil
	}
	set := cover.Records{Schema: everyRecord, Example: Probe{Failures: true}.example}
	q := cover.Question{Base: everyRecord, Matchers: []cover.Matcher{m}, Sets: []cover.Records{set}}
	if cover.Touches(ctx, q)[0] {
		return nil
	}
	return slices.DeleteFunc(cover.Axioms(ctx, q, cover.Missed), func(axiom string) bool {
		return !slices.ContainsFunc(everyRecord.Laws, func(l cover.Law) bool { return l.Axiom() == axiom })
	})
}

// NearestValue returns the value of a field with a closed vocabulary that a text
// which is none of them was probably meant to be, "" when none is near.
func NearestValue(path, text string) string {
	v, ok := vocabulary.Of(path)
	if !ok || v.Occurs(text) {
		return ""
	}
	return v.Nearest(text)
}
