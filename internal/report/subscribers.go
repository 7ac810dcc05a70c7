package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/subscribers"
)

// manyControls is how many controls the table names before it only counts them.
const manyControls = 4

// Subscribers writes who is alerted as a table, with a line for each control that alerts
// nobody.
func Subscribers(w io.Writer, l subscribers.List, o Options) error {
	g := &grid{head: []string{"SUBSCRIBER", "STATE", "SINCE", "LEAVES BY", "TOPIC"}, notesHead: "ALERTED FOR", width: o.Width}
	for i := range l.Subscribers {
		s := &l.Subscribers[i]
		g.rows = append(g.rows, gridRow{
			cells: []string{Sanitize(subscriberName(s)), string(s.State), sinceDay(s), dash(s.Leaves), dash(Sanitize(topicName(s.TopicARN)))},
			notes: []string{Sanitize(alertedFor(s))},
		})
	}
	for _, n := range l.Nobody {
		who := "nobody"
		if n.Unknown {
			who = "unknown"
		}
		g.rows = append(g.rows, gridRow{cells: []string{who, "-", "-", "-", "-"}, notes: []string{Sanitize(n.Control + ": " + string(n.Code))}})
	}
	var b strings.Builder
	if len(g.rows) == 0 {
		b.WriteString("There are no subscribers in what was read.\n")
	} else if err := g.write(&b); err != nil {
		return err
	}
	if slices.ContainsFunc(l.Subscribers, func(s subscribers.Subscriber) bool { return s.State == subscribers.Expired }) {
		b.WriteString("\nexpired?: the link in the message is valid for two days. 'monitorctl apply --subscribe' sends it again.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// subscriberName is the protocol and the masked endpoint; of a machine its name.
func subscriberName(s *subscribers.Subscriber) string {
	name := s.Endpoint
	if strings.HasPrefix(name, "arn:") {
		name = name[strings.LastIndexByte(name, ':')+1:]
		if rest, ok := strings.CutPrefix(name, "api-destination/"); ok {
			name, _, _ = strings.Cut(rest, "/")
		}
	}
	if s.Reaches != "" {
		name += " (" + s.Reaches + ")"
	}
	return s.Protocol + " " + name
}

func sinceDay(s *subscribers.Subscriber) string {
	if s.Since.IsZero() {
		return "unknown"
	}
	return s.Since.UTC().Format(time.DateOnly)
}

func topicName(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// alertedFor names the controls, and those that come only in part.
func alertedFor(s *subscribers.Subscriber) string {
	if len(s.Controls) == 0 {
		return "no control in scope"
	}
	names := make([]string, len(s.Controls))
	for i, c := range s.Controls {
		names[i] = c
		if slices.Contains(s.InPart, c) {
			names[i] += " (in part)"
		}
	}
	text := strings.Join(names, ", ")
	if n := len(names); n > manyControls {
		text = fmt.Sprintf("%d controls", n)
		if k := len(s.InPart); k > 0 {
			text += fmt.Sprintf(" (%d in part)", k)
		}
	}
	if s.State == subscribers.Pending || s.State == subscribers.Expired {
		text += ", once confirmed"
	}
	return text
}

type (
	subscribersJSON struct {
		Schema      string           `json:"schema"`
		Subscribers []subscriberJSON `json:"subscribers"`
		Nobody      []nobodyJSON     `json:"nobody"`
	}

	subscriberJSON struct {
		Account  string     `json:"account"`
		Region   string     `json:"region"`
		TopicARN string     `json:"topicArn"` // "" for the target of a rule
		Protocol string     `json:"protocol"`
		Endpoint string     `json:"endpoint"` // masked
		State    string     `json:"state"`
		Since    *time.Time `json:"since"` // null when nobody knows
		LeavesBy string     `json:"leavesBy"`
		Reaches  string     `json:"reaches"`
		Controls []string   `json:"controls"`
		InPart   []string   `json:"inPart"`
	}

	nobodyJSON struct {
		Account string `json:"account"`
		Control string `json:"control"`
		Code    string `json:"code"`
		Unknown bool   `json:"unknown"`
	}
)

// SubscribersJSON writes who is alerted for programs (docs/output.md).
func SubscribersJSON(w io.Writer, l subscribers.List, _ Options) error {
	out := subscribersJSON{Schema: "monitorctl/subscribers/v1", Subscribers: []subscriberJSON{}, Nobody: []nobodyJSON{}}
	for _, s := range l.Subscribers {
		row := subscriberJSON{
			Account: s.Account, Region: s.Region, TopicARN: s.TopicARN, Protocol: s.Protocol, Endpoint: s.Endpoint, State: string(s.State), LeavesBy: s.Leaves, Reaches: s.Reaches,
			Controls: append([]string{}, s.Controls...), InPart: append([]string{}, s.InPart...),
		}
		if !s.Since.IsZero() {
			row.Since = new(s.Since.UTC())
		}
		out.Subscribers = append(out.Subscribers, row)
	}
	for _, n := range l.Nobody {
		out.Nobody = append(out.Nobody, nobodyJSON{n.Account, n.Control, string(n.Code), n.Unknown})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// SubscribersCSV writes a line for each subscriber and control, and for each control that
// alerts nobody.
func SubscribersCSV(w io.Writer, l subscribers.List, _ Options) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"account", "region", "topic", "protocol", "endpoint", "state", "since", "leaves_by", "reaches", "control", "in_part"}}
	for i := range l.Subscribers {
		s := &l.Subscribers[i]
		controls := s.Controls
		if len(controls) == 0 {
			controls = []string{""}
		}
		for _, c := range controls {
			rows = append(rows, []string{s.Account, s.Region, s.TopicARN, s.Protocol, s.Endpoint, string(s.State), sinceDay(s), s.Leaves, s.Reaches, c, fmt.Sprint(slices.Contains(s.InPart, c))})
		}
	}
	for _, n := range l.Nobody {
		state := "nobody"
		if n.Unknown {
			state = "unknown"
		}
		rows = append(rows, []string{n.Account, "", "", "", "", state, "", "", "", n.Control, ""})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
