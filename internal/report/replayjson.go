package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/logs"
)

// ReplaySchema is the value of "schema" in JSON replays; the promise of AuditSchema
// holds for it, too.
const ReplaySchema = "monitorctl/replay/v1"

// The structs below are the published form of a replay:
// docs/schema/replay-v1.schema.json.
type (
	jsonReplay struct {
		Schema     string               `json:"schema"`
		Tool       jsonTool             `json:"tool"`
		Window     jsonWindow           `json:"window"`
		Source     jsonSource           `json:"source"`
		Engine     jsonEngine           `json:"engine"`
		Incomplete bool                 `json:"incomplete"`
		Stopped    string               `json:"stopped"`
		Events     int64                `json:"events"`
		Accounts   []string             `json:"accounts"`
		Regions    []string             `json:"regions"`
		Controls   []jsonReplayControl  `json:"controls"`
		Skipped    jsonSkipped          `json:"skipped"`
		Unreadable []jsonUnreadableFile `json:"unreadable"`
		Notes      []string             `json:"notes"`
	}

	jsonWindow struct {
		From  *string `json:"from"` // null without any record
		To    *string `json:"to"`   // excluded
		Clock string  `json:"clock"`
	}

	jsonSource struct {
		Locations []string `json:"locations"`
		Files     int      `json:"files"`
		Bytes     int64    `json:"bytes"`
	}

	jsonEngine struct {
		Name      string   `json:"name"`
		Exact     []string `json:"exact"`
		Statement string   `json:"statement"`
		Bytes     int64    `json:"bytes"`
		Cost      float64  `json:"cost"`

		Queries  []string `json:"queries"`
		Files    int      `json:"filesRead"`
		Here     int      `json:"filesReadHere"`
		Unpacked int64    `json:"unpackedBytes"`
	}

	jsonReplayControl struct {
		Control     string           `json:"control"`
		Title       string           `json:"title"`
		Account     string           `json:"account"`
		Live        bool             `json:"live"`
		Events      int64            `json:"events"`
		Doubt       int64            `json:"doubt"`
		Missed      jsonMissedEvents `json:"missed"`
		PerDay      []jsonDay        `json:"perDay"`
		Actions     int              `json:"alarmActions"`
		Echoes      int              `json:"echoes"`
		Alarms      []jsonFired      `json:"alarms"`
		Told        []string         `json:"told"`
		Nobody      string           `json:"nobody"`
		Unknown     []string         `json:"unknown"`
		Top         jsonTop          `json:"top"`
		Evidence    []jsonEvidenced  `json:"evidence"`
		Suggestions []jsonSuggestion `json:"suggestions"`
		Messages    int64            `json:"messages"`
		Rules       []jsonSent       `json:"rules"`
	}

	jsonSent struct {
		Rule     string   `json:"rule"`
		ARN      string   `json:"arn"`
		Region   string   `json:"region"`
		Messages int64    `json:"messages"`
		Told     []string `json:"told"`
		Nobody   string   `json:"nobody"`
	}

	jsonMissedEvents struct {
		Events int64          `json:"events"`
		Latest *jsonFiredFrom `json:"latest"`
	}

	jsonDay struct {
		Day    string `json:"day"`
		Events int64  `json:"events"`
		Alarms int    `json:"alarms"`

		Messages int64 `json:"messages"`
	}

	jsonFired struct {
		Alarm     string         `json:"alarm"`
		At        string         `json:"at"`
		Event     *jsonFiredFrom `json:"event"` // null for an echo
		Swallowed int64          `json:"swallowed"`
		Echo      bool           `json:"echo"`
		Silent    string         `json:"silent"`
	}

	jsonFiredFrom struct {
		Time      string `json:"time"`
		ID        string `json:"id"`
		Source    string `json:"source"`
		Name      string `json:"name"`
		Principal string `json:"principal"`
		Address   string `json:"address"`
		Tool      string `json:"tool"`
		File      string `json:"file"`
	}

	jsonTop struct {
		Principals []jsonCount `json:"principals"`
		Addresses  []jsonCount `json:"addresses"`
		Tools      []jsonCount `json:"tools"`
		Events     []jsonCount `json:"events"`
		Complete   bool        `json:"complete"`
	}

	jsonCount struct {
		Name  string `json:"name"`
		Count int64  `json:"count"`
	}

	jsonEvidenced struct {
		File   string          `json:"file"`
		ID     string          `json:"id"`
		Record json.RawMessage `json:"record"`
	}

	jsonSuggestion struct {
		Exclude  []jsonExclusion `json:"exclude"`
		Pattern  string          `json:"pattern"`
		Verdict  string          `json:"verdict"`
		Narrowed []string        `json:"narrowed"`
		Silenced int64           `json:"silenced"`
		Alarms   int             `json:"alarms"`
	}

	jsonExclusion struct {
		Path   string `json:"path"`
		Value  string `json:"value"`
		Events int64  `json:"events"`
	}

	jsonSkipped struct {
		Digest    int   `json:"digest"`
		Insight   int   `json:"insight"`
		Other     int   `json:"other"`
		Days      int   `json:"days"`
		Copies    int64 `json:"copies"`
		Oversize  int64 `json:"oversize"`
		TooLarge  int   `json:"tooLarge"`
		Late      int64 `json:"late"`
		NoRecords int64 `json:"noRecords"`
	}

	jsonUnreadableFile struct {
		File  string `json:"file"`
		Cause string `json:"cause"`
	}
)

// topCounts is how many names of each kind a JSON replay has.
const topCounts = 10

// ReplayJSON writes a replay for programs. It says nothing of how long it took.
func ReplayJSON(w io.Writer, r Replay, o Options) error {
	clock := "event"
	if r.Delivered {
		clock = "delivery"
	}
	return encodeJSON(w, jsonReplay{
		Schema: ReplaySchema, Tool: toolOf(o),
		Window:     jsonWindow{timeOrNull(r.From), timeOrNull(r.To), clock},
		Engine:     jsonEngine{r.Engine, list(r.exact()), r.Query.Statement, r.bytes(), r.Price(), list(r.Query.IDs), r.Read.Objects, r.Query.Here, r.Read.Unpacked},
		Source:     jsonSource{list(r.Source.Locations), r.Source.Files, r.Source.Bytes},
		Incomplete: r.Incomplete(), Stopped: r.Stopped, Events: r.Events, Accounts: list(r.Accounts), Regions: list(r.Regions),
		Controls:   each(r.Controls, func(a replay.Answer) jsonReplayControl { return replayControl(&r, &a) }),
		Skipped:    jsonSkipped{r.Skipped.Digest, r.Skipped.Insight, r.Skipped.Other, r.Skipped.Days, r.Copies, r.Oversize, r.Read.Oversize, r.Outside, r.Untimed},
		Unreadable: each(r.Unreadable, func(u logs.Unreadable) jsonUnreadableFile { return jsonUnreadableFile{u.Name, u.Cause} }),
		Notes:      list(r.Notes()),
	})
}

func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(timeOf(t))
}

func replayControl(r *Replay, a *replay.Answer) jsonReplayControl {
	out := jsonReplayControl{
		Control: a.Control.ID, Title: a.Control.Title, Account: a.Control.Account, Live: a.Control.Live, Events: a.Events, Doubt: a.Doubt,
		Missed: jsonMissedEvents{a.Missed, firedFrom(a.Lost)}, PerDay: []jsonDay{}, Actions: a.Alarms(), Echoes: a.Echoes(), Told: list(a.Alerted), Nobody: a.Control.Nobody, Unknown: list(a.Unknown),
		Top:         jsonTop{top(a.Principals), top(a.Addresses), top(a.Tools), top(a.Names), !a.MoreNames},
		Alarms:      each(a.Actions, fired),
		Evidence:    each(a.Evidence, func(e replay.Event) jsonEvidenced { return jsonEvidenced{e.Object, e.ID, masked(e.Record)} }),
		Suggestions: each(a.Suggestions, suggestion),
		Messages:    a.Messages(),
		Rules:       each(a.Sent, sent),
	}
	alarms := alarmsPerDay(a)
	for i, day := range r.days() {
		out.PerDay = append(out.PerDay, jsonDay{day.Format(time.DateOnly), a.Days[i], alarms[day.Format(time.DateOnly)], messagesOn(a, i)})
	}
	return out
}

// messagesOn is how many messages rules sent on a day of the window.
func messagesOn(a *replay.Answer, day int) int64 {
	if day >= len(a.MessageDay) {
		return 0
	}
	return a.MessageDay[day]
}

func sent(m replay.Messages) jsonSent {
	return jsonSent{m.Rule.Name, m.Rule.ARN, m.Rule.Region, m.Sent, list(m.Rule.Alerts), m.Rule.Broken}
}

// alarmsPerDay counts the alarm actions of each day.
func alarmsPerDay(a *replay.Answer) map[string]int {
	days := map[string]int{}
	for _, x := range a.Actions {
		if !x.Echo && x.Silent == "" {
			days[x.At.Add(-time.Minute).Format(time.DateOnly)]++ // it ends the minute
		}
	}
	return days
}

func fired(x replay.Action) jsonFired {
	return jsonFired{Alarm: x.Alarm, At: timeOf(x.At), Event: firedFrom(x.Event), Swallowed: x.Swallowed, Echo: x.Echo, Silent: x.Silent}
}

func firedFrom(e replay.Event) *jsonFiredFrom {
	if e.Time == "" {
		return nil
	}
	return &jsonFiredFrom{e.Time, e.ID, e.Source, e.Name, e.Principal, e.Address, e.Tool, e.Object}
}

func suggestion(s replay.Suggestion) jsonSuggestion {
	return jsonSuggestion{
		Exclude: each(s.Exclude, func(e replay.Exclusion) jsonExclusion { return jsonExclusion(e) }),
		Pattern: s.Pattern, Verdict: s.Verdict, Narrowed: list(s.Narrowed), Silenced: s.Silenced, Alarms: s.Alarms,
	}
}

func top(counts []replay.Count) []jsonCount {
	return each(counts[:min(len(counts), topCounts)], func(c replay.Count) jsonCount { return jsonCount(c) })
}

// secrets are the fields of a record that are nobody's business.
var secrets = map[string]bool{"sessionToken": true, "accessKeyId": true, "secretAccessKey": true}

// masked is a record without its secrets.
func masked(record []byte) json.RawMessage {
	dec := json.NewDecoder(bytes.NewReader(record))
	dec.UseNumber()
	var tree any
	if dec.Decode(&tree) != nil {
		return json.RawMessage(`null`)
	}
	data, err := json.Marshal(maskSecrets(tree))
	if err != nil {
		return json.RawMessage(`null`)
	}
	return data
}

func maskSecrets(node any) any {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			if secrets[key] && value != nil {
				node[key] = "***"
			} else {
				node[key] = maskSecrets(value)
			}
		}
	case []any:
		for i := range node {
			node[i] = maskSecrets(node[i])
		}
	}
	return node
}

// replayColumns are the columns of -o csv. New ones are added at the end.
var replayColumns = []string{"control", "account", "day", "events", "alarms", "alerted", "nobody", "unknown", "messages"}

// ReplayCSV writes a replay for spreadsheets: a row for each control and day.
func ReplayCSV(w io.Writer, r Replay, _ Options) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	err := out.Write(replayColumns)
	for i := range r.Controls {
		a := &r.Controls[i]
		alarms := alarmsPerDay(a)
		for k, day := range r.days() {
			if err != nil {
				return err
			}
			date := day.Format(time.DateOnly)
			row := []string{a.Control.ID, a.Control.Account, date, strconv.FormatInt(a.Days[k], 10), strconv.Itoa(alarms[date]),
				strings.Join(a.Alerted, "; "), a.Control.Nobody, strings.Join(a.Unknown, "; "), strconv.FormatInt(messagesOn(a, k), 10)}
			for c := range row {
				row[c] = cell(row[c])
			}
			err = out.Write(row)
		}
	}
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// exact are the controls that whoever read the files could answer alone, each once: all of
// them where the files were read here.
func (r *Replay) exact() []string {
	if len(r.Query.IDs) > 0 {
		return r.Query.Exact
	}
	var list []string
	for i := range r.Controls {
		list = append(list, r.Controls[i].Control.ID)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// bytes is what the engine read, as stored.
func (r *Replay) bytes() int64 {
	if len(r.Query.IDs) > 0 {
		return r.Query.Scanned
	}
	return r.Read.Packed
}
