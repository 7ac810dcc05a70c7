package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail/eventnames"
	"github.com/monitorctl/monitorctl/internal/cloudtrail/vocabulary"
	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/suspicion"
)

// words are the texts of a pattern that never occur in their field.
type words struct{ list []word }

// A word is one of them.
type word struct {
	Finding

	condition int    // offset of the condition
	given     string // as the pattern has it, asterisks included
	meant     string // what was probably meant; "" when that is not known
}

// wordsOf looks at the texts of a pattern whose field has a closed
// vocabulary.
func wordsOf(p *pattern.Pattern) words {
	e, ok := p.Expression()
	if !ok {
		return words{}
	}
	var w words
	signIn := false
	names, only := p.Texts("eventName")
	signIn = only && slices.Equal(names, []string{"ConsoleLogin"})
	eachComparison(e, func(c *pattern.Comparison) {
		if c.Regex || c.Operator != "=" && c.Operator != "!=" {
			return
		}
		v, ok := vocabulary.Of(c.Path)
		switch {
		case c.Path == "eventSource":
			w.source(c)
		case c.Path == "errorMessage" && signIn:
			w.message(c)
		case ok && !v.Occurs(c.Text):
			w.add(c, v)
		}
	})
	return w
}

// eachComparison visits the comparisons of an expression, from left to right.
func eachComparison(e pattern.Expression, visit func(*pattern.Comparison)) {
	if e.Compare != nil {
		visit(e.Compare)
	}
	for _, inner := range e.All {
		eachComparison(inner, visit)
	}
	for _, inner := range e.Any {
		eachComparison(inner, visit)
	}
}

// note adds a word with what it means that it never occurs.
func (w *words) note(c *pattern.Comparison, meant, why, consequence string) {
	shown := c.Text
	if strings.ContainsAny(shown, " \t") {
		shown = `"` + shown + `"`
	}
	message := fmt.Sprintf("%s never occurs: %s", shown, why)
	if c.Operator == "!=" && consequence != "" {
		message += "; nothing is left out: " + consequence
	}
	w.list = append(w.list, word{
		Finding:   Finding{Offset: c.ValueOffset, Code: CodeValue, Message: message},
		condition: c.Offset, given: c.Text, meant: meant,
	})
}

func (w *words) add(c *pattern.Comparison, v vocabulary.Vocabulary) {
	consequence := v.Meaning
	if consequence == "" {
		consequence = "the condition is true of every record that has " + c.Path
	}
	meant := v.Nearest(c.Text)
	switch {
	case v.Form != nil:
		w.note(c, "", c.Path+" is "+v.Form.Words, consequence)
	case meant != "" && strings.EqualFold(meant, c.Text):
		w.note(c, meant, "case counts, "+c.Path+" is "+meant, consequence)
	case meant != "":
		w.note(c, meant, "the nearest of what "+c.Path+" can be is "+meant, consequence)
	default:
		w.note(c, "", c.Path+" is "+orList(v.Values), consequence)
	}
}

// orList writes "a, b or c".
func orList(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// message looks at the error message of a sign-in.
func (w *words) message(c *pattern.Comparison) {
	if meant := vocabulary.SignInMessage(c.Text); meant != "" {
		w.note(c, meant, "the message is "+meant, "the condition is true of every record that has errorMessage")
	}
}

// source looks at an event source.
func (w *words) source(c *pattern.Comparison) {
	if strings.Contains(c.Text, "*") || vocabulary.KnownSource(c.Text) || slices.Contains(eventnames.Sources(), c.Text) {
		return
	}
	meant, sure := vocabulary.NearestSource(c.Text)
	switch {
	case meant != "":
		w.note(c, meant, "it is not an event source, the nearest is "+meant, "the condition is true of every record")
	case sure:
		w.note(c, "", "event sources are names such as kms.amazonaws.com", "the condition is true of every record")
	}
}

// explains reports whether a suspicion says less about a condition than a word
// does.
func (w words) explains(s suspicion.Suspicion) bool {
	if s.Code != suspicion.Never && s.Code != suspicion.Always && s.Code != events.SuspectUnknown {
		return false
	}
	return slices.ContainsFunc(w.list, func(have word) bool { return have.condition == s.Offset || have.Offset == s.Offset })
}

// withoutThem drops what is lost only in records that do not occur.
func (w words) withoutThem(lost []string) []string {
	return slices.DeleteFunc(lost, func(text string) bool {
		return slices.ContainsFunc(w.list, func(have word) bool { return strings.Contains(text, "= \""+have.given+"\"") })
	})
}

// harmless reports whether a suspicion is about what the benchmarks themselves
// write: a sign-in without the field MFAUsed is one of a federated user.
func (words) harmless(s suspicion.Suspicion) bool {
	return s.Code == suspicion.Missing && strings.HasPrefix(s.Text, "false where additionalEventData.MFAUsed is missing")
}

// noSession is said of conditions on sessions in patterns about sign-ins.
const noSession = "IAM users have no sessionContext when they sign in"

// reword says what a missing field means where the pattern is about sign-ins.
func (words) reword(f Finding, p *pattern.Pattern) Finding {
	names, only := p.Texts("eventName")
	about := only && slices.Equal(names, []string{"ConsoleLogin"})
	if about && f.Code == string(suspicion.Missing) && strings.HasPrefix(f.Message, "false where userIdentity.sessionContext.") {
		f.Message = noSession + ", so that none of their sign-ins counts; " + f.Message
	}
	return f
}

// correct puts in what was probably meant; changes names what was changed, ""
// when nothing was.
func (w words) correct(text string) (corrected, changes string) {
	var said []string
	sorted := slices.SortedFunc(slices.Values(w.list), func(a, b word) int { return b.Offset - a.Offset })
	for _, have := range sorted {
		rest := text[have.Offset:]
		i := strings.Index(rest, strings.Trim(have.given, "*"))
		if have.meant == "" || i < 0 || i > 2 {
			continue
		}
		bare := strings.Trim(have.given, "*")
		meant := have.meant
		if strings.Contains(meant, " ") && i == 0 {
			meant = `"` + meant + `"`
		}
		text = text[:have.Offset+i] + meant + rest[i+len(bare):]
		said = append(said, have.meant+" in place of "+bare)
	}
	slices.Reverse(said)
	return text, strings.Join(said, " and ")
}

// unknownSources notes event sources whose events are not listed: the names that
// a pattern asks for were not checked.
func (w words) unknownSources(p *pattern.Pattern) []Finding {
	listed := eventnames.Sources()
	var list []Finding
	for _, l := range p.Equalities("eventSource", "eventName") {
		said := slices.ContainsFunc(w.list, func(have word) bool { return have.Offset == l.Offset })
		if said || strings.Contains(l.Value, "*") || slices.Contains(listed, l.Value) || len(l.Beside) == 0 {
			continue
		}
		if vocabulary.KnownSource(l.Value) || strings.HasSuffix(l.Value, ".amazonaws.com") {
			list = append(list, Finding{
				Offset: l.Offset, Code: CodeUnlisted,
				Message: "the events of " + l.Value + " are not listed: " + orList(l.Beside) + " was not checked",
			})
		}
	}
	return list
}
