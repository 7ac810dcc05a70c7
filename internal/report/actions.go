package report

import (
	"fmt"
	"strings"

	"github.com/fatih/color"

	"github.com/monitorctl/monitorctl/internal/change"
)

// writeActionList writes the actions of a plan or a removal, each with a sign.
func writeActionList(b *strings.Builder, actions []change.Action, o Options) {
	for _, a := range actions {
		writeAction(b, a, o)
		if !o.Brief {
			b.WriteByte('\n')
		}
	}
	if o.Brief {
		b.WriteByte('\n')
	}
}

// writeSum ends a plan: how many actions there are of each sign, where no list scrolls it
// away, and what carries them out. The command is one line, to be copied.
func writeSum(b *strings.Builder, actions []change.Action, next string, o Options) {
	if len(actions) == 0 {
		return
	}
	text := "Plan: " + tallyWords(change.TallyOf(actions, "")) + "."
	if next == "" {
		paragraph(b, "", "", text, o.Width)
		return
	}
	paragraph(b, "", "", text+" To carry it out:", o.Width)
	fmt.Fprintf(b, "  %s\n", Sanitize(next))
}

// tallyWords returns "8 to add, 1 to change, 0 to remove, 1 needs manual action".
func tallyWords(t change.Tally) string {
	text := fmt.Sprintf("%d to add, %d to change, %d to remove", t.Add, t.Change, t.Remove)
	switch {
	case t.Waits == 1:
		text += ", 1 needs manual action"
	case t.Waits > 1:
		text += fmt.Sprintf(", %d need manual action", t.Waits)
	}
	return text
}

// writeAction writes one change with its sign and, unless that is to be brief, its
// fields and its purpose.
func writeAction(b *strings.Builder, a change.Action, o Options) {
	sign := painter{o.Color}.sign(change.SignOf(a))
	paragraph(b, sign+" ", "  ", Sanitize(changeLine(a)), o.Width)
	if o.Brief {
		return
	}
	line := writeFields(b, "    ", a.Fields(o.Verbose), o)
	if why := a.Common().Why; why != "" {
		line("because", why)
	}
	if closes := a.Common().Closes; len(closes) > 0 {
		line("for", strings.Join(closes, ", "))
	}
}

// verbs are what the lines of actions begin with, and what a sign says in their place.
var verbs = []struct{ verb, instead string }{
	{"create ", ""}, {"update ", ""}, {"delete ", ""}, {"add ", ""}, {"remove ", ""}, {"set the ", ""}, {"register the ", ""},
	{"subscribe ", "subscriber "}, {"unsubscribe ", "subscriber "},
}

// changeLine is the line of an action without its verb.
func changeLine(a change.Action) string {
	for _, v := range verbs {
		if rest, ok := strings.CutPrefix(a.String(), v.verb); ok {
			return v.instead + rest
		}
	}
	return a.String()
}

// sign returns the sign of an action in its color.
func (p painter) sign(s change.Sign) string {
	of := map[change.Sign]color.Attribute{change.Adds: color.FgGreen, change.Changes: color.FgYellow, change.Removes: color.FgRed}
	return p.paint(string(rune(s)), of[s])
}

// A jsonTally is how many actions there are of each sign.
type jsonTally struct {
	Add    int `json:"add"`
	Change int `json:"change"`
	Remove int `json:"remove"`
	Waits  int `json:"waits"`
}

func tallyOf(actions []change.Action) jsonTally { return jsonTally(change.TallyOf(actions, "")) }
