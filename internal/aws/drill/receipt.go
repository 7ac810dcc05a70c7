package drill

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// Schema is the value of Receipt.Schema.
const Schema = "monitorctl/drill/v1"

// Cloud is the value of Receipt.Cloud.
const Cloud = "aws"

// A Receipt is the record of a drill of AWS, for an auditor. Nothing in it is secret.
type Receipt struct {
	Schema   string    `json:"schema"`
	Tool     Tool      `json:"tool"`
	ID       string    `json:"id"`
	Cloud    string    `json:"cloud"`
	Account  string    `json:"account"`
	Caller   string    `json:"caller"` // ARN
	Regions  []string  `json:"regions"`
	Started  time.Time `json:"startedAt"` // UTC
	Ended    time.Time `json:"endedAt"`
	Command  []string  `json:"command"`  // without secrets
	Snapshot string    `json:"snapshot"` // SHA-256 of what was read of the account, as 'monitorctl snapshot' writes it; "" when nothing was

	Notify      bool   `json:"notify"` // alarms were to be rung
	AckAsked    bool   `json:"ackAsked"`
	Interrupted bool   `json:"interrupted"`
	Failure     string `json:"failure,omitempty"` // why the drill ended early

	Records  *Records  `json:"records"` // of the user's own; null for none
	Controls []Control `json:"controls"`
	Filters  []Answer  `json:"filters"`
	Alarms   []Rung    `json:"alarms"`
	Counts   []Count   `json:"snsMetrics"` // by topic; what SNS accepted for delivery, not what was read

	NotProven []string `json:"notProven"`

	// SHA256 is that of this file with "" in its place.
	SHA256 string `json:"sha256"`
}

// A Tool is who wrote a receipt.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Records are records of the user's own that filters were tried on.
type Records struct {
	File string `json:"file"`
	Read int    `json:"read"` // messages in it
	Sent int    `json:"sent"` // of them, the first ones
}

// A Control is what came of one control.
type Control struct {
	ID      string   `json:"id"`
	Number  string   `json:"number"` // in the benchmark; "" when it has none there
	Title   string   `json:"title"`
	Alarms  []string `json:"alarms"`            // ARNs
	Outcome Code     `json:"outcome,omitempty"` // "" unless alarms were to be rung
	Refused []Remark `json:"refused"`
	Notes   []Remark `json:"notes"`
}

// A Count is what SNS counted of a topic.
type Count struct {
	Topic string `json:"topic"` // ARN
	Delivery
}

// badness orders codes, the worst first.
var badness = []Code{ActionFailed, NotRung, NoHistory, Changed, Elsewhere, OtherAction, InAlarm, Silenced, NoAlarm, Rule, NotAcknowledged, Delivered, Acknowledged}

// Conclude says what came of each control: the worst that came of its alarms. What a
// drill does not prove is written down.
func (r *Receipt) Conclude() {
	for i := range r.Controls {
		if c := &r.Controls[i]; r.Notify {
			c.Outcome = r.outcome(c)
		}
	}
	r.NotProven = []string{"that CloudTrail delivers its events to the log group: no event was made"}
	switch {
	case !r.Notify:
		r.NotProven = append(r.NotProven, "that an alarm alerts anyone: no alarm was rung ('monitorctl drill --notify' does that)")
	case slices.ContainsFunc(r.Alarms, func(a Rung) bool { return a.Ack != nil }):
		r.NotProven = append(r.NotProven, "that every subscriber read the message: acknowledged means that one person typed its code")
	default:
		r.NotProven = append(r.NotProven, "that a message was read: delivered means that the topic took it, as AWS says")
	}
	if r.Notify {
		r.NotProven = append(r.NotProven, "that the alarm fires for a datapoint: it was set by hand ('monitorctl audit' checks that)")
	}
}

func (r *Receipt) outcome(c *Control) Code {
	var codes []Code
	for _, x := range c.Refused {
		codes = append(codes, x.Code)
	}
	for _, a := range r.Alarms {
		if slices.Contains(c.Alarms, a.Alarm) {
			codes = append(codes, r.codeOf(a))
		}
	}
	if len(codes) == 0 {
		return Rule // nothing else leaves a control without alarm and reason
	}
	return slices.MinFunc(codes, func(a, b Code) int { return slices.Index(badness, a) - slices.Index(badness, b) })
}

// codeOf is what came of an alarm, its acknowledgement included.
func (r *Receipt) codeOf(a Rung) Code {
	switch {
	case a.Outcome != Delivered:
		return a.Outcome
	case a.Ack != nil:
		return Acknowledged
	case r.AckAsked:
		return NotAcknowledged
	}
	return Delivered
}

// Engine says how AWS's answers compare with those of package pattern, over all filters:
// a difference before an answer that is missing.
func (r *Receipt) Engine() Verdict {
	worst := Agree
	for _, a := range r.Filters {
		switch a.Verdict {
		case OursOnly, AWSOnly:
			return a.Verdict
		case NotVerified:
			worst = NotVerified
		}
	}
	return worst
}

// Acknowledge notes that someone typed the code of a message. It returns the ARNs of the
// alarms with that code; none when no message of the drill has it.
func (r *Receipt) Acknowledge(code string, ack Ack) []string {
	var alarms []string
	for i := range r.Alarms {
		if a := &r.Alarms[i]; a.CodeHash != "" && a.CodeHash == hashCode(r.ID, code) {
			a.Ack = &ack
			alarms = append(alarms, a.Alarm)
		}
	}
	r.Conclude()
	return alarms
}

// Waiting are the ARNs of delivered alarms whose code nobody has typed yet.
func (r *Receipt) Waiting() []string {
	var alarms []string
	for _, a := range r.Alarms {
		if a.Outcome == Delivered && a.Ack == nil {
			alarms = append(alarms, a.Alarm)
		}
	}
	return alarms
}

// sumField is the last field of a receipt.
var sumField = regexp.MustCompile(`"sha256": "[0-9a-f]*"\n}\n$`)

// Encode writes a receipt as JSON, with its own SHA-256.
func (r Receipt) Encode() ([]byte, error) {
	sealed := r
	sealed.SHA256 = ""
	data, err := encode(sealed)
	if err != nil {
		return nil, err
	}
	sealed.SHA256 = sumOf(data)
	return encode(sealed)
}

func encode(r Receipt) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(r)
	return b.Bytes(), err
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ReadReceipt reads a receipt that Encode wrote. It refuses one that was changed since.
func ReadReceipt(data []byte) (Receipt, error) {
	var r Receipt
	if err := strictjson.Exact(data, &r); err != nil {
		return r, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	switch {
	case r.Schema != Schema || r.Cloud != Cloud:
		return r, fmt.Errorf("its schema is %q of cloud %q, not %q of %q", r.Schema, r.Cloud, Schema, Cloud)
	case !sumField.Match(data) || r.SHA256 != sumOf(sumField.ReplaceAll(data, []byte("\"sha256\": \"\"\n}\n"))):
		return r, errors.New("its SHA-256 does not match its contents: it was changed after it was written")
	}
	return r, nil
}
