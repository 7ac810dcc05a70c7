package message

import (
	"github.com/monitorctl/monitorctl/internal/aws/transformer"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// Earlier returns the texts that earlier versions wrote where For is written now, newest
// first. A message with one of them was edited by nobody: it is brought up to date. Whoever
// changes a text of this package adds what it was, word for word, and a test that holds it.
func Earlier(f channel.Form, a About) []transformer.Transformer {
	switch f {
	case channel.Email:
		return []transformer.Transformer{mailWithoutTool(a)}
	case channel.PagerDuty: // its line ended with a blank where there was no error
		return []transformer.Transformer{pagerDuty(a, "<what> by <kind> <who> in <acct>/<where> from <from> at <when> <err>")}
	}
	return nil
}

// mailWithoutTool is Mail before it named the console session and the invoking service.
func mailWithoutTool(a About) transformer.Transformer {
	return of(quotedLines(
		"monitorctl: "+plain(a.Title),
		"",
		"What:   <what> (<svc>)",
		"Who:    <kind> <who>",
		"Where:  account <acct>, region <where>",
		"When:   <when>",
		"From:   <from>",
		"Error:  <err>",
		"",
		link(a),
	))
}
